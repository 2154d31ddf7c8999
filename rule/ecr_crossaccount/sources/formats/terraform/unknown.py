"""The known values of a resource in a plan: `after`, with a hole for each value in `after_unknown`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ....documents.holes import Hole
from ...files.values.nodes import Fields, Node, Place, plain
from ...files.values.partial import Placed, Value

Guess = Callable[[Node | None], Value]
"""Returns an unknown value as far as the configuration determines it, or None."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A reader for the values of one resource of a plan in a file. `guess`: called for each unknown value."""

    file: str
    guess: Guess = lambda _: None

    def value(self, after: Node | None, unknown: Node | None, said: Node | None, name: str) -> Value:
        """Return a value. `said`: its expression in the configuration, whose references name the holes."""
        if unknown is not None and unknown.value is True:
            return self.guess(said) or Hole(reference(said) or name)
        if (after is not None and isinstance(after.value, Fields)) or (unknown is not None and unknown.fields):
            return self._object(after, unknown, said, name)
        if (after is not None and isinstance(after.value, tuple)) or (unknown is not None and unknown.items):
            return self._list(after, unknown, said, name)
        return None if after is None else plain(after)

    def _object(self, after: Node | None, unknown: Node | None, said: Node | None, name: str) -> Placed:
        names = dict.fromkeys([key for one in (after, unknown) if one is not None for key, _ in one.fields])
        pairs = [
            (key, self.value(_field(after, key), _field(unknown, key), _field(said, key), f"{name}.{key}"))
            for key in names
        ]
        return Placed(pairs, Place(self.file, after.line, after.column) if after is not None else None)

    def _list(self, after: Node | None, unknown: Node | None, said: Node | None, name: str) -> list[Value]:
        known, doubts = (one.items if one is not None else () for one in (after, unknown))
        return [
            self.value(_item(known, index), _item(doubts, index), _said(said, index), f"{name}[{index}]")
            for index in range(max(len(known), len(doubts)))
        ]


def _field(node: Node | None, name: str) -> Node | None:
    return node.get(name) if node is not None else None


def _item(items: tuple[Node, ...], index: int) -> Node | None:
    return items[index] if index < len(items) else None


def _said(said: Node | None, index: int) -> Node | None:
    """Return the expression of an item: of a block by its index, of an argument the expression of the whole."""
    if said is None or said.get("references") is not None:
        return said
    return _item(said.items, index)


def reference(said: Node | None) -> str | None:
    """Return the first reference of an expression in the configuration."""
    found = references(said)
    return found[0] if found else None


def references(said: Node | None) -> tuple[str, ...]:
    """Return the references of an expression in the configuration, in order."""
    listed = said.get("references") if said is not None else None
    return tuple(one.text for one in (listed.items if listed else ()) if one.text)


def attributes_of(values: Node | None, file: str) -> Mapping[str, Value]:
    """Return the attributes of a resource in a state, where every value is known."""
    value = Partial(file).value(values, None, None, "")
    return value if isinstance(value, Mapping) else {}
