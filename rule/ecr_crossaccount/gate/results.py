"""A report, one result after another: what every format but JSON and text lists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from ..access.verdict import Grant, Severity
from ..policy.problems import first_of
from .findings import Finding, Identity, Report, statement_of
from .found import FoundPolicy, Unread
from .rules import INVALID, UNDECIDED, Rule, rule_of
from .values.places import Place


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that is wrong with one policy. `grant` is None for what is undecided or invalid."""

    finding: Finding
    rule: Rule
    at: Place
    reason: str
    statement: int | None = None
    grant: Grant | None = None

    @property
    def message(self) -> str:
        """What is wrong, and with which resource."""
        doubt = "cannot be decided: " if self.rule is UNDECIDED else ""
        return f"{self.finding.found.resource}: {doubt}{self.reason}"

    @property
    def accepted(self) -> str | None:
        """Why it does not count: it is suppressed, or an earlier run had found it. None if it counts."""
        suppression = self.finding.suppression_of(self.statement)
        if suppression is not None:
            return str(suppression)
        return KNOWN if self.identities <= self.finding.baseline else None

    @property
    def identities(self) -> frozenset[Identity]:
        """What it is by, from run to run: each access of a grantee by itself, for more of it is new."""
        where, grant = where_of(self.finding.found), self.grant
        return by_doubt(where, self.rule, self.reason) if grant is None else by_grant(where, grant)

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
        who = (self.grant.kind.value, self.grant.grantee, self.grant.sid) if self.grant else (self.message,)
        identity = json.dumps([*where_of(self.finding.found), self.rule.id, *who])
        return hashlib.sha256(identity.encode()).hexdigest()


KNOWN = "known: an earlier run had found it"


def by_grant(where: Identity, grant: Grant) -> frozenset[Identity]:
    """Return what a grant is by, of a policy that is by `where`."""
    who = (grant.kind.value, grant.grantee, grant.sid)
    return frozenset((*where, *who, access.value) for access in grant.access)


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
        yield Result(finding, rule_of(grant), finding.place_of(grant.statement), grant.reason, grant.statement, grant)
    for one in verdict.undecided:
        yield Result(finding, UNDECIDED, finding.place_of(one.statement), one.reason, one.statement)
    for fault in verdict.invalid:
        number = statement_of(fault)
        yield Result(finding, INVALID, finding.place_of(number), f"{fault.at}: {fault.reason}", number)
