"""`python -m benchmarks.compare.answer CONTENDER`: reads questions as JSON, and prints the answers.

Runs in the contender's environment. An answer has `finding`, its words or null, and `error`, the exception that it
raised or null. `seconds` is processor time for one policy: the median if policies are asked about one by one, and the
mean if a command reads many. No policy is asked about twice, so no cache can help.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import process_time
from typing import Any

from .peers import MANY, ONE, Asked, One, quietly

_FIRST: Asked = {
    "policy": '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}}',
    "owner": "111122223333",
    "circumstances": {},
}
"""The question before the clock starts, so that imports are not counted."""


def main(name: str) -> None:
    """Answer all questions, and report the time for one."""
    asked = json.load(sys.stdin)
    answers, seconds = _all_at_once(name, asked) if name in MANY else _one_by_one(ONE[name](), asked)
    json.dump({"answers": answers, "seconds": seconds}, sys.stdout)


def _all_at_once(name: str, asked: Sequence[Asked]) -> tuple[list[dict[str, Any]], float]:
    found = MANY[name](asked)
    used = getrusage(RUSAGE_CHILDREN)
    return [{"finding": one, "error": None} for one in found], (used.ru_utime + used.ru_stime) / len(asked)


def _one_by_one(ask: One, asked: Sequence[Asked]) -> tuple[list[dict[str, Any]], float]:
    _answer(ask, _FIRST)
    answers, times = [], []
    for one in asked:
        start = process_time()
        answers.append(_answer(ask, one))
        times.append(process_time() - start)
    return answers, median(times)


def _answer(ask: One, asked: Asked) -> dict[str, Any]:
    try:
        return {"finding": quietly(ask, asked), "error": None}
    except Exception as error:  # noqa: BLE001 - crashes of a contender are counted
        return {"finding": None, "error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main(sys.argv[1])
