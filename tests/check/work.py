"""Counts work in calls of functions, which does not depend on other processes of the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context

OWNER = "111122223333"


def calls(done: Callable[[], object]) -> int:
    """Return how many functions a call runs, including those written in C."""
    count = 0

    def one_more(_frame: FrameType, event: str, _about: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(one_more)
    try:
        done()
    finally:
        sys.setprofile(before)
    return count


def reading(*paths: str) -> int:
    """Return how many calls it takes to read some paths, after a first run has filled the caches."""
    harvest(paths, Context(account=OWNER))
    return calls(lambda: harvest(paths, Context(account=OWNER)))
