"""Values around those that a policy compares with, and how AWS writes them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

IPV4, IPV6 = 4, 6


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
