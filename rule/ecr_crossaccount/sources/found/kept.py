"""A cache of bounded size for values that may be needed again."""

from __future__ import annotations

from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Kept(Generic[_Value]):
    """Values by name, up to a total size. The values that were used least recently are dropped first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: dict[str, tuple[_Value, int]] = {}

    def get(self, name: str) -> _Value | None:
        """Return a value, or None if it is not in the cache."""
        found = self._values.pop(name, None)
        if found is None:
            return None
        self._values[name] = found
        return found[0]

    def keep(self, name: str, value: _Value, size: int) -> _Value:
        """Keep a value as far as there is room, and return it."""
        self._values[name] = value, size
        self._size += size
        while self._size > self._most and len(self._values) > 1:
            oldest = next(iter(self._values))
            self._size -= self._values.pop(oldest)[1]
        return value
