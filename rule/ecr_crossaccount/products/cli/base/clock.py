"""The only module that reads a clock or waits. Everything below the command line takes the time as an argument."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

from ....errors import InputError

_EARLIEST = date(2026, 1, 1)
"""There was no version of this command before this day. A clock that was never set often says 1970."""


def today() -> date:
    """Return the current date in UTC, which decides whether an approval has expired. Raises InputError like `now`."""
    return now().date()


def now() -> datetime:
    """Return the current time in UTC.

    Raises InputError if the clock was never set, because expired trust would then apply again.
    """
    time = datetime.now(UTC)
    if time.date() < _EARLIEST:
        raise InputError(
            f"the clock of this machine says {time.date()}: set it, because the last day of trust and of a "
            "suppression is compared with it"
        )
    return time


def monotonic() -> float:
    """Return the seconds of a clock that never goes back."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait for a number of seconds."""
    time.sleep(seconds)
