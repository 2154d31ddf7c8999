"""Work counted instead of timed: the bytecode instructions that Python runs, the same on every machine.

They leave out what is done in C, so they compare versions of this project and nobody with anybody else. One version of
Python counts otherwise than another: the limits are those of the version that the environment is made with.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from .contenders import Answer


def counted(answer: Answer, texts: Sequence[str]) -> list[int]:
    """Instructions for each text, one after the other."""
    return [_count(answer, text) for text in texts]


def _count(answer: Answer, text: str) -> int:
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined]  # Python 3.11 has none; the benchmarks run on 3.13
    instruction, tool = monitoring.events.INSTRUCTION, monitoring.PROFILER_ID
    count = 0

    def one_more(_code: object, _offset: int) -> None:
        nonlocal count
        count += 1

    monitoring.use_tool_id(tool, "instructions")
    monitoring.register_callback(tool, instruction, one_more)
    monitoring.set_events(tool, instruction)
    try:
        answer(text)
    finally:
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)
    return count
