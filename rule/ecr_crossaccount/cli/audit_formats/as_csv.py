"""CSV, for a spreadsheet: a row for everything that is wrong, and one for each compliant repository and each error."""

from __future__ import annotations

from collections.abc import Iterator

from ...access.verdict import Compliance
from ...audit.findings import findings_of
from ...audit.report import AuditReport
from ...gate.findings import Finding
from ...gate.results import results_in
from ..csv_table import JUDGED, Row, row_of, table

_COLUMNS = ("arn", "account", "region", "repository", *JUDGED)


def render(report: AuditReport) -> str:
    """Return `report` as rows under a header."""
    return table(_COLUMNS, _rows(report))


def _rows(report: AuditReport) -> Iterator[Row]:
    for finding in findings_of(report).findings:
        yield from _of_policy(finding)
    for error in report.errors:
        where = {"arn": error.arn or "", "account": error.account or "", "region": error.region or ""}
        yield {**where, "compliance": "UNREAD", "reason": error.reason}


def _of_policy(finding: Finding) -> Iterator[Row]:
    found, compliance = finding.found, finding.verdict.compliance
    where: Row = {
        "arn": found.at.file,
        "account": found.account,
        "region": found.region,
        "repository": found.resource,
    }
    if compliance is Compliance.COMPLIANT:
        yield {**where, "kind": found.kind.value, "compliance": compliance.value}
    yield from ({**where, **row_of(result)} for result in results_in(finding))
