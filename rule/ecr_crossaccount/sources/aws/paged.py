"""Makes concurrent calls to AWS, within a limit, with the answers in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from .deadline import Deadline
from .retries import CONNECTIONS

_WINDOW = 100
"""The most answers that wait in memory."""

T = TypeVar("T")


def at_once(read: Callable[[str], T], names: Sequence[str], deadline: Deadline) -> Iterator[tuple[str, Future[T]]]:
    """Yield the answer or exception of `read` for each name. Uses as many threads as a client has connections.

    Raises OutOfTime before a window of calls if the deadline is near. A call that has not begun then also raises it.
    """

    def in_time(name: str) -> T:
        deadline.check()
        return read(name)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for start in range(0, len(names), _WINDOW):
            deadline.check()
            window = names[start : start + _WINDOW]
            # Each call has its own copy: it has the log's fields, and a context cannot be entered twice at a time.
            yield from [(name, pool.submit(copy_context().run, in_time, name)) for name in window]
