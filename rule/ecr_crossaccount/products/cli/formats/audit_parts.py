"""The parts of an audit's text: names of repositories, groups of similar findings, opinions and unknowns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ....documents.problems import count_of
from ....judgement.kinds.table import ROWS
from ....judgement.kinds.table import ResourceKind as Kind
from ....judgement.values.verdict import Grant, Severity, Verdict
from ....memo import by_value
from ....sources.check.rules import INVALID, UNDECIDED
from ...audit.items import AMBIGUOUS, Unread, kind_and_name
from ...audit.outcomes import STAND_IN, Outcome
from ...audit.report import AuditReport, Scope
from ...audit.rows import Audited, expand_outcome
from ...audit.second_opinion import Answer, Disagreement, Opinion, SecondOpinion, Side
from ...kinds.handling import SETTINGS, Lack
from ..base.program import visible
from .text import SEVERITIES, Page, Text, access_in_words, grant_in_words, group_items, who

if TYPE_CHECKING:
    from ....sources.check.results import Result

SHOWN = 5
"""The number of repositories that are named if there are many."""
_ARN_PARTS = 6


def display_name(kind: Kind, name: str) -> str:
    """Return the name that people use for a repository, a registry policy, or another setting of a registry."""
    return ROWS[kind].called.format(name)


@by_value
class Names:
    """Names repositories of an audit. The account or Region precedes a name if the audit has several of them."""

    scope: Scope

    def name_of(self, arn: str) -> str:
        """Return the name of one repository."""
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) < _ARN_PARTS:
            return visible(arn)
        account = parts[4] if len(self.scope.accounts) > 1 else ""
        region = parts[3] if len(self.scope.regions) > 1 else ""
        name = display_name(*kind_and_name(parts[5]))
        return visible("/".join(part for part in (account, region, name) if part))

    def some(self, arns: Iterable[str]) -> str:
        """Return the names of several repositories. If there are many, only the first."""
        every = [*dict.fromkeys(arns)]
        return self.name_members(Members(len(every), every[:SHOWN]))

    def name_members(self, members: Members) -> str:
        """Return the names of the first of several repositories, and how many more there are."""
        names = [self.name_of(arn) for arn in members.first]
        more, shown = members.count - len(names), ", ".join(names)
        return f"{members.count:,} repositories: {shown} and {more:,} more" if more > 0 else shown


Doubt = tuple[str, str]
"""An undecided or invalid policy: the word for it, and the reason."""

RULES = {"UNDECIDED": UNDECIDED, "INVALID": INVALID}
"""The rule for each of these words."""


def doubts(verdict: Verdict) -> Iterator[Doubt]:
    """Yield the undecided and invalid parts of one verdict."""
    yield from (("UNDECIDED", undecided.reason) for undecided in verdict.undecided)
    yield from (("INVALID", f"{invalid.at}: {invalid.reason}") for invalid in verdict.invalid)


def known_in(report: AuditReport, one: Audited) -> list[Grant | Doubt]:
    """Return the grants and doubts of a repository whose findings the earlier audit has too."""
    from ....sources.check.results import results_in
    from ...audit.since import finding_of

    results = list(results_in(finding_of(one, report)))
    new = [_what(result) for result in results if result.accepted is None]
    return [what for what in map(_what, results) if what not in new]


def _what(result: Result) -> Grant | Doubt:
    labels = [word for word, rule in RULES.items() if rule is result.rule]
    return (labels[0], result.reason) if labels or result.grant is None else result.grant


def finding_in_words(what: Grant | Doubt) -> str:
    """Return who gets what access, or the reason for doubt."""
    if isinstance(what, Grant):
        return grant_in_words(what)
    return " ".join(what)


_AT_HAND = 4096
"""The most outcomes whose content is kept."""


@dataclass(slots=True)
class Members:
    """Repositories that arrive in the order of their ARNs: their number, and the first few."""

    count: int = 0
    first: list[str] = field(default_factory=list)
    _last: str = ""

    def add(self, arn: str) -> None:
        """Count a repository. Repeated calls with the same ARN count once."""
        if arn == self._last:
            return
        self._last = arn
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(arn)


def _by_members() -> defaultdict[Any, Members]:
    return defaultdict(Members)


@dataclass(slots=True)
class Gets:
    """A grantee who has the same access to several repositories, and the reasons."""

    severity: Severity
    subject: str
    access: str
    grant: Grant
    members: Members = field(default_factory=Members)
    reasons: dict[str, Members] = field(default_factory=_by_members)


@dataclass(slots=True)
class Groups:
    """Everything to show about repositories, in the order in which they arrive."""

    grants: dict[tuple[Severity, str, str], Gets] = field(default_factory=dict)
    doubts: dict[Doubt, Members] = field(default_factory=_by_members)
    trusted: dict[tuple[int, str, str], Members] = field(default_factory=_by_members)
    known: dict[str, Members] = field(default_factory=_by_members)
    known_findings: int = 0
    ambiguous: list[tuple[str, str]] = field(default_factory=list)

    def worst_first(self) -> list[Gets]:
        """Return the grants, the worst first."""
        return sorted(self.grants.values(), key=attrgetter("severity"), reverse=True)

    def add(self, arn: str, said: _Said) -> None:
        """Add the content for one repository."""
        for grant, subject, access, reason in said.grants:
            key = (grant.severity, subject, access)
            group = self.grants.get(key)
            if group is None:
                group = self.grants[key] = Gets(*key, grant)
            group.members.add(arn)
            group.reasons[reason].add(arn)
        for doubt in said.doubts:
            self.doubts[doubt].add(arn)
        for one in said.trusted:
            self.trusted[one].add(arn)
        for line in said.known:
            self.known[line].add(arn)
        self.known_findings += len(said.known)
        if said.places is not None:
            self.ambiguous.append((arn, said.places))


@by_value
class _Said:
    """The content for an outcome. `names_owner` says whether the owner's account number must be inserted."""

    grants: tuple[tuple[Grant, str, str, str], ...]
    """Each with the grantee, the access, and the reason."""
    doubts: tuple[Doubt, ...]
    trusted: tuple[tuple[int, str, str], ...]
    known: tuple[str, ...]
    places: str | None
    names_owner: bool

    @property
    def is_empty(self) -> bool:
        return not (self.grants or self.doubts or self.trusted or self.known or self.places)

    def for_account(self, account: str) -> _Said:
        """Return a copy with the account number of one owner."""

        def own(text: str) -> str:
            return text.replace(STAND_IN, account)

        return replace(
            self,
            grants=tuple((grant, own(subject), access, own(reason)) for grant, subject, access, reason in self.grants),
            doubts=tuple((label, own(reason)) for label, reason in self.doubts),
            trusted=tuple((entry, own(subject), access) for entry, subject, access in self.trusted),
        )


