"""`--fail-on`: how bad a finding must be to fail the run, alike in every command that judges."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..access.verdict import Severity, Verdict
from .exit_status import ExitStatus
from .program import complain

if TYPE_CHECKING:
    from ..gate.findings import Report

_DOUBTFUL = Severity.MEDIUM
"""What undecided and invalid count as."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing that is wrong: how bad it is, and whether it is only undecided."""

    severity: Severity
    undecided: bool = False


UNCERTAIN = Counted(_DOUBTFUL, undecided=True)
"""What may be wrong, and nobody can tell."""


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
    """Return the least severity that fails, where `given` is what `--fail-on` says."""
    return Severity[given] if given else min(Severity)


def counted_in(verdicts: Iterable[Verdict]) -> Iterator[Counted]:
    """Yield everything that is wrong in verdicts."""
    for verdict in verdicts:
        if (verdict.external or verdict.service) and not verdict.grants:  # someone gets in, and nobody says who
            yield Counted(max(Severity))
        yield from (Counted(grant.severity) for grant in verdict.grants)
        yield from (UNCERTAIN for _ in verdict.undecided)
        yield from (Counted(_DOUBTFUL) for _ in verdict.invalid)


def counted_of(report: Report) -> Iterator[Counted]:
    """Yield what counts in a report: what is neither suppressed nor known."""
    from ..gate.results import results_of
    from ..gate.rules import UNDECIDED

    return (Counted(one.severity, one.rule is UNDECIDED) for one in results_of(report) if one.accepted is None)


def status_on(least: str | None, found: Iterable[Counted]) -> ExitStatus:
    """Return what findings come to of which those count that are `least` or worse, all of them by default.

    Where nothing fails for that alone, standard error says so: a pipeline that is green should say why.
    """
    found = set(found)
    severity = least_of(least)
    failing = [one for one in found if one.severity >= severity]
    if not failing:
        if found:
            complain(f"note: nothing fails, because no finding is {severity.name} or worse")
        return ExitStatus.COMPLIANT
    return ExitStatus.UNDECIDED if all(one.undecided for one in failing) else ExitStatus.NON_COMPLIANT
