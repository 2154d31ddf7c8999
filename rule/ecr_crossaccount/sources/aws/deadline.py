"""The time that AWS Lambda leaves an invocation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Self, TypeVar

from ...errors import EcrCrossAccountError

_RESERVE = 90.0
"""Seconds kept for work in progress near the deadline: to report results and hand over the rest, with retries."""
_SHARE = 0.1
"""The largest share of an invocation's time for the reserve, so that a short one has time for its work."""

T = TypeVar("T")


class OutOfTime(EcrCrossAccountError):  # noqa: N818 - an event of the clock, not an error
    """The deadline is near, so nothing new may begin."""

    def __init__(self) -> None:
        super().__init__("the time limit of the function is close")


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of an invocation. `remaining` returns the seconds until then, and `reserve` of them must stay unused."""

    remaining: Callable[[], float]
    reserve: float

    @classmethod
    def of(cls, context: object) -> Self:
        """Return the deadline in Lambda's context. Without a context there is none."""
        milliseconds = getattr(context, "get_remaining_time_in_millis", None)
        if milliseconds is None:
            return cls(lambda: inf, 0.0)
        return cls(lambda: milliseconds() / 1000, min(_RESERVE, milliseconds() / 1000 * _SHARE))

    def nears(self) -> bool:
        """Return whether only the reserve is left."""
        return self.remaining() <= self.reserve

    def check(self) -> None:
        """Raise OutOfTime if only the reserve is left."""
        if self.nears():
            raise OutOfTime

    def during(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items one by one. Raises OutOfTime if only the reserve is left."""
        for item in items:
            self.check()
            yield item
