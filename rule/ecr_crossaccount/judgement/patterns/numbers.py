"""Numbers, moments, addresses and Boolean words: as unions of ranges, and as patterns of text.

A moment is its seconds since 1970, and an address is its integer. Ranges are what typed conditions leave.

A condition may compare a text in the request as a number. As a pattern, this comparison can be combined with conditions
that compare the text itself: `NumericLessThan 5` becomes the texts that spell a number below five.

There are two kinds of patterns. Exact patterns match precisely the texts that our readers accept. `LIKE_…` patterns
match more than any known reader of numbers, dates or addresses accepts. AWS does not document how it reads `1e3`, ` 7 `
or `203.000.113.007`. So such a text may be a value, but never certainly is one.
"""

from __future__ import annotations

import ipaddress
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Self

from ...memo import by_value
from .charsets import ANY, DIGIT, NOT_COLON, ZERO, Charset, but
from .tokens import NOTHING, Token, Tokens, exactly, literal, star

Cut = tuple[Decimal, bool]
"""A place between numbers: just before a number (False) or just after it (True)."""

_LEAST: Cut = (Decimal("-Infinity"), False)
_MOST: Cut = (Decimal("Infinity"), True)


@by_value
class Ranges:
    """A set of numbers: from the first to the second cut of each pair. The pairs are in order and do not touch."""

    pairs: tuple[tuple[Cut, Cut], ...]

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[Cut, Cut]]) -> Self:
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
        return Ranges.from_pairs(zip(cuts[::2], cuts[1::2], strict=True))

    def samples(self) -> Iterator[Decimal]:
        """Yield numbers of each range: its ends if they belong to it, and one number between them."""
        for (low, after), (high, up_to) in self.pairs:
            if low.is_finite() and not after:
                yield low
            if high.is_finite() and up_to:
                yield high
            yield _pick_number(low, high)


def _pick_number(low: Decimal, high: Decimal) -> Decimal:
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


def range_below(number: Decimal) -> Ranges:
    """Return the set of smaller numbers."""
    return Ranges(((_LEAST, (number, False)),))


def range_above(number: Decimal) -> Ranges:
    """Return the set of larger numbers."""
    return Ranges((((number, True), _MOST),))


def range_between(first: int, last: int) -> Ranges:
    """Return the numbers from `first` to `last`, both included."""
    return Ranges((((Decimal(first), False), (Decimal(last), True)),))


IPV4, IPV6 = 4, 6


def moments(value: datetime) -> Iterator[datetime]:
    """Yield a moment, and the moments one second before and after it."""
    for seconds in (0, -1, 1):
        try:
            yield value.astimezone(UTC) + timedelta(seconds=seconds)
        except OverflowError:
            continue


def timestamp(moment: datetime) -> str:
    """Return a moment in the form of `aws:CurrentTime`: in seconds, unless it has a fraction."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def address(version: int, number: int) -> str:
    """Return an address as text. A number outside the version's range becomes the nearest address."""
    width = 32 if version == IPV4 else 128
    number = min(max(number, 0), (1 << width) - 1)
    return str(ipaddress.IPv4Address(number) if version == IPV4 else ipaddress.IPv6Address(number))


_ZEROS = star(ZERO)
_DOT = literal(".")
_DIGITS = exactly(DIGIT) + star(DIGIT)
_FRACTIONS = (NOTHING, _DOT + _DIGITS)
_NO_FRACTIONS = (NOTHING, _DOT + literal("0") + _ZEROS)
_SIGNS = (NOTHING, literal("+"))


def _one_of(characters: str) -> Tokens:
    return Tokens((Token(characters),))


_NOT_ZERO = _one_of("123456789")

# --- Boolean words ---

TRUE, FALSE = (Tokens(Token(letter + letter.upper()) for letter in word) for word in ("true", "false"))
"""`true` and `false` in any case. Bool reads no other text for certain."""

# --- ARNs ---

_FIELD = star(NOT_COLON)
_REST = star(ANY)
ARN = literal("arn:") + (_FIELD + literal(":")) * 4 + _REST
"""An ARN: six fields."""
NO_ARNS = (
    *(_FIELD + (literal(":") + _FIELD) * colons for colons in range(5)),
    *(literal("arn:"[:place]) + exactly(one) + _REST for place, one in enumerate((*map(but, "arn"), NOT_COLON))),
)
"""All other texts: with fewer fields, or another beginning."""

