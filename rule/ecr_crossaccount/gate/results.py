"""A report, one result after another: what every format but JSON and text lists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from ..access.verdict import Grant, Severity
from .findings import Finding, Report
from .found import Place
from .rules import INVALID, UNDECIDED, Rule, rule_of


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that is wrong with one policy. `grant` is None for what is undecided or invalid."""

    finding: Finding
    rule: Rule
    at: Place
    message: str
    statement: int | None = None
    grant: Grant | None = None

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
        found = self.finding.found
        who = (self.grant.kind.value, self.grant.grantee, self.grant.sid) if self.grant else (self.message,)
        identity = json.dumps([found.at.file, found.resource, found.kind.value, self.rule.id, *who])
        return hashlib.sha256(identity.encode()).hexdigest()


def results_of(report: Report) -> Iterator[Result]:
    """Yield everything that is wrong, policy by policy in the report's order, the worst of each first."""
    for finding in report.findings:
        yield from results_in(finding)


def results_in(finding: Finding) -> Iterator[Result]:
    """Yield everything that is wrong with one policy."""
    verdict, resource = finding.verdict, finding.found.resource
    for grant in verdict.grants:
        at = finding.place_of(grant.statement)
        yield Result(finding, rule_of(grant), at, f"{resource}: {grant.reason}", grant.statement, grant)
    for one in verdict.undecided:
        at = finding.place_of(one.statement)
        yield Result(finding, UNDECIDED, at, f"{resource}: cannot be decided: {one.reason}", one.statement)
    for fault in verdict.invalid:
        yield Result(finding, INVALID, finding.found.at, f"{resource}: {fault.at}: {fault.reason}")
