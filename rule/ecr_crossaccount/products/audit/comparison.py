"""The comparison of this audit with IAM Access Analyzer: claims and findings in the same terms, and why they differ.

Everything that an audit of an account has judged is compared, Region by Region.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache

from ...documents.document import Actions, UniqueId, aws_principal
from ...judgement.values.actions import ActionSets, access_of, access_of_names
from ...judgement.values.verdict import Access, Kind
from ...memo import by_value
from ...sources.aws.calls import Calls
from ..kinds.handling import Lack
from .items import Unread
from .report import AuditReport
from .rows import Audited
from .second_opinion import (
    ARCHIVED,
    RESOLVED,
    Answer,
    Disagreement,
    Explanation,
    Finding,
    Opinion,
    Region,
    Says,
    SecondOpinion,
    Side,
    silent,
)
from .usage import Account

_EVERYBODY = "*"
_OF_CALLERS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:userid",
    }
)
"""The condition keys whose values name an account or organization."""
_VALUES = re.compile(r"[^\s,\[\]\"']+")
"""The values of one key. The API has one string for each key, and does not document how it contains several values."""
_ACCOUNT = re.compile(r"[0-9*?]{1,12}")
_ORGANIZATION = re.compile(r"o-[a-z0-9*?]{1,32}")
_OF_AN_ARN = 6


@by_value
class Grantee:
    """The grantee of a finding: patterns of accounts and organizations, services, or everyone.

    `anybody` means that its principal is `*`. The accounts and organizations are then those in its conditions.
    """

    accounts: frozenset[str]
    organizations: frozenset[str]
    services: frozenset[str]
    anybody: bool

    @property
    def everybody(self) -> bool:
        """Whether no account and no organization is named, even if there are other conditions."""
        return self.anybody and not self.accounts and not self.organizations

    def is_exactly(self, kind: Kind, grantee: str) -> bool:
        """Return whether the finding is about this grantee in particular, and not only about everyone."""
        match kind:
            case Kind.ACCOUNT:
                return _any_like(grantee, self.accounts)
            case Kind.ORGANIZATION:
                return _any_like(grantee.rpartition(" ")[2], self.organizations)
            case Kind.SERVICE:
                return grantee.partition(" ")[0] in self.services
            case Kind.ANY:
                return self.everybody

    def includes(self, kind: Kind) -> bool:
        """Return whether the finding is about everyone, including grantees of this kind."""
        return self.everybody or (self.anybody and kind in (Kind.ANY, Kind.SERVICE))


def grantee_of(finding: Finding) -> Grantee:
    """Return the grantee of a finding."""
    aws = finding.principal.get("AWS", "")
    conditions = [text for key, text in finding.condition.items() if key.lower() in _OF_CALLERS]
    texts = [value for text in (aws, *conditions) for value in _values(text)]
    accounts = {account for account in map(_account_in, texts) if account.strip("*")}
    organizations = {text.partition("/")[0] for text in texts if _ORGANIZATION.match(text)}
    return Grantee(
        frozenset(accounts),
        frozenset(
            organization
            for organization in organizations
            if _ORGANIZATION.fullmatch(organization) and organization != "o-*"
        ),
        frozenset(_values(finding.principal.get("Service", ""))),
        _EVERYBODY in _values(aws),
    )


def name_grantee(finding: Finding) -> tuple[Kind, str]:
    """Return the kind and name of a finding's grantee, for a reader."""
    grantee = grantee_of(finding)
    principal = ", ".join(finding.principal.values()) or "a principal that it does not name"
    if grantee.services:
        return Kind.SERVICE, principal
    if len(grantee.accounts) == 1 and not grantee.organizations:
        return Kind.ACCOUNT, next(iter(grantee.accounts))
    if len(grantee.organizations) == 1 and not grantee.accounts:
        return Kind.ORGANIZATION, next(iter(grantee.organizations))
    return Kind.ANY, "any AWS account" if grantee.everybody else principal


def is_deleted(finding: Finding) -> bool:
    """Return whether a finding is about the unique ID that remains of a deleted principal."""
    return isinstance(aws_principal(finding.principal.get("AWS", "")), UniqueId)


def _values(text: str) -> list[str]:
    return _VALUES.findall(text)


def _account_in(text: str) -> str:
    """Return the account in a number or an ARN, which may be a pattern, or "" if there is none."""
    parts = text.split(":", _OF_AN_ARN - 1)
    found = parts[4] if len(parts) == _OF_AN_ARN else parts[0]
    return found if _ACCOUNT.fullmatch(found) else ""


