"""Work counted instead of timed: the bytecode instructions that Python runs, which are the same on every machine.

They do not include work done in C. So they can compare versions of this project, but not different tools. Different
versions of Python have different counts. The limits are those of the environment's version.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from .contenders import Answer


def counted(answer: Answer, texts: Sequence[str]) -> list[int]:
    """Return the instructions for each text, one after the other."""
    return [_count(answer, text) for text in texts]


def _count(answer: Answer, text: str) -> int:
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined] # Python 3.11 has none; the benchmarks run on 3.13
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