def groups_of(report: AuditReport) -> Groups:
    """Return the content for a report."""
    found, rows = Groups(), report.audited
    at_hand: dict[int, _Said] = {}
    for arn, number in rows.outcome_numbers():
        said = at_hand.get(number)
        if said is None:
            if len(at_hand) >= _AT_HAND:
                at_hand.clear()
            said = at_hand[number] = _describe_outcome(rows.store[number])
        if said.is_empty:
            continue
        if report.known is not None:
            found.add(arn, _without_known(report, expand_outcome(arn, rows.place_of(arn), rows.store[number])))
        else:
            found.add(arn, said.for_account(rows.place_of(arn)[0]) if said.names_owner else said)
    return found


def _describe_outcome(one: Outcome | Audited) -> _Said:
    verdict = one.verdict
    grants = tuple(
        (grant, who(grant.kind, grant.grantee), access_in_words(grant.access), grant.reason) for grant in verdict.grants
    )
    uncertain = tuple(doubts(verdict))
    trusted = tuple((one.entry, who(one.kind, one.grantee), access_in_words(one.access)) for one in one.trusted)
    texts = [
        *(text for _, subject, _, reason in grants for text in (subject, reason)),
        *(reason for _, reason in uncertain),
        *(subject for _, subject, _ in trusted),
    ]
    names_owner = any(STAND_IN in text for text in texts)
    return _Said(grants, uncertain, trusted, (), one.places, names_owner)


def _without_known(report: AuditReport, one: Audited) -> _Said:
    """Return the findings of a repository that are not in the baseline, and in short those that are."""
    said, known = _describe_outcome(one), known_in(report, one)
    return replace(
        said,
        grants=tuple(what for what in said.grants if what[0] not in known),
        doubts=tuple(what for what in said.doubts if what not in known),
        known=tuple(map(finding_in_words, known)),
    )


TITLE = "Second opinion of IAM Access Analyzer"
_WORDS = {
    Answer.AGREES: "agree",
    Answer.DIFFERS: "differ",
    Answer.NO_POLICY: "without a policy that it could analyze",
    Answer.UNKNOWN: "without a second opinion",
}


def show_opinion(page: Page, opinion: SecondOpinion, names: Names) -> None:
    """Write how the two opinions compare, and where they differ."""
    page.heading(TITLE)
    for region, one in opinion.opinions.items():
        page.line(f"{visible(region)}: {describe_analyzer(one)}", 2)
    page.line(standing(opinion), 2)
    for _, members in group_items(opinion.disagreements, _key):
        page.line()
        _show(page, members, names)


def describe_analyzer(opinion: Opinion) -> str:
    """Return the name of the analyzer and its zone of trust."""
    zone = "the organization" if opinion.analyzer.trusts_organization else "the account"
    return f"analyzer `{visible(opinion.analyzer.name)}`, whose zone of trust is {zone}"