def _any_like(name: str, patterns: frozenset[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@dataclass(slots=True)
class Claim:
    """The external access of one grantee according to this audit: unapproved actions and approved ones."""

    kind: Kind
    grantee: str
    public: bool = False
    open: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    reasons: dict[str, None] = field(default_factory=dict)

    @property
    def access(self) -> tuple[Access, ...]:
        """The access levels of all its actions."""
        return access_of_names(self.open | self.approved)

    def side(self) -> Side:
        """Return the claim as this audit's side of a comparison."""
        return Side(Says.GRANTED if self.open else Says.APPROVED, self.access, "; ".join(self.reasons))

    def covers(self, finding: Finding) -> bool:
        """Return whether the claim covers all principals of a finding."""
        return self.public or self.is_of(finding) or (self.kind is Kind.ANY and finding.public)

    def is_of(self, finding: Finding) -> bool:
        """Return whether a finding is about the claim's grantee in particular, and not only about everyone."""
        return grantee_of(finding).is_exactly(self.kind, self.grantee)


def claims_of(report: AuditReport, one: Audited) -> Iterable[Claim]:
    """Return this audit's claim about each grantee, approved or not.

    For a repository, only its own policy counts. A second opinion does not analyze the registry policy, which has its
    own entry.
    """
    found: dict[tuple[Kind, str], Claim] = {}
    for grant in (grant for grant in one.verdict.grants if grant.document is one.own):
        claim = found.setdefault((grant.kind, grant.grantee), Claim(grant.kind, grant.grantee, grant.public))
        claim.open.update(grant.actions)
        claim.reasons[grant.reason] = None
    for trusted in one.trusted:
        claim = found.setdefault((trusted.kind, trusted.grantee), Claim(trusted.kind, trusted.grantee))
        claim.approved.update(trusted.actions)
        entry = report.trust.entries[trusted.entry]
        by = f", by {entry.owner}" if entry.owner else ""
        claim.reasons[f"trust[{trusted.entry}] approves it{by}: {entry.reason or 'no reason given'}"] = None
    return found.values()


@lru_cache(maxsize=1024)
def reach(actions: tuple[str, ...]) -> frozenset[Access]:
    """Return the access levels of a finding's actions. A finding without actions may allow all of them."""
    if not actions:
        return frozenset(Access)
    element = Actions(negated=False, patterns=actions)
    return frozenset(access_of(ActionSets().allowed_actions(element)[0]))


_LATER = "Access Analyzer takes up to 30 minutes to see a changed policy: compare again then"
_EXPLAINED = {
    Explanation.TRUST: "the trust register approves this access, and Access Analyzer does not know the register",
    Explanation.SERVICE: "Access Analyzer may not report AWS services: its documentation says that it does not, and "
    "also lists them among those that it reports",
    Explanation.ARCHIVED: "the finding is archived: someone, or an archive rule, marked the access as intended",
    Explanation.RESOLVED: f"Access Analyzer saw this access end, so it may have been opened again since. {_LATER}",
    Explanation.REGISTRY_POLICY: "Access Analyzer does not analyze registry policies",
    Explanation.UNDECIDED: "this audit could not decide, and does not take Access Analyzer's word for it",
    Explanation.DELETED_PRINCIPAL: "the principal was deleted, and its id gives no access",
    Explanation.NOT_JUDGED: "this audit did not read the repository, or it no longer exists",
}
_UNEXPLAINED = f"nothing explains this. {_LATER}, and report it if it remains"


def compare(report: AuditReport, opinions: Mapping[str, Opinion], unread: Iterable[Unread]) -> SecondOpinion:
    """Compare a report with the opinions of its Regions. `unread` are the errors while the opinions were read."""
    answers: dict[str, Answer] = {}
    found: list[Disagreement] = []
    errors = [*unread]
    for repository in report.repositories:
        opinion = opinions.get(repository.item.region)
        answer, more = (Answer.UNKNOWN, []) if opinion is None else _compare_repository(report, repository, opinion)
        answers[repository.item.arn] = answer
        found += more
        if opinion is not None and answer is Answer.UNKNOWN:
            errors.append(_not_analyzed(repository, opinion))
    for registry in report.registries:
        if registry.item.region in opinions:
            found += (_of_registry(registry, claim) for claim in claims_of(report, registry))
    for opinion in opinions.values():
        found += _of_others(opinion, answers)
    found.sort(key=lambda one: (one.explained_by is not None, one.arn))
    return SecondOpinion(opinions, answers, tuple(found), tuple(errors))


def _compare_repository(report: AuditReport, one: Audited, opinion: Opinion) -> tuple[Answer, list[Disagreement]]:
    findings = opinion.findings.get(one.item.arn, ())
    if any(finding.error and finding.is_active for finding in findings):
        return Answer.UNKNOWN, []
    if not findings and one.item.arn not in opinion.analyzed:
        return (Answer.NO_POLICY if one.item.policy is None else Answer.UNKNOWN), []
    found = [*_Repository(one, opinion, findings, tuple(claims_of(report, one))).disagreements()]
    return (Answer.DIFFERS if found else Answer.AGREES), found


def _not_analyzed(one: Audited, opinion: Opinion) -> Unread:
    item, name = one.item, opinion.analyzer.name
    error = next((finding.error for finding in opinion.findings.get(item.arn, ()) if finding.error), None)
    why = f"could not analyze it: {error}" if error else "has not analyzed it yet: compare again later"
    return Unread(f"IAM Access Analyzer `{name}` {why}", item.account, item.region, item.arn, Lack.SECOND_OPINION)


@by_value
class _Repository:
    """One repository that both have analyzed."""

    one: Audited
    opinion: Opinion
    seen: tuple[Finding, ...]
    claims: tuple[Claim, ...]

    def disagreements(self) -> Iterator[Disagreement]:
        for claim in self.claims:
            yield from self._of_claim(claim)
        beyond = [more for one in self.seen if one.is_active for more in self._of_finding(one)]
        yield from beyond
        if self._doubts() and not any(disagreement.explained_by is Explanation.UNDECIDED for disagreement in beyond):
            arn, explained = self.one.item.arn, Explanation.UNDECIDED
            said = self._says_nothing()
            yield Disagreement(
                arn, Kind.ANY, "someone outside", self._undecided_side(), said, (), explained, _why(explained)
            )

    def _of_claim(self, claim: Claim) -> Iterator[Disagreement]:
        """Yield differences of a claim: Access Analyzer does not report it, or reports something else."""
        # If no finding names the grantee, those about everyone count.
        exact = tuple(one for one in self.seen if claim.is_of(one))
        about = exact or tuple(one for one in self.seen if grantee_of(one).includes(claim.kind))
        active = tuple(one for one in about if one.is_active)
        archived = tuple(one for one in about if one.status == ARCHIVED)
        if active and not _missing(claim, active):
            if not claim.open:
                yield self._differs(claim, Says.GRANTED, active, Explanation.TRUST)
        elif archived and not _missing(claim, active + archived):
            if claim.open:
                yield self._differs(claim, Says.ARCHIVED, archived, Explanation.ARCHIVED)
        elif active:
            yield self._less(claim, Says.GRANTED, active)
        elif any(one.status == RESOLVED for one in self._that_tell_of(claim, about)):
            yield self._differs(claim, Says.RESOLVED, about, Explanation.RESOLVED)
        else:
            yield self._less(claim, Says.NOTHING, ())

    def _that_tell_of(self, claim: Claim, about: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return the findings about a claim's kind. For a service, only findings that name it count.

        AWS is not consistent about whether services are reported: "does not currently report findings from AWS service
        principals" (IAM's user guide, access-analyzer-concepts), but "an external entity can be [...] an AWS service"
        (what-is-access-analyzer). A finding about everyone proves nothing about a service.
        """
        return tuple(one for one in about if claim.kind is not Kind.SERVICE or claim.is_of(one))

    def _less(self, claim: Claim, says: Says, seen: tuple[Finding, ...]) -> Disagreement:
        """Return the difference that Access Analyzer reports less than the claim, with any explanation."""
        inside = self._inside(claim)
        if claim.kind is Kind.SERVICE and not self._that_tell_of(claim, seen):
            return self._differs(claim, says, seen, Explanation.SERVICE)
        return self._differs(claim, says, seen, Explanation.ORGANIZATION if inside else None, inside)

    def _inside(self, claim: Claim) -> str | None:
        """Return why the grantee may be in the analyzer's zone of trust, or None if it cannot be."""
        if not self.opinion.analyzer.trusts_organization:
            return None
        own = self.one.repository.organization
        zone = "the organization is the analyzer's zone of trust, so it reports none of its accounts"
        if claim.kind is Kind.ORGANIZATION and own in (None, claim.grantee):
            return zone if own else f"{zone}, if the organization is this one (--organization names it)"
        return f"{zone}, if this account is one of them" if claim.kind is Kind.ACCOUNT else None

    def _of_finding(self, one: Finding) -> Iterator[Disagreement]:
        """Yield the difference if Access Analyzer reports access that this audit does not."""
        covering = [claim for claim in self.claims if claim.covers(one)]
        ours = access_of_names({action for claim in covering for action in claim.open | claim.approved})
        if not (covering and reach(one.actions) <= {*ours}):
            reasons = "; ".join(reason for claim in covering for reason in claim.reasons)
            says = Says.GRANTED if any(claim.open for claim in covering) else Says.APPROVED
            side = Side(says, ours, reasons) if covering else self._nothing()
            yield _extra_access(self.one.item.arn, one, side, self._explains(one))

    def _explains(self, finding: Finding) -> Explanation | None:
        if is_deleted(finding):
            return Explanation.DELETED_PRINCIPAL
        return Explanation.UNDECIDED if self._doubts() else None

    def _nothing(self) -> Side:
        if self._doubts():
            return self._undecided_side()
        none = "no statement of the policy allows it" if self.one.item.policy is not None else "there is no policy"
        return Side(Says.NOTHING, (), none)

    def _undecided_side(self) -> Side:
        return Side(Says.UNDECIDED, (), "; ".join(self._doubts()))

    def _doubts(self) -> Sequence[str]:
        verdict = self.one.verdict
        return [undecided.reason for undecided in verdict.undecided] + [
            f"{invalid.at}: {invalid.reason}" for invalid in verdict.invalid
        ]

    def _differs(
        self,
        claim: Claim,
        says: Says,
        seen: tuple[Finding, ...],
        explained: Explanation | None,
        explanation: str | None = None,
    ) -> Disagreement:
        said = _their_side(says, seen) if seen else self._says_nothing()
        why = explanation or _why(explained)
        return Disagreement(self.one.item.arn, claim.kind, claim.grantee, claim.side(), said, seen, explained, why)

    def _says_nothing(self) -> Side:
        when = self.opinion.analyzed.get(self.one.item.arn)
        none = "no other finding" if any(one.is_active for one in self.seen) else "no finding"
        return Side(Says.NOTHING, (), f"{none}; analyzed at {when}" if when else none)


def _of_registry(one: Audited, claim: Claim) -> Disagreement:
    explained = Explanation.REGISTRY_POLICY
    said = Side(Says.NOTHING, (), _why(explained))
    return Disagreement(one.item.arn, claim.kind, claim.grantee, claim.side(), said, (), explained, _why(explained))


def _of_others(opinion: Opinion, answers: Mapping[str, Answer]) -> Iterator[Disagreement]:
    """Yield the active findings about repositories that this audit has not judged."""
    ours = Side(Says.NOT_READ, (), "not judged")
    for arn, findings in opinion.findings.items():
        for finding in findings if arn not in answers else ():
            if finding.is_active:
                yield _extra_access(arn, finding, ours, Explanation.NOT_JUDGED)


def _extra_access(arn: str, one: Finding, ours: Side, explained: Explanation | None) -> Disagreement:
    kind, name = name_grantee(one)
    said = _their_side(Says.GRANTED, (one,))
    return Disagreement(arn, kind, name, ours, said, (one,), explained, _why(explained))


def _why(explained: Explanation | None) -> str:
    return _EXPLAINED[explained] if explained else _UNEXPLAINED


def _their_side(says: Says, seen: Sequence[Finding]) -> Side:
    access = {access for one in seen for access in reach(one.actions)}
    reasons = "; ".join(_in_words(one) for one in seen)
    return Side(says, tuple(one for one in Access if one in access), reasons)


def _missing(claim: Claim, seen: Iterable[Finding]) -> set[Access]:
    return {*claim.access}.difference(*(reach(one.actions) for one in seen))


def _in_words(finding: Finding) -> str:
    principal = ", ".join(f"{kind} {value}" for kind, value in finding.principal.items()) or "no principal named"
    where = ", ".join(f"{key} {value}" for key, value in finding.condition.items())
    parts = [
        f"finding {finding.id}, {finding.status}: {principal}",
        f"where {where}" if where else "",
        ", ".join(finding.actions),
        f"analyzed at {finding.analyzed}",
        "a resource control policy may forbid it" if finding.restriction == "APPLICABLE" else "",
    ]
    return ", ".join(part for part in parts if part)


def second_opinion(account: Account, report: AuditReport, tell: Callable[[str], None]) -> SecondOpinion:
    """Compare Access Analyzer's opinion with a report. Calls `tell` to show the progress."""
    regions = {name: Region(account.caller.access_analyzer(name), account.number, name) for name in account.regions}
    repositories = Counter(repository.item.region for repository in report.repositories)
    opinions: dict[str, Opinion] = {}
    unread: list[Unread] = []
    for name, region in regions.items():
        tell(f"asking IAM Access Analyzer, {name}")
        answer = region.opinion()
        if isinstance(answer, Opinion):
            opinions[name] = answer
        else:
            unread.append(replace(answer, repositories=repositories[name]))
    quiet = [*silent(compare(report, opinions, ()).disagreements)]
    calls = Calls(account.caller.concurrency)
    for name, opinion in opinions.items():
        arns = [arn for arn in quiet if arn in opinion.analyzed]
        opinions[name], unknown = regions[name].add_times(opinion, arns, calls)
        unread += unknown
    return compare(report, opinions, unread)
