"""The one place that looks at a clock, or waits. Everything below the command line takes time as an argument."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

from .errors import InputError

_EARLIEST = date(2026, 1, 1)
"""Before it, there was no version of this command: a clock that has not been set often says 1970."""


def today() -> date:
    """Return the current date in UTC, in which approvals expire. Raises InputError as `now`."""
    return now().date()


def now() -> datetime:
    """Return the current time in UTC.

    Raises InputError if the clock was never set: trust that has ended would hold again.
    """
    time = datetime.now(UTC)
    if time.date() < _EARLIEST:
        raise InputError(
            f"the clock of this machine says {time.date()}: set it, because the last day of trust and of a "
            "suppression is compared with it"
        )
    return time


def monotonic() -> float:
    """Return seconds that only ever grow."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)
