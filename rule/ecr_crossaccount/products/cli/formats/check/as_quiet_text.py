"""The short text: the results that fail or are suppressed, the resources that were not judged, and the last line."""

from __future__ import annotations

from .....sources.check.findings import Report
from .....sources.check.results import results_in
from ..page import Page, rendered
from .as_text import by_statement, show_accepted, show_remarks, show_results, show_unjudged, summary
from .excerpt import Excerpts


def render(report: Report) -> str:
    """Return the failing results of `report` without color, for a file or a pipe."""
    return rendered(report, _show)


def show(report: Report) -> None:
    """Write the failing results to standard output, in color on a terminal."""
    _show(report, Page())


def _show(report: Report, page: Page) -> None:
    excerpts = Excerpts()
    for finding in report.findings:
        counting = [one for one in results_in(finding) if one.accepted is None and one.severity >= report.fails_from]
        for results in by_statement(counting):
            show_results(page, finding, results, excerpts)
        for results in by_statement([one for one in results_in(finding) if one.suppression]):
            show_accepted(page, finding, results)
    show_unjudged(page, report.left)
    show_remarks(page, report)
    page.line(summary(report))
