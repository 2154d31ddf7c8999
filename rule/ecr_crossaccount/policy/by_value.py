"""Values that are compared by what they hold, and made by the dozen for each policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def by_value(made: type[T]) -> type[T]:
    """Make a dataclass with slots. Type checkers hold it to be frozen; being so costs more than half of the time."""
    return dataclass(slots=True, unsafe_hash=True)(made)
