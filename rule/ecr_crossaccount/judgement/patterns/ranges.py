"""Sets of numbers as unions of ranges: the numbers, moments or addresses that typed conditions leave.

A moment is its seconds since 1970, and an address is its integer.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Self

Cut = tuple[Decimal, bool]
"""A place between numbers: just before a number (False) or just after it (True)."""

_LEAST: Cut = (Decimal("-Infinity"), False)
_MOST: Cut = (Decimal("Infinity"), True)


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set of numbers: from the first to the second cut of each pair. The pairs are in order and do not touch."""

    pairs: tuple[tuple[Cut, Cut], ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[Cut, Cut]]) -> Self:
        """Return the union of some ranges, in any order."""
        merged: list[tuple[Cut, Cut]] = []
        for start, end in sorted(pair for pair in pairs if pair[0] < pair[1]):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return cls(tuple(merged))

    def __contains__(self, number: Decimal) -> bool:
        place = bisect(self.pairs, (number, False), key=itemgetter(0))
        return place > 0 and (number, True) <= self.pairs[place - 1][1]

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __invert__(self) -> Ranges:
        cuts = [_LEAST, *(cut for pair in self.pairs for cut in pair), _MOST]
        return Ranges.of(zip(cuts[::2], cuts[1::2], strict=True))

    def samples(self) -> Iterator[Decimal]:
        """Yield numbers of each range: its ends if they belong to it, and one number between them."""
        for (low, after), (high, up_to) in self.pairs:
            if low.is_finite() and not after:
                yield low
            if high.is_finite() and up_to:
                yield high
            yield _between(low, high)


def _between(low: Decimal, high: Decimal) -> Decimal:
    """Return a number between two others, a whole one if possible. If both are equal, return `low`."""
    if not low.is_finite():
        return high - 1 if high.is_finite() else Decimal(1)
    whole = low.to_integral_value(rounding="ROUND_FLOOR") + 1
    if whole < high:
        return whole
    return (low + high) / 2


NO_RANGE = Ranges(())


def equal_to(number: Decimal) -> Ranges:
    """Return the set with only this number."""
    return Ranges((((number, False), (number, True)),))


def below(number: Decimal) -> Ranges:
    """Return the set of smaller numbers."""
    return Ranges(((_LEAST, (number, False)),))


def above(number: Decimal) -> Ranges:
    """Return the set of larger numbers."""
    return Ranges((((number, True), _MOST),))


def between(first: int, last: int) -> Ranges:
    """Return the numbers from `first` to `last`, both included."""
    return Ranges((((Decimal(first), False), (Decimal(last), True)),))
