"""What a run answers, and the formats that show it: one module a format, imported when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from ... import Repository
from ...access.verdict import Verdict
from ...policy.document import Document

FORMATS = {
    "text": "as_text",
    "json": "as_json",
}
"""The formats by their name on the command line, each with its module here."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One policy and its verdict; `document` is the policy's JSON value, for showing parts of it.

    `registry` is that of the registry policy; `under_rcps` is the verdict under resource control policies, if any.
    """

    file: str
    repository: Repository
    document: object
    verdict: Verdict
    registry: object = None
    under_rcps: Verdict | None = None

    def shown(self, document: Document) -> object:
        """Return the JSON value of one of the documents."""
        return self.registry if document is Document.REGISTRY else self.document


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read and so was not judged."""

    file: str
    reason: str

    def to_json(self) -> dict[str, object]:
        """Return the file and the reason, ready for `json.dumps`."""
        return {"file": self.file, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found."""

    judged: tuple[Judged, ...]
    unread: tuple[Unread, ...]


class Format(Protocol):
    """What the module of a format offers."""

    def show(self, report: Report) -> None:
        """Write `report` to standard output (and, where the format has no place for it, standard error)."""


def show(report: Report, name: str) -> None:
    """Show `report` in the format of that name."""
    cast("Format", import_module(f".{FORMATS[name]}", __package__)).show(report)
