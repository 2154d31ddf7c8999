"""The kinds of data files besides templates, plans and policies: who reads them, and how a text of one is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .ansible import read as ansible
from .context import Context
from .files import File
from .found import Harvest
from .kubernetes import read as kubernetes
from .pulumi import read as pulumi
from .scripts import read as scripts
from .values.nodes import Node

Reading = Callable[[Node], Harvest | None]
"""Returns what a document of a file holds, None if it is nothing of a kind."""


@dataclass(frozen=True, slots=True)
class Reader:
    """`is_marked`: whether a text may be of this kind. `reading`: how to read the documents of a file.

    `unrendered`: what to say of a text that is no data, None where this kind has nothing to say of it.
    """

    is_marked: Callable[[str], bool]
    reading: Callable[[tuple[Node, ...], File, Context], Reading]
    unrendered: Callable[[File, Context], Harvest | None]


def _says_nothing(_file: File, _context: Context) -> None:
    """Return what to say of a text that is no data, where a kind is nothing but data."""


READERS = (
    Reader(ansible.is_marked, ansible.reading, _says_nothing),
    Reader(kubernetes.is_manifest, kubernetes.reading, kubernetes.unrendered),
    Reader(pulumi.is_marked, pulumi.reading, _says_nothing),
    Reader(scripts.mentions, scripts.reading, scripts.read_script),
)


def is_marked(text: str) -> bool:
    """Tell whether one of the readers may find something in a text."""
    return any(one.is_marked(text) for one in READERS)


def reading(roots: tuple[Node, ...], file: File, context: Context) -> Reading:
    """Return how to read a document of a file, of which all are `roots`: to what all readers find, None for nothing."""
    readings = [one.reading(roots, file, context) for one in READERS]

    def read(root: Node) -> Harvest | None:
        found = [part for one in readings if (part := one(root)) is not None]
        return Harvest.of(found) if found else None

    return read


def unrendered(file: File, context: Context) -> Harvest | None:
    """Return what to say of a text that is no data: a script, or one in which something is still to be put."""
    found = [part for one in READERS if (part := one.unrendered(file, context)) is not None]
    return Harvest.of(found) if found else None


def is_lost(file: File, context: Context) -> bool:
    """Tell whether a text that is no data, since it is damaged, may hold more than what `unrendered` says of it."""
    return any(one.is_marked(file.text) and one.unrendered(file, context) is None for one in READERS)
