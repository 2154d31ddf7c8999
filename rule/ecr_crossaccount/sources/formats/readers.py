"""The readers of data files other than templates, plans and policies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..files.files import File
from ..files.values.nodes import Node
from ..found.context import Context
from ..found.found import Harvest
from .ansible import read as ansible
from .kubernetes import read as kubernetes
from .pulumi import read as pulumi
from .scripts import read as scripts

Reading = Callable[[Node], Harvest | None]
"""Returns what a document of a file holds, or None if it is of another kind."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader for one kind of data file.

    `is_marked`: whether a text may be of this kind. `reading`: returns the function that reads the documents of a file.
    `unrendered`: returns the result for a text that is not valid data, or None if there is nothing to report.
    """

    is_marked: Callable[[str], bool]
    reading: Callable[[tuple[Node, ...], File, Context], Reading]
    unrendered: Callable[[File, Context], Harvest | None]


def _says_nothing(_file: File, _context: Context) -> None:
    """Return None: this kind reports nothing about text that is not valid data."""


READERS = (
    Reader(ansible.is_marked, ansible.reading, _says_nothing),
    Reader(kubernetes.is_marked, kubernetes.reading, kubernetes.unrendered),
    Reader(pulumi.is_marked, pulumi.reading, _says_nothing),
    Reader(scripts.mentions, scripts.reading, scripts.read_script),
)


def is_marked(text: str) -> bool:
    """Return whether one of the readers may find something in a text."""
    return any(one.is_marked(text) for one in READERS)


def refusal(file: File) -> str | None:
    """Return why a file is not read at all, or None if it is read."""
    return scripts.TOO_LONG if scripts.is_too_long(file) else None


def reading(roots: tuple[Node, ...], file: File, context: Context) -> Reading:
    """Return a function that reads a document of a file with all readers. It returns None if none finds anything.

    `roots`: all documents of the file.
    """
    readings = [one.reading(roots, file, context) for one in READERS]

    def read(root: Node) -> Harvest | None:
        found = [part for one in readings if (part := one(root)) is not None]
        return Harvest.of(found) if found else None

    return read


def unrendered(file: File, context: Context) -> Harvest | None:
    """Return the result for a text that is not valid data: a script, or a template that is not filled in yet."""
    found = [part for one in READERS if (part := one.unrendered(file, context)) is not None]
    return Harvest.of(found) if found else None


def is_lost(file: File, context: Context) -> bool:
    """Return whether a damaged data file may hold more than `unrendered` reports about it."""
    return any(one.is_marked(file.text) and one.unrendered(file, context) is None for one in READERS)
