"""What was read and may be asked for again, as long as there is room."""

from __future__ import annotations

from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Kept(Generic[_Value]):
    """Values by their names, together of at most a size; those that nobody has asked for longest are let go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: dict[str, tuple[_Value, int]] = {}

    def get(self, name: str) -> _Value | None:
        """Return a value, None where it is not there, or not any more."""
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
