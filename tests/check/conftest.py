"""The command, run as in the tests of the command line."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from tests.cli.conftest import run, spawn, write

__all__ = ["bounded", "run", "spawn", "write"]


@pytest.fixture
def bounded() -> Iterator[None]:
    """Fail a test that needs more than a minute of processor time, which does not depend on the load of the machine."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError("more than a minute of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 60)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
