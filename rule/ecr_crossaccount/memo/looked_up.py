"""A cache for results that are computed once for each argument, and looked up many times in a judgement."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Known(dict[K, V]):
    """The results so far, by argument."""

    __slots__ = ("_find_out", "_most")

    def __init__(self, find_out: Callable[[K], V], most: int) -> None:
        super().__init__()
        self._find_out = find_out
        self._most = most

    def __missing__(self, key: K) -> V:
        found = self._find_out(key)
        if len(self) >= self._most:
            self.clear()
        return self.setdefault(key, found)


def looked_up(most: int) -> Callable[[Callable[[K], V]], Callable[[K], V]]:
    """Decorate a function of one argument like `functools.lru_cache`, in a third of the time.

    It counts nothing and keeps no order. When it has `most` results, it forgets all of them. It returns a bound method
    of a `Known`, which is its `__self__` and can be cleared.
    """

    def made(find_out: Callable[[K], V]) -> Callable[[K], V]:
        return Known(find_out, most).__getitem__

    return made
