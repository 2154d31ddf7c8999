"""CSV, for a spreadsheet: a row for everything that is wrong, and one for each policy and file without."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict

from ...access.verdict import Compliance
from ...gate.findings import Finding, Report
from ...gate.results import Result, results_in
from ..documentation import link
from ..visible import visible

_COLUMNS = (
    "file",
    "line",
    "column",
    "resource",
    "kind",
    "compliance",
    "severity",
    "rule",
    "statement",
    "sid",
    "grantee",
    "public",
    "access",
    "actions",
    "reason",
    "witness",
    "accepted",
    "help",
)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - a spreadsheet takes them too
"""What begins a formula: https://owasp.org/www-community/attacks/CSV_Injection."""

Row = dict[str, object]


def render(report: Report) -> str:
    """Return `report` as rows under a header."""
    buffer = io.StringIO(newline="")
    table = csv.DictWriter(buffer, _COLUMNS, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writeheader()
    table.writerows({name: _cell(value) for name, value in row.items()} for row in _rows(report))
    return buffer.getvalue()


def _rows(report: Report) -> Iterator[Row]:
    for finding in report.findings:
        yield from _of_policy(finding)
    for error in report.errors:
        yield {"file": error.file, "line": error.line or "", "compliance": "UNREAD", "reason": error.message}
    for one in report.unjudged:
        yield {**asdict(one), "compliance": "UNJUDGED"}
    for skipped in report.skipped:
        yield {"file": skipped.file, "compliance": "SKIPPED", "reason": skipped.reason}


def _of_policy(finding: Finding) -> Iterator[Row]:
    found = finding.found
    policy = {"resource": found.resource, "kind": found.kind.value}
    if finding.verdict.compliance is Compliance.COMPLIANT:
        at = {"file": found.at.file, "line": found.at.line, "column": found.at.column}
        yield {**at, **policy, "compliance": finding.verdict.compliance.value}
    for result in results_in(finding):
        yield {**_of_result(result), **policy}


def _of_result(result: Result) -> Row:
    row: Row = {
        "file": result.at.file,
        "line": result.at.line,
        "column": result.at.column,
        "compliance": result.finding.verdict.compliance.value,
        "severity": result.severity.name,
        "rule": result.rule.id,
        "statement": "" if result.statement is None else result.statement,
        "reason": result.message,
        "accepted": result.accepted or "",
        "help": link(result.rule),
    }
    grant = result.grant
    if grant is not None:
        row |= {
            "sid": grant.sid or "",
            "grantee": grant.grantee,
            "public": "yes" if grant.public else "no",
            "access": " ".join(one.value for one in grant.access),
            "actions": " ".join(grant.actions),
            "witness": f"{grant.witness.principal} {grant.witness.action}",
        }
    return row


def _cell(value: object) -> str:
    """Return a cell that a spreadsheet takes for text: an apostrophe before it says so."""
    text = visible(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULAS) else text
