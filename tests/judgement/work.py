"""The steps of the work budget that judging the cases of each table takes, and the record of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from ecr_crossaccount.judgement.patterns.automaton import Budget

from tests.case_tables import Case, cases
from tests.judgement.test_cases import verdict_of

WORK = Path(__file__).with_name("work.json")
TABLES = tuple(dict.fromkeys(case.table for case in cases()))
RECORDED = json.loads(WORK.read_text("utf-8")) if WORK.exists() else {}


@cache
def cases_in(table: str) -> tuple[Case, ...]:
    return tuple(case for case in cases() if case.table == table)


def steps_of(table: str, patching: pytest.MonkeyPatch) -> int:
    """Return the steps that the cases of a table take together."""
    steps = 0
    spend = Budget.spend

    def counted(budget: Budget, cost: int) -> None:
        nonlocal steps
        steps += cost
        spend(budget, cost)

    patching.setattr(Budget, "spend", counted)
    for case in cases_in(table):
        verdict_of(case)
    return steps


def record() -> None:
    """Write the steps of today."""
    with pytest.MonkeyPatch.context() as patching:
        found = {}
        for table in TABLES:
            with patching.context() as one:
                found[table] = steps_of(table, one)
    WORK.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
