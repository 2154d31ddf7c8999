"""What the judgement answers about each policy found, and what a run comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..access.judge import Repository
from ..access.verdict import Severity, Verdict
from .context import Context
from .found import FoundPolicy, Harvest, Place, Skipped, Unread
from .judging import judged


@dataclass(frozen=True, slots=True)
class Finding:
    """One policy and its verdict; `repository` is what it was judged for."""

    found: FoundPolicy
    repository: Repository
    verdict: Verdict

    @property
    def at(self) -> Place:
        """The place of the worst offending statement, else of the policy."""
        grants, undecided = self.verdict.grants, self.verdict.undecided
        numbers = [grant.statement for grant in grants] + [one.statement for one in undecided]
        return next((self.place_of(number) for number in numbers if number is not None), self.found.at)

    def place_of(self, statement: int | None) -> Place:
        """The place of a statement by its number, that of the policy where it is not known."""
        places = self.found.statements
        return places[statement] if statement is not None and statement < len(places) else self.found.at


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found, in the order of the files."""

    findings: tuple[Finding, ...]
    errors: tuple[Unread, ...] = ()
    skipped: tuple[Skipped, ...] = ()


NO_ACCOUNT = "no owner account: give --account"


def report_of(harvest: Harvest, context: Context) -> Report:
    """Judge every policy of a harvest; one whose owner nobody names becomes an error."""
    findings: list[Finding] = []
    errors = list(harvest.errors)
    for found in harvest.policies:
        account = found.account or context.account
        if account is None:
            errors.append(Unread(found.at.file, found.at.line, f"{found.resource}: {NO_ACCOUNT}"))
            continue
        one = judged(found, account, context)
        findings.append(Finding(found, one.repository, one.verdict))
    return Report(tuple(findings), tuple(dict.fromkeys(errors)), tuple(dict.fromkeys(harvest.skipped)))


def severity_of(findings: Iterable[Finding]) -> Severity | None:
    """Return the worst severity of all, None if nothing was found."""
    return max((one for one in (finding.verdict.severity for finding in findings) if one), default=None)
