"""`--fail-on`: the lowest severity that fails the run. It means the same in every command that judges."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....judgement.values.verdict import Severity, Verdict
from .exit_status import ExitStatus
from .program import complain

if TYPE_CHECKING:
    from ....sources.check.findings import Report

_DOUBTFUL = Severity.MEDIUM
"""The severity of undecided and invalid policies."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One problem: its severity, and whether it is only undecided."""

    severity: Severity
    undecided: bool = False


UNCERTAIN = Counted(_DOUBTFUL, undecided=True)
"""A possible problem that cannot be determined."""


def add_fail_on(parser: argparse._ActionsContainer) -> None:
    """Add `--fail-on`."""
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        type=str.upper,
        choices=[severity.name for severity in Severity],
        help="the lowest severity that fails: LOW (default), MEDIUM, HIGH or CRITICAL; undecided counts as MEDIUM",
    )


def least_of(given: str | None) -> Severity:
    """Return the lowest severity that fails. `given` is the value of `--fail-on`."""
    return Severity[given] if given else min(Severity)


def counted_in(verdicts: Iterable[Verdict]) -> Iterator[Counted]:
    """Yield every problem in verdicts."""
    for verdict in verdicts:
        if (verdict.external or verdict.service) and not verdict.grants:  # access without a grantee that could be named
            yield Counted(max(Severity))
        yield from (Counted(grant.severity) for grant in verdict.grants)
        yield from (Counted(one.severity, undecided=True) for one in verdict.undecided)
        yield from (Counted(_DOUBTFUL) for _ in verdict.invalid)


def counted_of(report: Report) -> Iterator[Counted]:
    """Yield the problems in a report that are neither suppressed nor known."""
    from ....sources.check.results import results_of

    return (Counted(one.severity, one.is_undecided) for one in results_of(report) if one.accepted is None)


def status_on(least: str | None, found: Iterable[Counted]) -> ExitStatus:
    """Return the status of the findings that have at least the severity `least`. By default, all of them.

    If there are only findings below it, a note on standard error says so, because it explains why a pipeline passes.
    """
    found = set(found)
    severity = least_of(least)
    failing = [one for one in found if one.severity >= severity]
    if not failing:
        if found:
            complain(f"note: nothing fails, because no finding is {severity.name} or worse")
        return ExitStatus.COMPLIANT
    return ExitStatus.UNDECIDED if all(one.undecided for one in failing) else ExitStatus.NON_COMPLIANT
