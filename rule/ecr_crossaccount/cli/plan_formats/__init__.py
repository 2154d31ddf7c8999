"""Plans, and the formats that show them: one module a format, imported when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from ... import Plan, Repository
from ...access.verdict import Verdict
from ..exit_status import ExitStatus
from ..formats import Unread

FORMATS = {
    "text": "as_text",
    "json": "as_json",
}
"""The formats by their name on the command line, each with its module here."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One policy with its plan; `before` is the verdict on the policy as it stands, `document` its JSON value.

    `notes` say what of the register had no effect for want of something, and what the registry policy leaves open;
    `left` is the exit status that this makes.
    """

    file: str
    repository: Repository
    document: object
    before: Verdict
    plan: Plan
    notes: tuple[str, ...] = ()
    left: ExitStatus = ExitStatus.COMPLIANT


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run planned."""

    planned: tuple[Planned, ...]
    unread: tuple[Unread, ...]


class Format(Protocol):
    """What the module of a format offers."""

    def show(self, report: Report) -> None:
        """Write `report` to standard output (and, where the format has no place for it, standard error)."""


def show(report: Report, name: str) -> None:
    """Show `report` in the format of that name."""
    cast("Format", import_module(f".{FORMATS[name]}", __package__)).show(report)
