"""The calls that tests started in thread pools and that have not ended.

An audit that gives up does not wait for its calls in progress. They must end within their test: otherwise they use the
clock, the pauses and the AWS of the next test.
"""

from __future__ import annotations

from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from weakref import WeakSet

_BEGUN: WeakSet[Future[object]] = WeakSet()


def watch() -> None:
    """Record each call that is submitted to a thread pool from now on."""
    pool: Any = ThreadPoolExecutor
    submit = pool.submit

    def noted(*given: object, **named: object) -> Future[object]:
        future: Future[object] = submit(*given, **named)
        _BEGUN.add(future)
        return future

    pool.submit = noted


def end() -> None:
    """Wait until each recorded call has ended or was cancelled."""
    while _BEGUN:
        with suppress(KeyError, CancelledError):  # a pool may release one meanwhile
            _BEGUN.pop().exception()
