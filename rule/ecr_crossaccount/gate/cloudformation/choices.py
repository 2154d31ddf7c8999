"""The choice between a few values for an unknown: a parameter with allowed values, or a key of a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ...policy.holes import Hole, Holed
from ..values.nodes import Node
from .conditions import Conditions
from .mappings import looked_up

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
            if isinstance(key, Hole) and level is not None:
                names = [name for name, _ in level.fields]
                none = others and self._conditions.is_none_of(key, names)
                keys[place] = _NO_KEY if none else self._key(key, names, default(key), others=others) or key
            one = keys[place]
            level = level.get(one) if level is not None and isinstance(one, str) else None
        return keys

    def _key(self, key: Hole, names: Sequence[str], default: str | None, *, others: bool) -> str | None:
        return self._asked(key, names, default) if others else self.chosen(key, names, default)

    def _asked(self, unknown: Hole, values: Sequence[str], default: str | None) -> str | None:
        return self._conditions.chosen(unknown, values, default=default, ask=not self._comparing)
