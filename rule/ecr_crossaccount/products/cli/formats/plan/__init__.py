"""Plans, and the formats that show them: a module for each, which is imported when it is used."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from .....judgement.judge import Repository
from .....judgement.values.verdict import Verdict
from .....questions.plan.outcome import Plan
from ...base.exit_status import ExitStatus
from .. import Unread

FORMATS = {
    "text": "as_text",
    "json": "as_json",
}
"""The formats by their name on the command line, each with its module in this package."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One policy with its plan. `before` is the verdict on the current policy, and `document` its JSON value.

    `notes` say which entries of the register had no effect because data is missing, and what the registry policy leaves
    open. `left` is the exit status for what the registry policy leaves open.
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
    """The plans of one run."""

    planned: tuple[Planned, ...]
    unread: tuple[Unread, ...]


class Format(Protocol):
    """The interface of a format's module."""

    def show(self, report: Report) -> None:
        """Write `report` to standard output. Content that the format has no place for goes to standard error."""


def show(report: Report, name: str) -> None:
    """Show `report` in the format of that name."""
    cast("Format", import_module(f".{FORMATS[name]}", __package__)).show(report)
