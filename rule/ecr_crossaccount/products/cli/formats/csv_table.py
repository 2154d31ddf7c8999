"""CSV for a spreadsheet: the columns that every such table has, and cells that no spreadsheet reads as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ....sources.check.findings import Finding
from ....sources.check.results import Result
from ..base.documentation import link
from ..base.program import visible
from .text import what_is_left

JUDGED = (
    "kind",
    "compliance",
    "severity",
    "rule",
    "document",
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
    "under_rcp",
)
"""The columns about a policy and what is wrong with it. The columns about its place precede them."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - a spreadsheet reads these too
"""The first characters of a formula: https://owasp.org/www-community/attacks/CSV_Injection."""

Row = dict[str, object]


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return rows under a header. A column that a row does not have is empty."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return buffer.getvalue()


def row_without_result(finding: Finding) -> Row:
    """Return the columns of a policy, without its place: its result, and what remains under resource control policies.

    The last is empty if no such policies were given.
    """
    under = {} if finding.under_rcps is None else {"under_rcp": what_is_left(finding.under_rcps)}
    return {"kind": finding.found.kind.value, "compliance": finding.verdict.compliance.value, **under}


def row_of(result: Result) -> Row:
    """Return the columns of a result, without its place."""
    row: Row = {
        **row_without_result(result.finding),
        "severity": result.severity.name,
        "rule": result.rule.id,
        "document": result.document.value,
        "statement": "" if result.own_statement is None else result.own_statement,
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
    """Return a cell that a spreadsheet reads as text. A leading apostrophe marks text that would be a formula."""
    text = visible(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULAS) else text
