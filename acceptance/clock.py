"""Time, as a port: a run waits for AWS through it, and a test lets it pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from .errors import TimedOutError

Found = TypeVar("Found")

EVERY = 60.0
"""Seconds between two looks."""


class Clock(Protocol):
    """What a run knows of time."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def wait_for(
    clock: Clock, what: str, seconds: float, look: Callable[[], Found | None], *, every: float = EVERY
) -> Found:
    """Look until there is something, at least once. Raises TimedOutError that says `what` did not come in time."""
    started = clock.now()
    while (found := look()) is None:
        if (clock.now() - started).total_seconds() >= seconds:
            raise TimedOutError(f"{what}: not seen within {duration(seconds)}")
        clock.sleep(every)
    return found


def duration(seconds: float) -> str:
    """Return a time as people say it: `90 s`, `20 min`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min" if minutes and not rest else f"{round(seconds)} s"
