"""What was begun in other threads and has not ended.

An audit that gives up leaves the calls alone that are under way. Without this, they go on with the clock, the pauses
and the AWS of whatever test comes next.
"""

from __future__ import annotations

from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from weakref import WeakSet

_BEGUN: WeakSet[Future[object]] = WeakSet()


def watch() -> None:
    """Take note of all that is given to threads, from now on."""
    pool: Any = ThreadPoolExecutor
    submit = pool.submit

    def noted(*given: object, **named: object) -> Future[object]:
        future: Future[object] = submit(*given, **named)
        _BEGUN.add(future)
        return future

    pool.submit = noted


def end() -> None:
    """Wait until all of it has ended, or was cancelled."""
    while _BEGUN:
        with suppress(KeyError, CancelledError):  # another thread may be the last to hold one
            _BEGUN.pop().exception()
