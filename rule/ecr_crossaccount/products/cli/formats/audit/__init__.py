"""The formats of an audit: a module for each, which is imported when it is used and turns an AuditReport into text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...base.outputs import Form, Output, Outputs
from ...base.program import complain
from ..check import complain_of

if TYPE_CHECKING:
    from ....audit.report import AuditReport

FORMATS = {
    "text": Form("ecr_crossaccount.products.cli.formats.audit.as_text", tells_errors=False),
    "json": Form(f"{__name__}.as_json"),
    "csv": Form(f"{__name__}.as_csv", tells_notes=False),
    "sarif": Form(f"{__name__}.as_sarif", tells_notes=False),
    "ocsf": Form(f"{__name__}.as_ocsf", tells_notes=False),
}
"""The formats by their name on the command line."""


def show_all(report: AuditReport, wanted: Iterable[Output] | None) -> None:
    """Show `report` in each requested format. Errors of reading go to standard error, as in `check`."""
    outputs: Outputs[AuditReport] = Outputs(wanted, FORMATS)
    outputs.show(report)
    if not outputs.tell_notes:
        for note in _notes(report):
            complain(f"note: {note}")
    if report.errors and not outputs.tell_errors:
        from ....audit.findings import findings_of

        complain_of(findings_of(report))


def _notes(report: AuditReport) -> Iterator[str]:
    """Yield the notes that a format of rows has no place for."""
    from .....judgement.control import SPARED
    from .unknown import not_held

    yield from not_held(report.scope)
    if report.rcps:
        yield f"{report.rcps.option}: {SPARED}"
