"""Work counted in calls of Python functions, which no other process on the machine can slow down."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

_TOOL = 4  # a free tool id: https://docs.python.org/3/library/sys.monitoring.html#tool-identifiers


class TooMuchWorkError(AssertionError):
    """More calls than were promised; raised in the middle of the work, which might never end."""


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Raise TooMuchWorkError inside the block once it has called that many Python functions."""
    left = calls

    def count(_: CodeType, __: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            monitoring.set_events(_TOOL, 0)  # once: the way out of the block is made of calls too
            raise TooMuchWorkError(f"more than {calls:,} calls")

    monitoring = sys.monitoring  # type: ignore[attr-defined]  # since Python 3.12
    monitoring.use_tool_id(_TOOL, "steps")
    monitoring.register_callback(_TOOL, monitoring.events.PY_START, count)
    monitoring.set_events(_TOOL, monitoring.events.PY_START)
    try:
        yield
    finally:
        monitoring.set_events(_TOOL, 0)
        monitoring.register_callback(_TOOL, monitoring.events.PY_START, None)
        monitoring.free_tool_id(_TOOL)
