"""Values around those that a policy compares with: the ones that its tests can tell apart."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ..policy.conditions import Network, Value

IPV4 = 4


def neighbours(value: Value) -> Iterator[str]:
    """Yield texts at, just below and just above a typed comparison value; nothing for a string or a hole."""
    match value:
        case bool():
            yield "true" if value else "false"
            yield "false" if value else "true"
        case Decimal():
            yield from (str(number) for number in whole_numbers(value))
        case datetime():
            yield from (timestamp(moment) for moment in moments(value))
        case Network():
            yield from (address(value.version, number) for number in (value.first, value.last + 1, value.first - 1))


def whole_numbers(value: Decimal) -> Iterator[Decimal]:
    """Yield the number itself and the whole numbers around it."""
    below, above = value.to_integral_value(ROUND_FLOOR), value.to_integral_value(ROUND_CEILING)
    yield from dict.fromkeys((value, below, above, below - 1, above + 1))


def moments(value: datetime) -> Iterator[datetime]:
    """Yield a moment and its neighbours to the second."""
    for seconds in (0, -1, 1):
        try:
            yield value.astimezone(UTC) + timedelta(seconds=seconds)
        except OverflowError:
            continue


def timestamp(moment: datetime) -> str:
    """Write a moment as `aws:CurrentTime` does, to the second unless it has a fraction."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def address(version: int, number: int) -> str:
    """Write an address; one outside the version's range is written as its nearest end."""
    width = 32 if version == IPV4 else 128
    number = min(max(number, 0), (1 << width) - 1)
    return str(ipaddress.IPv4Address(number) if version == IPV4 else ipaddress.IPv6Address(number))
