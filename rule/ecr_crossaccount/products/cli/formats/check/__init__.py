"""The formats of a check: a module for each, which is imported when it is used and turns a Report into text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...base.outputs import Form, Forms, Output, Outputs
from ...base.program import complain

if TYPE_CHECKING:
    from .....sources.check.findings import Report

FORMATS = {
    "text": Form(f"{__name__}.as_text", tells_errors=False),
    "lines": Form(f"{__name__}.as_lines", tells_errors=False),
    "json": Form(f"{__name__}.as_json"),
    "sarif": Form(f"{__name__}.as_sarif"),
    "junit": Form(f"{__name__}.as_junit"),
    "github": Form(f"{__name__}.as_github"),
    "gitlab": Form(f"{__name__}.as_gitlab"),
    "markdown": Form(f"{__name__}.as_markdown"),
    "csv": Form(f"{__name__}.as_csv"),
}
"""The formats by their name on the command line."""

QUIET: Forms = {**FORMATS, "text": Form(f"{__name__}.as_quiet_text", tells_errors=False)}
"""The formats under `--quiet`."""


def show_all(report: Report, wanted: Iterable[Output] | None, forms: Forms = FORMATS) -> None:
    """Show `report` in each requested format.

    Errors of reading also go to standard error, unless the format on standard output shows them.
    """
    outputs: Outputs[Report] = Outputs(wanted, forms)
    outputs.show(report)
    if not outputs.tell_errors:
        complain_of(report)


def complain_of(report: Report) -> None:
    """Write the errors of reading to standard error, each reason once."""
    from .....sources.check.results import faults_of

    for fault in faults_of(report):
        where = fault.first.where if len(fault.errors) == 1 else ""
        complain(f"{where}: {fault.message}" if where else fault.message)
