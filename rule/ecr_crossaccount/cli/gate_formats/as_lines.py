"""A line for each thing that counts, as compilers write it: for editors, grep, and eyes that want no more."""

from __future__ import annotations

from ...gate.findings import Report
from ...gate.results import results_of
from .as_text import summary
from .names import line_of


def render(report: Report) -> str:
    """Return what counts in `report`, in the order of the files, and how many policies that is of how many."""
    counted = (line_of(one) for one in results_of(report) if one.accepted is None)
    return "".join(f"{line}\n" for line in (*counted, summary(report).plain))
