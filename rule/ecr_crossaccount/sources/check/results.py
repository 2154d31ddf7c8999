"""A report as a flat list of results, for every format except JSON and text, and the findings that do not count.

Every format has the number of the suppressed and known findings, and the worst of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import PurePath

from ...documents.document import Document, statements_in
from ...documents.problems import first_of
from ...judgement.values.verdict import Grant, SettledBy, Severity, Undecided
from ...memo import by_value
from ...questions.change.answer import Opened
from ...questions.change.states import read_of
from ..files.values.nodes import Place
from ..found.found import FoundPolicy, Suppression, Unread
from ..found.remarks import Remark
from .findings import Finding, Report, Stated, document_of, statement_of
from .rules import INVALID, UNDECIDED, Rule, rule_of


@by_value
class Result:
    """One fault of one policy. `grant`: None if the result is undecided or invalid.

    `conditional`: whether the access exists only under a condition that the reason names. `document`: the document that
    contains `statement`. For a registry policy, `stated` gives the place, if known.
    """

    finding: Finding
    rule: Rule
    at: Place
    reason: str
    statement: int | None = None
    grant: Grant | None = None
    document: Document = Document.REPOSITORY
    conditional: bool = False
    settled_by: SettledBy = None

    @property
    def is_undecided(self) -> bool:
        """Whether it depends on something unknown."""
        return self.conditional or self.rule is UNDECIDED

    @property
    def is_elsewhere(self) -> bool:
        """Whether the fault of a repository comes from its registry's policy."""
        return self.finding.is_elsewhere(self.document)

    @property
    def stated(self) -> Stated | None:
        """Where the statement of the registry's policy is. None if the fault comes from the policy itself."""
        return self.finding.stated_in(self.statement, self.document)

    @property
    def policy(self) -> object:
        """The policy that contains the statement. None if it is the registry's policy and that is not here."""
        if not self.is_elsewhere:
            return self.finding.found.policy
        stated = self.stated
        return None if stated is None else stated.registry.found.policy

    @property
    def own_statement(self) -> int | None:
        """The number of the statement in that policy."""
        stated = self.stated
        return self.statement if stated is None else stated.statement

    @property
    def message(self) -> str:
        """The message: the resource, the registry policy if it is the cause, and the reason."""
        by = f"by {self.by}: " if self.is_elsewhere else ""
        doubt = "cannot be decided: " if self.rule is UNDECIDED else ""
        return f"{self.finding.found.resource}: {by}{doubt}{self.reason}"

    @property
    def by(self) -> str:
        """The statement of the registry's policy and its place, as far as known."""
        stated = self.stated
        if stated is None:
            return "the registry policy"
        which = f"statement {stated.statement} of " if stated.statement is not None else ""
        name = "" if stated.registry.is_given else f" `{stated.registry.found.resource}`"
        return f"{which}the registry policy{name}, {stated.at.file}:{stated.at.line}"

    @property
    def suppression(self) -> Suppression | None:
        """The suppression that applies, if any. If only approved ones count, the one that ends first."""
        own, approved = self.finding.suppression_of(self.statement, self.document), self.finding.approved
        if own is None or approved is None:
            return own
        before = approved.get(self.fingerprint)
        return None if before is None else min(own, before, key=lambda one: one.until)

    @property
    def accepted(self) -> str | None:
        """Why the result does not count: it is suppressed or in the baseline. None if it counts."""
        suppression = self.suppression
        if suppression is not None:
            return str(suppression)
        return KNOWN if self.finding.known is not None and self.key in self.finding.known else None

    @property
    def is_known(self) -> bool:
        """Whether it does not count because an earlier run reported it."""
        return self.accepted == KNOWN

    @property
    def told(self) -> str:
        """The message, and until when and why the result is suppressed, if it is."""
        return self.message if self.suppression is None else f"{self.message} ({self.suppression})"

    @property
    def label(self) -> str:
        """The severity in a word, after SUPPRESSED if the result is suppressed."""
        return self.severity.name if self.suppression is None else f"SUPPRESSED {self.severity.name}"

    @property
    def key(self) -> Hashable:
        """What tells it from the other results for its policy."""
        grant = self.grant
        who = None if grant is None else (grant.kind, grant.grantee, grant.actions, grant.public)
        return self.rule.id, self.document, self.statement, who, self.reason

    @property
    def severity(self) -> Severity:
        """The severity of the rule."""
        return self.rule.severity

    @property
    def sid(self) -> str | None:
        """The Sid of the statement, if known."""
        return self.grant.sid if self.grant else None

    @property
    def fingerprint(self) -> str:
        """A digest of resource, access, and the statements that decide about it. It stays the same if lines move."""
        from hashlib import sha256  # noqa: PLC0415 - few formats show it

        grant = self.grant
        who = () if grant is None else (grant.kind.value, grant.grantee, grant.public, *grant.actions)
        what = sorted(set(self._meaning())) if self.statement is not None else [self.reason]
        identity = [*where_of(self.finding.found), self.document.value, self.rule.id, *who, what]
        return sha256(json.dumps(identity).encode()).hexdigest()

    def _meaning(self) -> Iterator[str]:
        """Yield the statement, and the Denies beside it, in a form that does not depend on order and Sids."""
        for form in self.finding.state.forms:
            for number, one in enumerate(statements_in(read_of(form.documents[-1 if self.is_elsewhere else 0]))):
                is_deny = isinstance(one, Mapping) and one.get("Effect") == "Deny"
                if is_deny or form.number(number, self.document) == self.statement:
                    yield json.dumps(_normalize(one), sort_keys=True, default=str)


