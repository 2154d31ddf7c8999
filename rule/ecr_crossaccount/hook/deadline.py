"""An end for whatever takes too long: an answer that comes late is none."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTimeError(Exception):
    """The time for an answer is over. No error of this package, so that nothing in it takes it for something else."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise OutOfTimeError in the block when so many seconds are over; for the main thread, which calls handlers."""
    if seconds <= 0:
        raise OutOfTimeError
    before = signal.signal(signal.SIGALRM, _stop)
    earlier = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *earlier)
        signal.signal(signal.SIGALRM, before)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise OutOfTimeError
