"""Grouping of items by a key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

_One = TypeVar("_One")
_Key = TypeVar("_Key", bound=Hashable)


def grouped(found: Iterable[_One], key: Callable[[_One], _Key]) -> Iterable[tuple[_Key, list[_One]]]:
    """Return the items grouped by their key, in the order in which each key first appears."""
    groups: dict[_Key, list[_One]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return groups.items()
