"""The one place that looks at a clock, or waits. Everything below the command line takes time as an argument."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime


def today() -> date:
    """Return the current date in UTC, in which approvals expire."""
    return now().date()


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds that only ever grow."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)
