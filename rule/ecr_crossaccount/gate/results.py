"""A report, one result after another: what every format but JSON and text lists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
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
    """One thing that is wrong with one policy. `grant` is None for what is undecided or invalid.

    `document`: the one that `statement` stands in; of the registry's policy, `stated` says where that is, if known.
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
        """Whether it is the registry's policy by which something is wrong with a repository."""
        return self.finding.is_elsewhere(self.document)

    @property
    def stated(self) -> Stated | None:
        """Where the statement of the registry's policy stands; None of what is wrong by the policy itself."""
        return self.finding.stated_in(self.statement, self.document)

    @property
    def policy(self) -> object:
        """The policy that the statement stands in; None where that is the registry's and it is not here."""
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
        """What is wrong, and with which resource, and by which policy."""
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
        """Which statement of the registry's policy it is, and where that stands, as far as that is known."""
        stated = self.stated
        if stated is None:
            return "the registry policy"
        which = f"statement {stated.statement} of " if stated.statement is not None else ""
        name = "" if stated.registry.is_given else f" `{stated.registry.found.resource}`"
        return f"{which}the registry policy{name}, {stated.at.file}:{stated.at.line}"

    @property
    def suppression(self) -> Suppression | None:
        """Why someone has decided to leave it, if so."""
        return self.finding.suppression_of(self.statement, self.document)

    @property
    def accepted(self) -> str | None:
        """Why it does not count: it is suppressed, or an earlier run had found it. None if it counts."""
        suppression = self.suppression
        if suppression is not None:
            return str(suppression)
        return KNOWN if self.identities <= self.finding.baseline else None

    @property
    def identities(self) -> frozenset[Identity]:
        """What it is by, from run to run: each access of a grantee by itself, for more of it is new."""
        where, grant = where_of(self.finding.found), self.grant
        if grant is None:
            return by_doubt(where, self.rule, self.reason)
        return by_grant(where, grant, elsewhere=self.is_elsewhere)

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.rule.severity

    @property
    def sid(self) -> str | None:
        """The Sid of the statement, where one is known."""
        return self.grant.sid if self.grant else None

    @property
    def fingerprint(self) -> str:
        """What stays the same while lines move: of the resource, what is wrong and with whom, not where it stands."""
        who = _who(self.grant, elsewhere=self.is_elsewhere) if self.grant else (self._said,)
        identity = json.dumps([*where_of(self.finding.found), self.rule.id, *who])
        return hashlib.sha256(identity.encode()).hexdigest()


KNOWN = "known: an earlier run reported it"


def by_grant(where: Identity, grant: Grant, *, elsewhere: bool) -> frozenset[Identity]:
    """Return what a grant is by, of a policy that is by `where`; `elsewhere`: whether that of the registry gives it."""
    what = (grant.reason,) if where[-1] in EXCHANGES else ()
    return frozenset((*where, *_who(grant, elsewhere=elsewhere), *what, access.value) for access in grant.access)


def _who(grant: Grant, *, elsewhere: bool) -> Identity:
    """Return whom a grant is to, and by which of the two policies: of the own one, without a word."""
    return (*((grant.document.value,) if elsewhere else ()), grant.kind.value, grant.grantee, grant.sid)


def by_doubt(where: Identity, rule: Rule, reason: str) -> frozenset[Identity]:
    """Return what something undecided or invalid is by, likewise."""
    return frozenset({(*where, rule.id, reason)})


def where_of(found: FoundPolicy) -> Identity:
    """Return what a policy is by, from run to run."""
    return PurePath(found.at.file).as_posix(), found.resource, found.kind.value


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why something could not be read, and all that it speaks of."""

    reason: str
    errors: tuple[Unread, ...]

    @property
    def first(self) -> Unread:
        """The first of them, beside which a format shows it that shows it in one place."""
        return self.errors[0]

    @property
    def message(self) -> str:
        """What is wrong, and of several with which."""
        if len(self.errors) == 1:
            return self.first.message
        places = [f"{one.where} {one.resource}".rstrip() for one in self.errors]
        return f"{self.reason} ({len(places)} places: {first_of(places, _MOST_PLACES)})"


_MOST_PLACES = 3


def faults_of(report: Report) -> tuple[Fault, ...]:
    """Return the errors of a report, each reason once: what is said of 21 policies alike is one thing to mend."""
    groups: dict[str, list[Unread]] = {}
    for one in report.errors:
        groups.setdefault(one.reason, []).append(one)
    return tuple(Fault(reason, tuple(errors)) for reason, errors in groups.items())


def results_of(report: Report) -> Iterator[Result]:
    """Yield everything that is wrong, policy by policy in the report's order, the worst of each first."""
    for finding in report.findings:
        yield from results_in(finding)


def results_in(finding: Finding) -> Iterator[Result]:
    """Yield everything that is wrong with one policy."""
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
    """Return where a statement stands; of the registry's policy, the repository itself: that is what it opens."""
    return finding.found.at if finding.is_elsewhere(document) else finding.place_of(statement)
