"""A law: a key with an unknown value is missing or has one value, which is the same for all of its tests."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from ecr_crossaccount import Compliance, Repository, Trust, judge

from tests.case_tables import OWNER

_KEY = "aws:BrandNewKey"
_PATTERNS = ("*", "1*", "11*", "*2", "*1*", "?", "1?", "??", "12", "1", "2", "")
_TEXTS = ("".join(each) for size in range(5) for each in itertools.product("123", repeat=size))
_VALUES = [None, *_PATTERNS, *_TEXTS]
"""A missing key, and enough texts for all cases that such patterns leave open."""
_OPERATORS = [
    f"{name}{suffix}"
    for name in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
    for suffix in ("", "IfExists")
]
Test = tuple[str, list[str]]


def _holds(test: Test, value: str | None) -> bool | None:
    """Return whether a condition matches a value, or None if that is unknown: Null may take an empty value for none."""
    operator, patterns = test
    if operator == "Null":
        return None if not value and value is not None else (value is None) == (patterns == ["true"])
    negated = "Not" in operator
    if value is None:
        return negated or operator.endswith("IfExists")
    wild = "Like" in operator
    return negated != any(_matches(pattern, value, wild=wild) for pattern in patterns)


def _matches(pattern: str, value: str, *, wild: bool) -> bool:
    expression = re.escape(pattern)
    if wild:
        expression = expression.replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value) is not None


def _tests(draw: random.Random) -> list[Test]:
    operators = draw.sample([*_OPERATORS, "Null"], draw.randint(1, 3))
    return [
        (name, [draw.choice(("true", "false"))] if name == "Null" else draw.sample(_PATTERNS, draw.randint(1, 2)))
        for name in operators
    ]


def _statement(effect: str, tests: list[Test]) -> dict[str, object]:
    principal = {"AWS": "222233334444"} if effect == "Allow" else "*"
    condition = {name: {_KEY: patterns} for name, patterns in tests}
    return {"Effect": effect, "Principal": principal, "Action": "ecr:*", "Condition": condition}


@pytest.mark.parametrize("seed", range(8))
def test_somebody_may_get_in_where_some_one_value_lets_him(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - the same policies every time
    closed = 0
    for _ in range(150):
        allow, denies = _tests(draw), [_tests(draw) for _ in range(draw.randint(0, 2))]
        gets_in = any(
            all(_holds(one, value) is not False for one in allow)
            and not any(all(_holds(one, value) for one in deny) for deny in denies)
            for value in _VALUES
        )
        statements = [_statement("Allow", allow), *(_statement("Deny", deny) for deny in denies)]
        verdict = judge({"Version": "2012-10-17", "Statement": statements}, Repository(OWNER), Trust.nobody())
        assert (verdict.compliance is Compliance.NON_COMPLIANT) is gets_in, statements
        closed += not gets_in
    assert closed, "some policies let nobody in"
