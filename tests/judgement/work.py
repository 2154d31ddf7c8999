"""The steps of the work budget that judging the cases of each table takes, and the record of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

from ecr_crossaccount.judgement.patterns.automaton import Budget

from tests.case_tables import Case, cases
from tests.judgement.test_cases import verdict_of

WORK = Path(__file__).with_name("work.json")
TABLES = tuple(dict.fromkeys(case.table for case in cases()))
RECORDED = json.loads(WORK.read_text("utf-8")) if WORK.exists() else {}


@cache
def cases_in(table: str) -> tuple[Case, ...]:
    return tuple(case for case in cases() if case.table == table)


@contextmanager
def counted() -> Iterator[list[int]]:
    """Collect the steps that judgements spend."""
    spent: list[int] = []
    spend = Budget.spend

    def counting(budget: Budget, steps: int) -> None:
        spent.append(steps)
        spend(budget, steps)

    with patch.object(Budget, "spend", counting):
        yield spent


def steps_of(table: str) -> int:
    """Return the steps that the cases of a table take together."""
    with counted() as spent:
        for case in cases_in(table):
            verdict_of(case)
    return sum(spent)


def record() -> None:
    """Write the steps of today."""
    WORK.write_text(json.dumps({table: steps_of(table) for table in TABLES}, indent=1) + "\n", "utf-8")