def _normalize(value: object) -> object:
    """Return a part of a policy without Sids, with lists in a fixed order, and a single entry without its list."""
    if isinstance(value, Mapping):
        return {str(name): _normalize(one) for name, one in value.items() if name != "Sid"}
    if isinstance(value, list):
        entries = sorted(
            (_normalize(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True, default=str)
        )
        return entries[0] if len(entries) == 1 else entries
    return value


KNOWN = "known: an earlier run reported it"


def new_in(results: Sequence[Result], opened: Opened) -> list[Result]:
    """Return the results for a policy that are about what is opened.

    If none of them shows what a statement opens, all results for it count. If there are none, all for the policy do.
    """
    found: list[Result] = []
    parts: list[Grant | Undecided] = [*(change.grant for change in opened.changes), *opened.undecided]
    for part in parts:
        mine = [result for result in results if _is_about(result, part)]
        mine = mine or [
            result for result in results if (result.document, result.statement) == (part.document, part.statement)
        ]
        found += mine or results
    return [result for result in results if result in found]


def _is_about(result: Result, part: Grant | Undecided) -> bool:
    if (result.document, result.statement) != (part.document, part.statement):
        return False
    grant = part if isinstance(part, Grant) else part.grant
    if grant is None or result.grant is None:
        return grant is result.grant
    return (result.grant.kind, result.grant.grantee) == (grant.kind, grant.grantee)


def where_of(found: FoundPolicy) -> tuple[str, str, str]:
    """Return the identity of a policy across runs."""
    return PurePath(found.at.file).as_posix(), found.resource, found.kind.value


def in_places(reason: str, places: Sequence[str]) -> str:
    """Return a reason that applies to several places, with their number and the first three."""
    return f"{reason} ({len(places)} places: {first_of(places, _MOST_PLACES)})"


@by_value
class Fault:
    """One reason why something could not be read, and everything that it applies to."""

    reason: str
    errors: tuple[Unread, ...]

    @property
    def first(self) -> Unread:
        """The first of the errors, for formats that show a fault in one place."""
        return self.errors[0]

    @property
    def message(self) -> str:
        """The reason, and the places if there are several."""
        if len(self.errors) == 1:
            return self.reason
        return in_places(self.reason, [error.where for error in self.errors])


_MOST_PLACES = 3


def faults_of(report: Report) -> tuple[Fault, ...]:
    """Return the errors of a report, grouped by reason: the same reason for 21 policies needs one fix."""
    groups: dict[str, list[Unread]] = {}
    for error in report.errors:
        groups.setdefault(error.reason, []).append(error)
    return tuple(Fault(reason, tuple(errors)) for reason, errors in groups.items())


def results_of(report: Report) -> Iterator[Result]:
    """Yield all results, policy by policy in the report's order, the worst of each policy first."""
    for finding in report.findings:
        yield from results_in(finding)


def results_in(finding: Finding) -> Iterator[Result]:
    """Yield all results for one policy."""
    verdict = finding.verdict
    for grant in verdict.grants:
        at = _place(finding, grant.statement, grant.document)
        yield Result(finding, rule_of(grant), at, grant.reason, grant.statement, grant, grant.document)
    for undecided in verdict.undecided:
        at = _place(finding, undecided.statement, undecided.document)
        rule = UNDECIDED if undecided.grant is None else rule_of(undecided.grant)
        about = (
            undecided.statement,
            undecided.grant,
            undecided.document,
            undecided.grant is not None,
            finding.found.settle(undecided.settled_by),
        )
        yield Result(finding, rule, at, undecided.reason, *about)
    for fault in verdict.invalid:
        number, document = statement_of(fault), document_of(fault)
        at = _place(finding, number, document)
        yield Result(finding, INVALID, at, f"{fault.at}: {fault.reason}", number, document=document)


def _place(finding: Finding, statement: int | None, document: Document) -> Place:
    """Return the place of a statement. For the registry's policy it is the place of the repository that it opens."""
    return finding.found.at if finding.is_elsewhere(document) else finding.place_of(statement)


_MOST_GROUPS = 3


def accepted_in(results: Iterable[Result]) -> str:
    """Return how many findings do not count, the worst first: `1 suppressed: CRITICAL until 9999-12-31`. May be empty.

    Findings of a baseline have no last day: `2 known: 2 HIGH`.
    """
    kinds: dict[str, list[Result]] = {"suppressed": [], "known": []}
    for result in results:
        if result.accepted is not None:
            kinds["known" if result.is_known else "suppressed"].append(result)
    return ", ".join(f"{len(those)} {word}: {_by_severity(those)}" for word, those in kinds.items() if those)


def with_accepted(results: Sequence[Result], remarks: Iterable[Remark]) -> Iterator[Remark]:
    """Yield a remark about the findings that do not count, placed at the first of them, then the other remarks."""
    accepted = accepted_in(results)
    if accepted:
        yield Remark(accepted, next(result.at for result in results if result.accepted is not None))
    yield from remarks


def _by_severity(results: Iterable[Result]) -> str:
    counts = Counter((result.severity, result.suppression.until if result.suppression else None) for result in results)
    order = sorted(counts, key=lambda group: (-group[0], -(group[1] or date.max).toordinal()))
    return first_of([_group(counts[one], *one) for one in order], _MOST_GROUPS)


def _group(count: int, severity: Severity, until: date | None) -> str:
    number = f"{count} " if count > 1 else ""
    return f"{number}{severity.name}" + ("" if until is None else f" until {until}")
