"""Policies in data files: an object or a JSON text. Parts of them may be unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...documents.holes import Hole, Holed
from ..found.found import ANY_NAME
from .files import File
from .values.holed import parts_of
from .values.located import parsed, places_of
from .values.nodes import Node, plain
from .values.places import Place


@dataclass(frozen=True, slots=True)
class Written:
    """A policy as `judge` takes it, and the place of each statement as far as known."""

    policy: object
    statements: tuple[Place, ...] = ()


def policy_of(written: Node | None, known: Node | None, file: File) -> Written:
    """Return the policy of a data file. `written`: the value in the file. `known`: the same value with its holes."""
    if written is None or known is None:
        return Written(None if known is None else plain(known))
    policy = parsed(known)
    text = written if written.text is not None else None
    places = places_of(text, written, policy, known, file.text)
    return Written(plain(policy), tuple(Place(file.name, *at) for at in places))


def place(file: File, node: Node) -> Place:
    """Return the place of a value."""
    return Place(file.name, node.line, node.column)


def names_of(name: Node | None, named: Callable[[str], tuple[str, ...]] = lambda name: (name,)) -> tuple[str, ...]:
    """Return the names of the repositories for a name, or for a prefix that `named` expands. Any name if unknown."""
    value = name.value if name is not None else None
    if not isinstance(value, (str, Holed)) or not value:
        return ANY_NAME
    return named("".join("*" if isinstance(part, Hole) else part for part in parts_of(value)))
