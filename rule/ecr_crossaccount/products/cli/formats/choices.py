"""The formats of each command by their names. A format's module is imported when it is used."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from ..base.outputs import Form, Output, Outputs
from ..base.program import complain

if TYPE_CHECKING:
    from ....sources.check.differences import Comparison
    from ....sources.check.findings import Report
    from ...audit.report import AuditReport

_AUDIT = f"{__package__}.audit_reports"
_CHECK = f"{__package__}.check_reports"
_COMMANDS = __package__.rpartition(".")[0]


class PageForm(Form):
    """The text for a person. Its function writes a report on a page, which has colors if it is a terminal."""

    def text(self, report: object) -> Iterable[str]:
        """Return a report as text without color, for a file or a pipe."""
        buffer = io.StringIO()
        self._write(report, buffer)
        return (buffer.getvalue(),)

    def show(self, report: object) -> None:
        """Write a report to standard output."""
        self._write(report, sys.stdout)

    def _write(self, report: object, file: TextIO) -> None:
        from .text import Page

        getattr(import_module(self.module), self.function)(report, Page(file))


CHECK_FORMATS = {
    "text": PageForm(f"{__package__}.check_text", "show", tells_errors=False),
    "lines": Form(_CHECK, "as_lines", tells_errors=False, tells_trust=False),
    "json": Form(_CHECK, "as_json"),
    "sarif": Form(f"{__package__}.sarif", "as_sarif", tells_trust=False),
    "junit": Form(_CHECK, "as_junit", tells_trust=False),
    "github": Form(_CHECK, "as_github", tells_trust=False),
    "gitlab": Form(_CHECK, "as_gitlab", tells_trust=False),
    "markdown": Form(f"{__package__}.markdown", "check_as_markdown"),
    "csv": Form(_CHECK, "as_csv", tells_trust=False),
}
"""The formats of `check`."""

JUDGE_FORMATS = {
    "text": PageForm(f"{__package__}.judge", "show", tells_errors=False),
    "json": Form(f"{__package__}.judge", "as_json"),
}
"""The formats of `judge`."""

PLAN_FORMATS = {
    "text": PageForm(f"{__package__}.plan", "show", tells_errors=False),
    "json": Form(f"{__package__}.plan", "as_json"),
    **{
        name: Form(f"{__package__}.plan", f"as_{name}", tells_errors=False, tells_notes=False)
        for name in ("policy", "cloudformation", "terraform")
    },
}
"""The formats of `plan`. The last three are the planned policy alone."""

DIFF_FORMATS = {
    "text": PageForm(f"{__package__}.diff", "show", tells_errors=False),
    "json": Form(f"{__package__}.diff", "as_json"),
    "markdown": Form(f"{__package__}.markdown", "diff_as_markdown"),
}
"""The formats of `diff`."""

AUDIT_FORMATS = {
    "text": PageForm(f"{__package__}.audit_text", "show", tells_errors=False),
    "json": Form(_AUDIT, "as_json"),
    "csv": Form(_AUDIT, "as_csv", tells_notes=False, tells_trust=False),
    "sarif": Form(_AUDIT, "as_sarif", tells_notes=False, tells_trust=False),
    "ocsf": Form(_AUDIT, "as_ocsf", tells_notes=False, tells_trust=False),
    "html": Form(f"{__package__}.audit_page", "page"),
}
"""The formats of `audit`."""

ASK_FORMATS = {
    "text": PageForm(f"{__package__}.ask", "show"),
    "json": Form(f"{__package__}.ask", "as_json"),
    "csv": Form(f"{__package__}.ask", "as_csv", tells_notes=False, tells_trust=False),
}
"""The formats of `ask`."""

RULE_FORMATS = {"text": PageForm(f"{_COMMANDS}.explain", "show"), "json": Form(f"{_COMMANDS}.explain", "as_json")}
"""The formats of the rules that `explain` lists."""


def show_check(report: Report, wanted: Iterable[Output] | None) -> None:
    """Show `report` in each requested format.

    Errors of reading also go to standard error, unless the format on standard output shows them.
    """
    outputs = Outputs(wanted, CHECK_FORMATS)
    outputs.show(report)
    if not outputs.tell_errors:
        complain_of(report)


def complain_of(report: Report) -> None:
    """Write the errors of reading to standard error, each reason once."""
    from ....sources.check.results import faults_of

    for fault in faults_of(report):
        where = fault.first.where if len(fault.errors) == 1 else ""
        complain(f"{where}: {fault.message}" if where else fault.message)


def show_diff(found: Comparison, wanted: Iterable[Output] | None) -> None:
    """Show a comparison in each requested format.

    Errors of reading also go to standard error, each reason once, unless the format on standard output shows them.
    """
    outputs = Outputs(wanted, DIFF_FORMATS)
    outputs.show(found)
    if outputs.tell_errors:
        return
    from ....sources.check.results import in_places
    from .diff import place_in_state
    from .text import group_items

    for reason, alike in group_items(found.errors, lambda one: one[1].reason):
        places = [place_in_state(name, error.file, error.where) for name, error in alike]
        if len(places) == 1:
            complain(f"{places[0]}: {reason}")
        else:
            complain(in_places(reason, places))


def show_audit(report: AuditReport, wanted: Iterable[Output] | None) -> None:
    """Show `report` in each requested format. Errors of reading go to standard error, as in `check`."""
    outputs = Outputs(wanted, AUDIT_FORMATS)
    outputs.show(report)
    if not outputs.tell_notes:
        for note in _notes(report):
            complain(f"note: {note}")
    if report.errors and not outputs.tell_errors:
        from ...audit.since import findings_of

        complain_of(findings_of(report))


def _notes(report: AuditReport) -> Iterator[str]:
    """Yield the notes that a format of rows has no place for."""
    from ....judgement.control import SPARED
    from .audit_parts import not_held

    yield from not_held(report.scope)
    if report.rcps:
        yield f"{report.rcps.option}: {SPARED}"
