"""CSV, for a spreadsheet: a row for each result, compliant repository, error and difference of opinion."""

from __future__ import annotations

from collections.abc import Iterator

from .....judgement.values.verdict import Compliance
from .....sources.check.findings import Finding
from .....sources.check.results import results_in
from ....audit.findings import findings_of
from ....audit.report import AuditReport
from ....audit.second_opinion import Disagreement
from ..csv_table import JUDGED, Row, left_in, row_of, table
from .opinion import in_words, label

_OF_AN_ARN = 6
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
    for one in report.second_opinion.disagreements if report.second_opinion else ():
        yield _of_difference(one)


def _of_difference(one: Disagreement) -> Row:
    _, _, _, region, account, name = [*one.arn.split(":", _OF_AN_ARN - 1), *[""] * _OF_AN_ARN][:_OF_AN_ARN]
    said = f"audit: {in_words(one.ours)}; IAM Access Analyzer: {in_words(one.theirs)}"
    return {
        "arn": one.arn,
        "account": account,
        "region": region,
        "repository": name.removeprefix("repository/"),
        "compliance": "DIFFERS",
        "grantee": one.grantee,
        "access": " ".join(access.value for access in one.theirs.access),
        "reason": f"{said}; {label(one)}: {one.explanation}",
    }


def _of_policy(finding: Finding) -> Iterator[Row]:
    found, compliance = finding.found, finding.verdict.compliance
    where: Row = {
        "arn": found.at.file,
        "account": found.account,
        "region": found.region,
        "repository": found.resource,
    }
    if compliance is Compliance.COMPLIANT:
        yield {**where, "kind": found.kind.value, "compliance": compliance.value, **left_in(finding)}
    yield from ({**where, **row_of(result)} for result in results_in(finding))
