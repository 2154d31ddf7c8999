"""Values close to those that a policy compares with, and their form in a request."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

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
