"""The time that AWS Lambda leaves an invocation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Self, TypeVar

from ..errors import EcrCrossAccountError

_RESERVE = 90.0
"""Seconds kept for what is under way when the deadline nears: results to report, the rest to hand over, both with time
to be tried again."""
_SHARE = 0.1
"""The reserve is at most this part of an invocation's time, so that a short one gets to work at all."""

T = TypeVar("T")


class OutOfTime(EcrCrossAccountError):  # noqa: N818 - an answer of the clock's, not a fault
    """The deadline nears: nothing new is to be begun."""

    def __init__(self) -> None:
        super().__init__("the time limit of the function is close")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an invocation ends; `remaining` answers the seconds until then, `reserve` of them are not to be spent."""

    remaining: Callable[[], float]
    reserve: float

    @classmethod
    def of(cls, context: object) -> Self:
        """Return the deadline that Lambda's context tells; without a context there is none."""
        milliseconds = getattr(context, "get_remaining_time_in_millis", None)
        if milliseconds is None:
            return cls(lambda: inf, 0.0)
        return cls(lambda: milliseconds() / 1000, min(_RESERVE, milliseconds() / 1000 * _SHARE))

    def nears(self) -> bool:
        """Tell whether only the reserve is left."""
        return self.remaining() <= self.reserve

    def check(self) -> None:
        """Raise OutOfTime if only the reserve is left."""
        if self.nears():
            raise OutOfTime

    def during(self, items: Iterable[T]) -> Iterator[T]:
        """Return items one after the other, and raise OutOfTime if only the reserve is left."""
        for item in items:
            self.check()
            yield item
