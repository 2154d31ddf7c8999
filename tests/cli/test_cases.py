"""The tables of cases, run through the command in one batch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ecr_crossaccount.products.cli.batch import answers

from tests.case_tables import ANY_DAY, Case, cases

from .conftest import Spawn


@pytest.fixture(scope="module")
def answered() -> Mapping[str, Mapping[str, Any]]:
    """Return the answer to each case, by name."""
    found: dict[str, Mapping[str, Any]] = {}
    for day in {case.today or ANY_DAY for case in cases()}:
        asked = [case for case in cases() if (case.today or ANY_DAY) == day]
        lines = [case.batch_line().encode() for case in asked]
        found |= {answer["id"]: answer for answer in map(json.loads, answers(lines, day))}
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_case(answered: Mapping[str, Mapping[str, Any]], case: Case) -> None:
    assert case.expect.differences(answered[case.name]) == []


def test_the_same_policy_gets_the_same_words_in_every_process(spawn: Spawn) -> None:
    lines = "".join(f"{case.batch_line()}\n" for case in cases()).encode()
    one, other = (spawn("judge", "--jsonl", stdin=lines, environment={"PYTHONHASHSEED": seed}) for seed in "13")
    assert one.returncode == 0
    assert one.stdout == other.stdout
