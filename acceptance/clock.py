"""Time, as a port: a run waits for AWS with it, and a test lets it pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from .errors import TimedOutError

Found = TypeVar("Found")

EVERY = 60.0
"""Seconds between two checks."""


class Clock(Protocol):
    """The clock of a run."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        time.sleep(seconds)


def wait_for(
    clock: Clock, what: str, seconds: float, look: Callable[[], Found | None], *, every: float = EVERY
) -> Found:
    """Call `look` until it returns something, at least once. Raises TimedOutError that names `what`."""
    started = clock.now()
    while (found := look()) is None:
        if (clock.now() - started).total_seconds() >= seconds:
            raise TimedOutError(f"{what}: not seen within {duration(seconds)}")
        clock.sleep(every)
    return found


def duration(seconds: float) -> str:
    """Return a time in the usual form: `90 s`, `20 min`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min" if minutes and not rest else f"{round(seconds)} s"