# --- numbers ---

UNSIGNED = tuple(_DIGITS + fraction for fraction in _FRACTIONS)
NUMBERS = tuple(sign + number for sign in (*_SIGNS, literal("-")) for number in UNSIGNED)
"""The decimal numbers that Numeric operators certainly read."""


def _parts(number: Decimal) -> tuple[str, str]:
    """Return the digits of a number before and after the point, without leading and trailing zeros."""
    whole, _, fraction = f"{abs(number):f}".partition(".")
    return whole.lstrip("0"), fraction.rstrip("0")


def _differing(digits: str, others: dict[str, str], rest: Iterable[Tokens]) -> Iterator[Tokens]:
    """Yield patterns of digits that first differ from `digits` at each place.

    The digits after that place have the same number as in `digits`. One of `rest` follows.
    """
    for place, digit in enumerate(digits):
        if others[digit]:
            head = literal(digits[:place]) + _one_of(others[digit])
            for end in rest:
                yield head + exactly(DIGIT, len(digits) - place - 1) + end


_GREATER = {str(digit): "".join(map(str, range(digit + 1, 10))) for digit in range(10)}
_SMALLER = {str(digit): "".join(map(str, range(digit))) for digit in range(10)}


def _whole(digits: str) -> Tokens:
    """Return the whole part of a number with these digits, with any zeros before them."""
    return _ZEROS + literal(digits) if digits else literal("0") + _ZEROS


def _same(number: Decimal) -> Iterator[Tokens]:
    """Yield the unsigned texts of one number."""
    whole, fraction = _parts(number)
    ends = [_DOT + literal(fraction) + _ZEROS] if fraction else _NO_FRACTIONS
    for end in ends:
        yield _whole(whole) + end


def _larger(number: Decimal) -> Iterator[Tokens]:
    """Yield the unsigned texts of numbers greater than `number`, which is not negative."""
    whole, fraction = _parts(number)
    for end in _FRACTIONS:
        yield _ZEROS + _NOT_ZERO + exactly(DIGIT, len(whole)) + star(DIGIT) + end
    yield from (_ZEROS + one for one in _differing(whole, _GREATER, _FRACTIONS))
    point = _whole(whole) + _DOT
    for place, digit in enumerate(fraction):
        if _GREATER[digit]:
            yield point + literal(fraction[:place]) + _one_of(_GREATER[digit]) + star(DIGIT)
    yield point + literal(fraction) + star(DIGIT) + _NOT_ZERO + star(DIGIT)


def _lesser(number: Decimal) -> Iterator[Tokens]:
    """Yield the unsigned texts of numbers less than `number`, which is not negative."""
    whole, fraction = _parts(number)
    if whole:
        for digits in range(1, len(whole)):
            for end in _FRACTIONS:
                yield _ZEROS + exactly(DIGIT, digits) + end
        yield from (_ZEROS + one for one in _differing(whole, _SMALLER, _FRACTIONS))
    for place, digit in enumerate(fraction):
        head = _whole(whole) + _DOT + literal(fraction[:place])
        if _SMALLER[digit]:
            yield head + _one_of(_SMALLER[digit]) + star(DIGIT)
        yield head + _ZEROS if place else _whole(whole)
        if not place:
            yield head + literal("0") + _ZEROS


def _add_signs(signs: Iterable[Tokens], unsigned: Iterable[Tokens]) -> tuple[Tokens, ...]:
    every = tuple(unsigned)
    return tuple(sign + one for sign in signs for one in every)


_MINUS = (literal("-"),)


@lru_cache(maxsize=256)
def equal(number: Decimal) -> tuple[Tokens, ...]:
    """Return the texts that spell this number."""
    signs = _MINUS if number < 0 else _SIGNS if number else (*_SIGNS, *_MINUS)
    return _add_signs(signs, _same(number))


@lru_cache(maxsize=256)
def greater(number: Decimal) -> tuple[Tokens, ...]:
    """Return the texts that spell a greater number."""
    if number >= 0:
        return _add_signs(_SIGNS, _larger(number))
    return (*_add_signs(_SIGNS, UNSIGNED), *_add_signs(_MINUS, _lesser(-number)))


@lru_cache(maxsize=256)
def less(number: Decimal) -> tuple[Tokens, ...]:
    """Return the texts that spell a smaller number."""
    if number > 0:
        below_zero = _add_signs(_MINUS, UNSIGNED)
        return (*_add_signs(_SIGNS, _lesser(number)), *below_zero)
    return _add_signs(_MINUS, _larger(-number))


