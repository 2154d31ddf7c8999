"""Counts work in calls of Python functions, which does not depend on other processes of the machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

_TOOL = 4  # a free tool id: https://docs.python.org/3/library/sys.monitoring.html#tool-identifiers


class TooMuchWorkError(AssertionError):
    """There were more calls than promised. It is raised during the work, which might never end."""


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Raise TooMuchWorkError in the block after that many calls of Python functions."""
    left = calls

    def count(_: CodeType, __: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            monitoring.set_events(_TOOL, 0)  # once, because leaving the block also makes calls
            raise TooMuchWorkError(f"more than {calls:,} calls")

    monitoring = sys.monitoring  # type: ignore[attr-defined]  # new in Python 3.12
    monitoring.use_tool_id(_TOOL, "steps")
    monitoring.register_callback(_TOOL, monitoring.events.PY_START, count)
    monitoring.set_events(_TOOL, monitoring.events.PY_START)
    try:
        yield
    finally:
        monitoring.set_events(_TOOL, 0)
        monitoring.register_callback(_TOOL, monitoring.events.PY_START, None)
        monitoring.free_tool_id(_TOOL)
