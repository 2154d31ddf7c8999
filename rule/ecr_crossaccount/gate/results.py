"""A report as a flat list of results, for every format except JSON and text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from ..access.verdict import Grant, Severity
from ..policy.document import Document
from ..policy.problems import first_of
from .findings import Finding, Identity, Report, Stated, document_of, statement_of
from .found import EXCHANGES, FoundPolicy, Suppression, Unread
from .rules import INVALID, UNDECIDED, Rule, rule_of
from .values.places import Place


@dataclass(frozen=True, slots=True)
class Result:
    """One fault of one policy. `grant`: None if the result is undecided or invalid.

    `document`: the document that contains `statement`. For a registry policy, `stated` gives the place, if known.
    """

    finding: Finding
    rule: Rule
    at: Place
    reason: str
    statement: int | None = None
    grant: Grant | None = None
    document: Document = Document.REPOSITORY

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
        if not self.is_elsewhere:
            return self._said
        return f"{self.finding.found.resource}: by {self.by}: {self._doubt}{self.reason}"

    @property
    def _said(self) -> str:
        return f"{self.finding.found.resource}: {self._doubt}{self.reason}"

    @property
    def _doubt(self) -> str:
        return "cannot be decided: " if self.rule is UNDECIDED else ""

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
        """The suppression that applies, if any."""
        return self.finding.suppression_of(self.statement, self.document)

    @property
    def accepted(self) -> str | None:
        """Why the result does not count: it is suppressed or in the baseline. None if it counts."""
        suppression = self.suppression
        if suppression is not None:
            return str(suppression)
        return KNOWN if self.identities <= self.finding.baseline else None

    @property
    def identities(self) -> frozenset[Identity]:
        """The identities across runs, one for each access of a grantee, because more access is a new finding."""
        where, grant = where_of(self.finding.found), self.grant
        if grant is None:
            return by_doubt(where, self.rule, self.reason)
        return by_grant(where, grant, elsewhere=self.is_elsewhere)

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
        """A digest of resource, rule and grantee. It stays the same if lines move."""
        who = _who(self.grant, elsewhere=self.is_elsewhere) if self.grant else (self._said,)
        identity = json.dumps([*where_of(self.finding.found), self.rule.id, *who])
        return hashlib.sha256(identity.encode()).hexdigest()


KNOWN = "known: an earlier run reported it"


def by_grant(where: Identity, grant: Grant, *, elsewhere: bool) -> frozenset[Identity]:
    """Return the identities of a grant.

    `where`: that of the policy. `elsewhere`: whether the registry's policy gives it.
    """
    what = (grant.reason,) if where[-1] in EXCHANGES else ()
    return frozenset((*where, *_who(grant, elsewhere=elsewhere), *what, access.value) for access in grant.access)


def _who(grant: Grant, *, elsewhere: bool) -> Identity:
    """Return the identity of a grantee. It names the document only for the registry's policy."""
    return (*((grant.document.value,) if elsewhere else ()), grant.kind.value, grant.grantee, grant.sid)


def by_doubt(where: Identity, rule: Rule, reason: str) -> frozenset[Identity]:
    """Return the identities of an undecided or invalid result."""
    return frozenset({(*where, rule.id, reason)})


def where_of(found: FoundPolicy) -> Identity:
    """Return the identity of a policy across runs."""
    return PurePath(found.at.file).as_posix(), found.resource, found.kind.value


def in_places(reason: str, places: Sequence[str]) -> str:
    """Return a reason that applies to several places, with their number and the first three."""
    return f"{reason} ({len(places)} places: {first_of(places, _MOST_PLACES)})"


@dataclass(frozen=True, slots=True)
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
            return self.first.message
        return in_places(self.reason, [f"{one.where} {one.resource}".rstrip() for one in self.errors])


_MOST_PLACES = 3


def faults_of(report: Report) -> tuple[Fault, ...]:
    """Return the errors of a report, grouped by reason: the same reason for 21 policies needs one fix."""
    groups: dict[str, list[Unread]] = {}
    for one in report.errors:
        groups.setdefault(one.reason, []).append(one)
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
    for one in verdict.undecided:
        at = _place(finding, one.statement, one.document)
        yield Result(finding, UNDECIDED, at, one.reason, one.statement, document=one.document)
    for fault in verdict.invalid:
        number, document = statement_of(fault), document_of(fault)
        at = _place(finding, number, document)
        yield Result(finding, INVALID, at, f"{fault.at}: {fault.reason}", number, document=document)


def _place(finding: Finding, statement: int | None, document: Document) -> Place:
    """Return the place of a statement. For the registry's policy it is the place of the repository that it opens."""
    return finding.found.at if finding.is_elsewhere(document) else finding.place_of(statement)
