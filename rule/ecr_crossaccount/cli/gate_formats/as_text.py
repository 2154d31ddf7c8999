"""Text, for a person: a line for each policy, and under it what is wrong and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...access.verdict import Compliance
from ...gate.findings import Finding, Report
from ...gate.found import Place
from ..visible import visible


def render(report: Report) -> str:
    """Return `report` line by line, and what it comes to."""
    return "".join(f"{visible(line)}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield from _finding(finding)
    for skipped in report.skipped:
        yield f"{skipped.file}: skipped: {skipped.reason}"
    yield _summary(report)


def _finding(finding: Finding) -> Iterator[str]:
    verdict = finding.verdict
    yield f"{_where(finding.at)}: {finding.found.resource} ({finding.found.kind.value}): {verdict.compliance.value}"
    for grant in verdict.grants:
        access = ", ".join(one.value for one in grant.access)
        yield f"  {grant.severity.name} {_where(finding.place_of(grant.statement))}: {grant.grantee} gets {access}"
        yield f"    because {grant.reason}"
    for undecided in verdict.undecided:
        yield f"  UNDECIDED {_where(finding.place_of(undecided.statement))}: {undecided.reason}"
    for invalid in verdict.invalid:
        yield f"  INVALID {invalid.at}: {invalid.reason}"
    for note in verdict.notes:
        yield f"  note: {note}"


def _where(place: Place) -> str:
    return f"{place.file}:{place.line}:{place.column}"


def _summary(report: Report) -> str:
    counts = Counter(finding.verdict.compliance for finding in report.findings)
    total, bad = len(report.findings), counts[Compliance.NON_COMPLIANT]
    words = f"{total} {'policy' if total == 1 else 'policies'}: {total - bad} compliant, {bad} non-compliant"
    return f"{words}, {len(report.errors)} unread" if report.errors else words
