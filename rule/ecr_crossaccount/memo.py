"""What is computed once and kept: by identity, by value, by property, or looked up.

Dataclasses compare by identity if a search creates many of them and looks them up far more often, and by their fields
otherwise. Public ones are frozen at run time too, because a caller could change a result that is kept. A cache keeps
results that are computed once for each argument, and looked up many times in a judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple, dataclass_transform

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass_transform(frozen_default=True)
def by_value(made: type[T]) -> type[T]:
    """Make a dataclass with slots and a hash.

    Only type checkers treat it as frozen. If it is really frozen, the class and each object take twice as long to make.
    """
    return dataclass(slots=True, unsafe_hash=True)(made)


@dataclass_transform(eq_default=False, frozen_default=True)
def by_identity(made: type[T]) -> type[T]:
    """Make a dataclass with slots that compares by identity.

    Only type checkers treat it as frozen. A dataclass that is really frozen takes twice as long to create.
    """
    return dataclass(slots=True, eq=False)(made)


class once(Generic[T]):  # noqa: N801 - read as a decorator
    """Works like `functools.cached_property`, without its checks.

    A search reads two dozen of these properties.
    """

    def __init__(self, find_out: Callable[[Any], T]) -> None:
        self._find_out = find_out
        self.__doc__ = find_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> T:
        found = self._find_out(instance)
        object.__setattr__(instance, self._name, found)  # which a frozen dataclass allows
        return found


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

    def decorate(find_out: Callable[[K], V]) -> Callable[[K], V]:
        return Known(find_out, most).__getitem__

    return decorate


def keep_results(find_out: Callable[[Any, *Ts], T]) -> once[Callable[[*Ts], T]]:
    """Decorate a method: each object keeps its results, by the arguments, for as long as it exists."""

    def remember(instance: object) -> Callable[[*Ts], T]:
        known: dict[tuple[*Ts], T] = {}

        def answer(*arguments: *Ts) -> T:
            if arguments not in known:
                known[arguments] = find_out(instance, *arguments)
            return known[arguments]

        return answer

    return once(remember)
