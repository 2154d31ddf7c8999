"""One line for each result that counts, in the form of compiler messages: for editors, grep and short output."""

from __future__ import annotations

from ...gate.findings import Report
from ...gate.results import results_of
from .as_text import summary
from .names import line_of


def render(report: Report) -> str:
    """Return the results that count, in the order of the files, and a last line with the number of policies."""
    counted = (line_of(one) for one in results_of(report) if one.accepted is None)
    return "".join(f"{line}\n" for line in (*counted, summary(report).plain))
