"""A property that is computed when it is first read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


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
        setattr(instance, self._name, found)
        return found
