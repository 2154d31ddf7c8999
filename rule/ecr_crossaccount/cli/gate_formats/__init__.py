"""The formats of a check: one module a format, imported when it is asked for, each from a Report to text."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from ...gate.findings import Report
from ..main import complain


@dataclass(frozen=True, slots=True)
class _Format:
    """A format's module here; `tells_errors`: whether it has a place for what could not be read."""

    module: str
    tells_errors: bool = False


FORMATS = {
    "text": _Format("as_text"),
    "json": _Format("as_json", tells_errors=True),
}
"""The formats by their name on the command line."""


class Format(Protocol):
    """What the module of a format offers."""

    def render(self, report: Report) -> str:
        """Return `report` as text, with a line break at its end."""


def show(report: Report, name: str) -> None:
    """Write `report` to standard output in the format of that name, and what it has no place for to standard error."""
    chosen = FORMATS[name]
    sys.stdout.write(cast("Format", import_module(f".{chosen.module}", __package__)).render(report))
    if not chosen.tells_errors:
        for error in report.errors:
            complain(f"{error.file}{'' if error.line is None else f':{error.line}'}: {error.reason}")
