"""Many calls to AWS at once, bounded, their answers in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from .deadline import Deadline
from .retries import CONNECTIONS

_WINDOW = 100
"""Answers that wait in memory, at most."""

T = TypeVar("T")


def at_once(read: Callable[[str], T], names: Sequence[str], deadline: Deadline) -> Iterator[tuple[str, Future[T]]]:
    """Return for each name what `read` answered or raised, as many at a time as a client has connections.

    Raises OutOfTime before a window of calls, and lets a call that has not begun raise it, when the deadline nears.
    """

    def in_time(name: str) -> T:
        deadline.check()
        return read(name)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for start in range(0, len(names), _WINDOW):
            deadline.check()
            window = names[start : start + _WINDOW]
            # A copy each: the log's fields go along, and no context can be entered twice at a time.
            yield from [(name, pool.submit(copy_context().run, in_time, name)) for name in window]
