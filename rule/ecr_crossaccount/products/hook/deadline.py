"""A time limit. A late answer is no answer."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ...errors import OutOfTimeError


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTimeError in the block after that many seconds. Only for the main thread, which calls handlers."""
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
