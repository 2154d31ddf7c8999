"""The values of typed operators as ranges of numbers, and what a condition matches as patterns.

AWS documents CIDR notation. It does not document how it reads an address as one number, with zeros before its parts, or
an IPv4 address inside IPv6, such as `::ffff:203.0.113.7`. So such an address may be in a network, but is not certainly.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ...documents.conditions import Base, Condition, Network, date, network, number, odd_date, odd_number
from ...memo import looked_up
from ..patterns import numbers
from ..patterns.comparisons import NUMERIC, Test
from ..patterns.numbers import IPV4, IPV6, Ranges
from ..patterns.tokens import Tokens, matches


class Readings(NamedTuple):
    """What a text may be: the address that AWS certainly reads, those that a reader may read, or any address."""

    certain: Network | None
    possible: tuple[Network, ...]
    is_any: bool


@looked_up(most=1024)
def readings(text: str) -> Readings:
    """Return the addresses that a text may be."""
    certain: Network | None = None
    with suppress(ValueError):
        certain = network(text)
    possible = tuple(dict.fromkeys(_odd(text)))
    unknown = not possible and any(matches(tokens, text) for tokens in numbers.LIKE_ADDRESSES)
    return Readings(certain, possible, certain is None and unknown)


def _odd(text: str) -> Iterator[Network]:
    """Yield the addresses that lenient readers read: with brackets, a zone, zeros, other bases or fewer parts."""
    bare = text.strip().removeprefix("[").partition("]")[0].partition("%")[0]
    address, _, length = bare.partition("/")
    for of_zero in (_DECIMAL, _OCTAL):
        with suppress(ValueError):
            if ":" in address:
                read = network(bare)
            else:
                version, first = _from_parts([_part(one, of_zero) for one in address.split(".")])
                read = _network(version, first, int(length or _BITS[version]))
            yield read
            yield from inside_out(read)


_DECIMAL, _OCTAL, _HEXADECIMAL = 10, 8, 16
_BITS = {IPV4: 32, IPV6: 128}
_PARTS = 4


def _part(text: str, of_zero: int) -> int:
    """Read one part of an IPv4 address. `of_zero` is the base of a number that begins with zero."""
    if text[:2].lower() == "0x":
        return int(text, _HEXADECIMAL)
    return int(text, of_zero if text.startswith("0") else _DECIMAL)


def _from_parts(parts: list[int]) -> tuple[int, int]:
    """Return the version and the number of an address. The last of fewer than four parts has all remaining bits."""
    *octets, last = parts
    if len(parts) > _PARTS or any(not 0 <= octet < 1 << 8 for octet in octets):
        raise ValueError("not an address")
    rest = 8 * (_PARTS - len(octets))
    if 0 <= last < 1 << rest:
        return IPV4, sum(octet << 24 - 8 * place for place, octet in enumerate(octets)) | last
    if octets or not 0 <= last < 1 << _BITS[IPV6]:
        raise ValueError("not an address")
    return IPV6, last


def _network(version: int, first: int, length: int) -> Network:
    hosts = (1 << _BITS[version] - length) - 1  # raises ValueError if the length is too large
    return Network(version, first & ~hosts, first | hosts, exact=False)


_MAPPED = 0xFFFF << 32
"""The first of the IPv6 addresses that stand for IPv4 addresses: `::ffff:0:0/96`."""


def inside_out(found: Network | None) -> Iterator[Network]:
    """Yield the IPv4 network that an IPv6 one stands for."""
    if found is not None and found.version == IPV6 and found.first >= _MAPPED and found.last < _MAPPED + (1 << 32):
        yield Network(IPV4, found.first - _MAPPED, found.last - _MAPPED, exact=False)


class Cover:
    """Some networks. Any two of them are nested or disjoint, and those inside another one do not count."""

    __slots__ = ("_outer", "_starts")

    def __init__(self, networks: Iterable[Network]) -> None:
        self._outer: list[Network] = []
        for one in sorted(networks, key=lambda one: (one.version, one.first, -one.last)):
            if not (self._outer and _contains(self._outer[-1], one)):
                self._outer.append(one)
        self._starts = [(one.version, one.first) for one in self._outer]

    def contains(self, address: Network) -> bool:
        """Return whether one of the networks contains a whole address or range."""
        place = bisect(self._starts, (address.version, address.first))
        return place > 0 and _contains(self._outer[place - 1], address)


def _contains(wanted: Network, address: Network) -> bool:
    return wanted.version == address.version and wanted.first <= address.first and address.last <= wanted.last


def is_in_networks(test: Test, text: str) -> bool | None:
    """Return whether one of a condition's networks contains an address, or None if this cannot be determined."""
    certain, possible, unknown = _networks_of(test)
    read = readings(text)
    if read.certain is not None and certain.contains(read.certain):
        return True
    others = read.possible if read.certain is None else (read.certain, *read.possible)
    return None if unknown or read.is_any or any(map(possible.contains, others)) else False


class _Networks(NamedTuple):
    """The networks that AWS certainly reads in a condition, all that it may read, and whether others are unknown."""

    certain: Cover
    possible: Cover
    unknown: bool


@looked_up(most=256)
def _networks_of(test: Test) -> _Networks:
    """Return the networks of a condition. Computed once for each condition, because it is compared many times."""
    found = [value for value in test.condition.values if isinstance(value, Network)]
    certain = Cover(one for one in found if one.exact)
    possible = Cover(each for one in found for each in (one, *inside_out(one)))
    return _Networks(certain, possible, len(found) < len(test.condition.values))


RangeOf = Callable[[Base, object], Ranges | None]
"""The numbers of one kind that match a value, or None if no number of this kind does."""


_ORDERS: dict[str, Callable[[Decimal], Ranges]] = {
    "Equals": numbers.equal_to,
    "LessThan": numbers.range_below,
    "LessThanEquals": lambda number: ~numbers.range_above(number),
    "GreaterThan": numbers.range_above,
    "GreaterThanEquals": lambda number: ~numbers.range_below(number),
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

    def network_range(base: Base, value: object) -> Ranges | None:  # noqa: ARG001 - one operator compares addresses
        if not isinstance(value, Network) or value.version != version:
            return None
        return numbers.range_between(value.first, value.last)

    return network_range


_SPELLED: dict[str, Callable[[Decimal], tuple[Tokens, ...]]] = {
    "Equals": numbers.equal,
    "LessThan": numbers.less,
    "LessThanEquals": lambda number: (*numbers.less(number), *numbers.equal(number)),
    "GreaterThan": numbers.greater,
    "GreaterThanEquals": lambda number: (*numbers.greater(number), *numbers.equal(number)),
}


ORDERED = frozenset(base for base in Base if base.value.startswith(("Numeric", "Date")))
"""The operators that compare the order of numbers or moments."""
_Reader = Callable[[str], Decimal] | Callable[[str], datetime]
_NUMBERS: tuple[tuple[_Reader, ...], tuple[Tokens, ...]] = ((number, odd_number), numbers.LIKE_NUMBERS)
_MOMENTS: tuple[tuple[_Reader, ...], tuple[Tokens, ...]] = (
    (date, odd_date),
    (*numbers.LIKE_NUMBERS, *numbers.LIKE_MOMENTS),
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
    return Ranges.from_pairs(pair for range_ in found if range_ is not None for pair in range_.pairs), None in found


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