# --- texts that may be a number, a moment or an address ---

_SPACE = Charset("white space", lambda c: c.isspace() or unicodedata.category(c) in ("Zs", "Cf", "Cc"))
_NUMERIC = Charset(
    "character of a number or space", lambda c: _SPACE.holds(c) or c.isnumeric() or c in "+-.,_'eEdDfFlLxXaAbBcC"
)
_SPACES = star(_SPACE)

_BEGINNING = Charset("beginning of a number", lambda c: c.isnumeric() or c == ".")

LIKE_NUMBERS = (
    *(_SPACES + sign + exactly(_BEGINNING) + star(_NUMERIC) for sign in (*_SIGNS, literal("-"))),
    *(sign + literal(word) for sign in (*_SIGNS, *_MINUS) for word in ("Infinity", "INF", "inf", "infinity")),
)
"""More than any reader of numbers accepts: digits of any script, exponents, separators, spaces around."""

_MOMENT = Charset("character of a moment", lambda c: c.isdigit() or c.isspace() or c in "-+:.,/TtZzWw")
_LETTERS = Charset("character of a moment with names", lambda c: c.isalnum() or c.isspace() or c in "-+:.,/()[]")
_OF_ADDRESS = Charset("character of an address", lambda c: c.isalnum() or c in ".:/%[]" or _SPACE.holds(c))
_DIGIT_OR_MARK = Charset("digit or mark of an address", lambda c: c.isnumeric() or c in ".:")
LIKE_ADDRESSES = (star(_OF_ADDRESS) + exactly(_DIGIT_OR_MARK) + star(_OF_ADDRESS),)
"""More than any reader of addresses accepts: one number, other bases, zeros before octets, zones, prefixes, spaces."""


def like_moments(first_year: int, last_year: int) -> tuple[Tokens, ...]:
    """Return more than any reader of dates accepts for these years.

    An offset may change the year, so it adds one at each end.

    A text begins with a year of four digits, or is a date with words.
    """
    years = _years(max(first_year - 1, 0), min(last_year + 1, 9999))
    return tuple(_SPACES + year + star(_MOMENT) for year in years) + _WITH_WORDS


_WITH_WORDS = tuple(
    star(_LETTERS) + _one_of(month[0] + month[0].upper()) + literal(month[1:]) + star(_LETTERS)
    for month in ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
)
YEARS = (exactly(DIGIT, 4),)
"""Years alone. They are numbers too."""
LIKE_MOMENTS = (_SPACES + exactly(DIGIT, 4) + star(_MOMENT), *_WITH_WORDS)
"""Patterns of moments in any year."""


def _years(first: int, last: int) -> list[Tokens]:
    """Return patterns for the years of four digits between two years, in the largest possible powers of ten."""
    found: list[Tokens] = []
    year = first
    while year <= last:
        digits = max(size for size in range(4) if year % 10**size == 0 and year + 10**size - 1 <= last)
        found.append(literal(f"{year:04d}"[: 4 - digits]) + exactly(DIGIT, digits))
        year += 10**digits
    return found


_DAY = literal("-") + _one_of("0") + _NOT_ZERO + literal("-")
_DAYS = (_DAY + _one_of("0") + _NOT_ZERO, _DAY + _one_of("1") + exactly(DIGIT))
_TIME = literal("T") + _one_of("01") + exactly(DIGIT) + literal(":") + _one_of("012345") + exactly(DIGIT)
_SECOND = literal(":") + _one_of("012345") + exactly(DIGIT)
SOME_MOMENTS = tuple(
    exactly(DIGIT, 4) + day + time
    for day in _DAYS
    for time in (NOTHING, _TIME + literal("Z"), _TIME + _SECOND + literal("Z"))
)
"""Some of the moments that Date operators certainly read, in each of the usual forms."""

SOME_ADDRESSES = tuple(
    _NOT_ZERO + a + _DOT + b + _DOT + c + _DOT + d
    for a in (NOTHING, exactly(DIGIT))
    for b in (exactly(DIGIT), _NOT_ZERO + exactly(DIGIT))
    for c in (exactly(DIGIT), _NOT_ZERO + exactly(DIGIT))
    for d in (exactly(DIGIT), _NOT_ZERO + exactly(DIGIT))
)
"""Some IPv4 addresses, with octets below 100."""