def standing(opinion: SecondOpinion) -> str:
    """Return how many repositories agree, differ or have no second opinion."""
    counts = [(opinion.count(answer), _WORDS[answer]) for answer in Answer]
    said = ", ".join(f"{count:,} {words}" for count, words in counts if count) or "no repository to compare"
    unexplained = len(opinion.unexplained)
    return f"{said}; {unexplained:,} of {len(opinion.disagreements):,} differences unexplained"


def side_in_words(side: Side) -> str:
    """Return one side's answer and its reason."""
    access = f" {access_in_words(side.access)}" if side.access else ""
    return visible(f"{side.says.value.replace('-', ' ')}{access}: {side.reason}")


def whom(one: Disagreement) -> str:
    """Return the grantee whose access the two opinions disagree about."""
    return visible(who(one.kind, one.grantee))


def label(one: Disagreement) -> str:
    """Return the word for the explanation of a difference."""
    return one.explained_by.value.replace("-", " ") if one.explained_by else "unexplained"


def _key(one: Disagreement) -> tuple[object, ...]:
    return one.explained_by, one.kind, one.grantee, one.ours.says, one.ours.access, one.theirs.says, one.theirs.access


def _show(page: Page, members: list[Disagreement], names: Names) -> None:
    """Write differences that are the same except for the repository. The reasons are those of the first."""
    one = members[0]
    style = "dim" if one.explained_by else SEVERITIES[Severity.MEDIUM]
    headline = Text(whom(one), "bold").append(f" of {names.some(member.arn for member in members)}")
    page.field("differs" if one.explained_by else "DIFFERS", headline, 2, style)
    page.field("audit", side_in_words(one.ours), 2)
    page.field("analyzer", side_in_words(one.theirs), 2)
    page.field("because", f"{label(one)}: {visible(one.explanation)}", 2)
    if len({(member.ours.reason, member.theirs.reason) for member in members}) > 1:
        page.field("", "the others have reasons of their own: --format json has them all", 2)


_MOST_AMBIGUOUS = 5
_AUDIT_ITSELF = "audit the account itself to"


def lacks(errors: Iterable[Unread]) -> Iterator[str]:
    """Yield a short text for each kind of data that could not be read."""
    found = tuple(errors)
    policies = [error for error in found if error.about is Lack.POLICY and error.registry is None]
    if count := sum(error.count or 0 for error in policies):
        yield f"{count:,} not read"
    if any(error.count is None for error in policies):
        yield "not everything could be read"
    if registries := sum(error.registry is not None for error in found):
        yield f"{count_of(registries, 'registry policy', 'registry policies')} not read"
    kinds = Counter(error.about for error in found)
    if tags := kinds[Lack.TAGS]:
        yield f"the tags of {tags:,} not read"
    yield from _lacking_settings(kinds)
    if kinds[Lack.ORGANIZATION]:
        yield "everything that `self` trusts counts as foreign, because the organization is unknown"
    if kinds[Lack.CONTROL_POLICIES]:
        yield "resource control policies not read"
    if kinds[Lack.USE]:
        yield "use not read"
    if opinions := sum(error.count or 0 for error in found if error.about is Lack.SECOND_OPINION):
        yield f"no second opinion on {opinions:,}"
    elif kinds[Lack.SECOND_OPINION]:
        yield "no second opinion"


def _lacking_settings(kinds: Mapping[Lack, int]) -> Iterator[str]:
    for setting in SETTINGS.values():
        if count := kinds.get(setting.lack):
            where = f" of {count:,} Regions" if count > 1 else ""
            yield f"the {setting.briefly}{where} not read"


def not_held(scope: Scope) -> Iterator[str]:
    """Yield a sentence for each kind of data that the source does not contain, so that it does not seem judged."""
    if count := scope.unseen_registries:
        several = count > 1
        what = f"the policies of {count:,} registries were" if several else "the registry policy was"
        yield f"{what} not read, and may open or close more: {_AUDIT_ITSELF} count {'them' if several else 'it'}"
    if not scope.settings_read:
        first, *rest = (setting.briefly for setting in SETTINGS.values())
        what = f"{', '.join([first, *rest[:-1]])} and {rest[-1]}"
        yield f"{what} were not read, and may open more: {_AUDIT_ITSELF} judge them"


def show_ambiguous(page: Page, found: Sequence[tuple[str, str]], names: Names) -> None:
    """Write the repositories that have several recordings without a known order, and the places of the recordings."""
    if not found:
        return
    page.line()
    page.field("AMBIGUOUS", f"{AMBIGUOUS}: the worst counts", 0, SEVERITIES[Severity.MEDIUM])
    for arn, places in found[:_MOST_AMBIGUOUS]:
        page.field("", f"{names.name_of(arn)}: {visible(places)}", 0)
    if len(found) > _MOST_AMBIGUOUS:
        page.field("", f"and {len(found) - _MOST_AMBIGUOUS:,} more: --format json has them all", 0)
    page.field("way out", "select `configurationItemCaptureTime` in the query, or give one recording of each", 0)
