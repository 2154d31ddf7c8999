"""CSV, for a spreadsheet: a row for each result, and for each policy and file without one."""

from __future__ import annotations

from collections.abc import Iterator

from .....judgement.values.verdict import Compliance
from .....sources.check.accepted import with_accepted
from .....sources.check.findings import Finding, Report
from .....sources.check.results import results_in, results_of
from .....sources.files.values.places import Place
from ..csv_table import JUDGED, Row, left_in, row_of, table

_COLUMNS = ("file", "line", "column", "resource", *JUDGED)


def render(report: Report) -> str:
    """Return `report` as rows under a header."""
    return table(_COLUMNS, _rows(report))


def _rows(report: Report) -> Iterator[Row]:
    for remark in with_accepted(list(results_of(report)), report.remarks):
        yield {**_at(remark.at), "compliance": "NOTE", "reason": remark.message}
    for finding in report.findings:
        yield from _of_policy(finding)
    for error in report.errors:
        yield {"file": error.file, "line": error.line or "", "compliance": "UNREAD", "reason": error.reason}
    for one in report.unjudged:
        yield {**one.to_json(), "compliance": "UNJUDGED"}
    for skipped in report.skipped:
        yield {"file": skipped.file, "compliance": "SKIPPED", "reason": skipped.reason}


def _of_policy(finding: Finding) -> Iterator[Row]:
    found, compliance = finding.found, finding.verdict.compliance
    if compliance is Compliance.COMPLIANT:
        row = {**_at(found.at), "resource": found.resource, "kind": found.kind.value, "compliance": compliance.value}
        yield {**row, **left_in(finding)}
    for result in results_in(finding):
        yield {**_at(result.at), "resource": found.resource, **row_of(result)}


def _at(place: Place) -> Row:
    return {"file": place.file, "line": place.line, "column": place.column}
