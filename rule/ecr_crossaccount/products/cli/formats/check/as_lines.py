"""One line for each result that is new, in the form of compiler messages: for editors, grep and short output."""

from __future__ import annotations

from .....sources.check.findings import Report
from .....sources.check.results import results_of
from ...base.visible import visible
from .as_text import summary
from .names import line_of


def render(report: Report) -> str:
    """Return the results that no baseline has, the resources that were not judged, the remarks, and the last line."""
    new = (line_of(one) for one in results_of(report) if not one.is_known)
    left = (
        visible(f"{one.file}:{one.line}:{one.column}: UNJUDGED {one.resource}: {one.reason}") for one in report.left
    )
    remarks = (visible(f"note: {one.placed}") for one in report.remarks)
    return "".join(f"{line}\n" for line in (*new, *left, *remarks, summary(report).plain))
