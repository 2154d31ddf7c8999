"""The values of typed operators as ranges of numbers, and the numbers that a condition matches as patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ...documents.conditions import Base, Condition, Network, date, number, odd_date, odd_number
from ...memo import looked_up
from ..patterns import ranges, spellings
from ..patterns.comparisons import NUMERIC, Test
from ..patterns.ranges import Ranges
from ..patterns.tokens import Tokens, matches

RangeOf = Callable[[Base, object], Ranges | None]
"""The numbers of one kind that match a value, or None if no number of this kind does."""


_ORDERS: dict[str, Callable[[Decimal], Ranges]] = {
    "Equals": ranges.equal_to,
    "LessThan": ranges.below,
    "LessThanEquals": lambda number: ~ranges.above(number),
    "GreaterThan": ranges.above,
    "GreaterThanEquals": lambda number: ~ranges.below(number),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def seconds(moment: datetime) -> Decimal:
    """Return a moment as seconds since 1970."""
    return Decimal((moment - EPOCH) // _MICROSECOND) / 1_000_000


_ORDER_OF = {base: base.value.removeprefix("Numeric").removeprefix("Date") for base in Base}
"""The order that each operator tests, for operators on numbers and dates."""


def _scalar(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else seconds(value) if isinstance(value, datetime) else None


def number_range(base: Base, value: object) -> Ranges | None:
    """Return the range for a Decimal or a moment. Date operators compare both as seconds since 1970."""
    scalar = _scalar(value)
    return None if scalar is None else _ORDERS[_ORDER_OF[base]](scalar)


def moment_range(base: Base, value: object) -> Ranges | None:
    """Return the range for a moment, as seconds since 1970, or None for any other value."""
    return number_range(base, value) if isinstance(value, datetime) else None


def address_range(version: int) -> RangeOf:
    """Return a function that returns the addresses in a network of this IP version."""

    def found(base: Base, value: object) -> Ranges | None:  # noqa: ARG001 - one operator compares addresses
        if not isinstance(value, Network) or value.version != version:
            return None
        return ranges.between(value.first, value.last)

    return found


_SPELLED: dict[str, Callable[[Decimal], tuple[Tokens, ...]]] = {
    "Equals": spellings.equal,
    "LessThan": spellings.less,
    "LessThanEquals": lambda number: (*spellings.less(number), *spellings.equal(number)),
    "GreaterThan": spellings.greater,
    "GreaterThanEquals": lambda number: (*spellings.greater(number), *spellings.equal(number)),
}


ORDERED = frozenset(base for base in Base if base.value.startswith(("Numeric", "Date")))
"""The operators that compare the order of numbers or moments."""
_Reader = Callable[[str], Decimal] | Callable[[str], datetime]
_NUMBERS: tuple[tuple[_Reader, ...], tuple[Tokens, ...]] = ((number, odd_number), spellings.LIKE_NUMBERS)
_MOMENTS: tuple[tuple[_Reader, ...], tuple[Tokens, ...]] = (
    (date, odd_date),
    (*spellings.LIKE_NUMBERS, *spellings.LIKE_MOMENTS),
)


def is_in_ranges(test: Test, text: str) -> bool | None:
    """Return whether a number or moment matches one of a condition's values, or None if this cannot be determined.

    If readers differ about a text, it cannot be determined how AWS reads it. The same is true if none of them reads it,
    but it looks like a text that another reader might accept.
    """
    within, unknown = _ranges_of(test)
    known, is_doubtful = _readings((test.condition.operator.base in NUMERIC, text))
    found = any(one in within for one in known)
    if found and not is_doubtful:
        return True
    return None if unknown or (is_doubtful and (found or not known)) else False


@looked_up(most=1024)
def _readings(asked: tuple[bool, str]) -> tuple[frozenset[Decimal], bool]:
    """Return what readers of numbers, or of moments, read from a text, and whether AWS may read something else."""
    is_number, text = asked
    readers, like = _NUMBERS if is_number else _MOMENTS
    read = {_scalar(_read(reader, text)) for reader in readers}
    known = frozenset(one for one in read if one is not None)
    return known, len(read) > 1 if known else any(matches(tokens, text) for tokens in like)


@looked_up(most=256)
def _ranges_of(test: Test) -> tuple[Ranges, bool]:
    """Return the numbers that match a condition's values, and whether some values are unknown."""
    condition = test.condition
    found = [number_range(condition.operator.base, value) for value in condition.values]
    return Ranges.of(pair for one in found if one is not None for pair in one.pairs), None in found


def _read(reader: _Reader, text: str) -> object:
    try:
        return reader(text)
    except ValueError:
        return None


def spelled_by(condition: Condition) -> Iterator[Tokens]:
    """Yield patterns of the numbers that a condition matches, if its operator is for numbers or dates."""
    order = _ORDER_OF[condition.operator.base]
    for value in condition.values:
        scalar = _scalar(value)
        if scalar is not None:
            yield from _SPELLED[order](scalar)
