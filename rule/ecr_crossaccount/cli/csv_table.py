"""CSV for a spreadsheet: what every such table has of a finding, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ..gate.findings import Finding
from ..gate.results import Result
from .documentation import link
from .formats.words import what_is_left
from .visible import visible

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
"""The columns about a policy and what is wrong with it; those that say where it is precede them."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - a spreadsheet takes them too
"""What begins a formula: https://owasp.org/www-community/attacks/CSV_Injection."""

Row = dict[str, object]


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return rows under a header; a column that a row has not is empty."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return buffer.getvalue()


def left_in(finding: Finding) -> Row:
    """Return what is left of a policy under resource control policies; nothing where nobody named any."""
    return {} if finding.under_rcps is None else {"under_rcp": what_is_left(finding.under_rcps)}


def row_of(result: Result) -> Row:
    """Return what is wrong, without where it is."""
    row: Row = {
        "kind": result.finding.found.kind.value,
        "compliance": result.finding.verdict.compliance.value,
        "severity": result.severity.name,
        "rule": result.rule.id,
        "document": result.document.value,
        "statement": "" if result.own_statement is None else result.own_statement,
        "reason": result.message,
        "accepted": result.accepted or "",
        "help": link(result.rule),
        **left_in(result.finding),
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
