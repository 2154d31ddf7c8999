"""The choice between a few values for an unknown: a parameter with allowed values, or a key of a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from ....documents.holes import Hole, Holed
from ...files.values.nodes import Node, parts_of
from .conditions import Conditions
from .mappings import fillings, looked_up

Key = str | Holed | Hole | None
Default = Callable[[Hole], str | None]

_NO_KEY = ""
"""A key that no mapping has."""


class Choices:
    """The choices of one world. `impossible`: whether something in it can have no value."""

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._comparing = False
        self.impossible = False

    @contextmanager
    def comparing(self) -> Iterator[None]:
        """Set `is_comparing` inside the context. A value that is only compared is not taken as each possible value."""
        before, self._comparing = self._comparing, True
        try:
            yield
        finally:
            self._comparing = before

    @property
    def is_comparing(self) -> bool:
        """Whether a value is currently only compared."""
        return self._comparing

    def chosen(self, unknown: Hole, values: Sequence[str], default: str | None = None) -> str | None:
        """Return the value that an unknown has in this world, or None if that is open."""
        value = self._asked(unknown, values, default)
        self.impossible |= bool(values) and value is None and self._conditions.is_none_of(unknown, values)
        return value

    def keys(self, mappings: Node, keys: list[Key], default: Default, *, others: bool) -> list[Key]:
        """Return the keys to look up in mappings. An unknown key becomes one of the existing keys.

        `default`: returns the default of a hole. `others`: whether a key may be none of the existing ones.
        """
        level: Node | None = mappings
        if not others and looked_up(mappings, keys) is not None:
            return keys
        for place, key in enumerate(keys):
            if isinstance(key, (Hole, Holed)) and level is not None:
                names = [name for name, _ in level.fields]
                chosen = self.selected(key, names, default, others=others)
                keys[place] = key if chosen is None else chosen
            one = keys[place]
            level = level.get(one) if level is not None and isinstance(one, str) else None
        return keys

    def selected(self, key: Holed | Hole, names: Iterable[str], default: Default, *, others: bool) -> str | None:
        """Return the name that an unknown key is in this world, or None if that is open.

        `others`: whether it may be none of the names. Then the result may be "", which is no name.
        """
        unknown, *more = (part for part in parts_of(key) if isinstance(part, Hole))
        if more:
            return None
        found = fillings(key, names)
        values = [value for value in found if self._conditions.allows(unknown, value)]
        if others and self._conditions.is_none_of(unknown, values):
            return _NO_KEY
        ask = self._asked if others else self.chosen
        value = ask(unknown, values, default(unknown))
        return None if value is None else found[value]

    def _asked(self, unknown: Hole, values: Sequence[str], default: str | None) -> str | None:
        return self._conditions.chosen(unknown, values, default=default, ask=not self._comparing)
