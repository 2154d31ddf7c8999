"""`judge` answers any input: without an exception, and with an answer that can be written as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount import (
    Action,
    Compliance,
    Repository,
    Required,
    RequiredError,
    Strategy,
    Trust,
    Verdict,
    judge,
    plan,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.plan_tables import CLOSING
from tests.profiles import examples, sample
from tests.properties.world import OWNER
from tests.strategies import Situation, broken_policies, json_values, situations

ROOT = Path(__file__).parents[2]


def _judged(policy: Any) -> Verdict:  # noqa: ANN401 - any type, which is the point
    verdict = judge(policy, Repository(OWNER), Trust.nobody())
    assert json.loads(json.dumps(verdict.to_json()))["compliance"] == verdict.compliance.value
    return verdict


@given(json_values)
@examples(400)
def test_any_json_value_is_answered(value: object) -> None:
    _judged(value)


@given(broken_policies())
@examples(500)
def test_a_policy_with_any_value_anywhere_inside_is_answered(policy: object) -> None:
    _judged(policy)


@given(st.text() | json_values.map(json.dumps) | broken_policies().map(json.dumps))
@examples(400)
def test_any_text_is_answered(text: str) -> None:
    _judged(text)


@given(st.data())
@examples(200)
def test_a_text_cut_anywhere_is_not_compliant(data: st.DataObject) -> None:
    text = json.dumps(data.draw(situations()).policy)
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    assert _judged(cut).compliance is Compliance.NON_COMPLIANT


_ALLOW = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"%s}]}'
_HOSTILE = {
    "duplicate keys": '{"Statement": [], "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]}',
    "duplicate effect": '{"Statement": {"Effect": "Allow", "Effect": "Deny", "Principal": "*", "Action": "*"}}',
    "10,000 lists deep": "[" * 10_000 + "]" * 10_000,
    "10,000 objects deep": '{"Statement":' * 10_000 + "1" + "}" * 10_000,
    "10,000 deep in a condition": _ALLOW % (', "Condition": ' + '{"a":' * 10_000 + "1" + "}" * 10_000),
    "not a number": _ALLOW % ', "Condition": {"NumericEquals": {"aws:MultiFactorAuthAge": NaN}}',
    "infinity": _ALLOW % ', "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": -Infinity}}',
    "a number of 5,000 digits": _ALLOW % (', "Condition": {"NumericEquals": {"aws:EpochTime": %s}}' % ("9" * 5_000)),
    "a huge exponent": _ALLOW % ', "Condition": {"NumericEquals": {"aws:EpochTime": "1e999999999"}}',
    "a date beyond time": _ALLOW % ', "Condition": {"DateLessThan": {"aws:CurrentTime": "99999-12-31T23:59:59Z"}}',
    "a lone surrogate": _ALLOW % ', "Sid": "\\ud800"',
    "a lone surrogate in a pattern": _ALLOW % ', "Condition": {"StringLike": {"aws:userid": "\\udfff*"}}',
    "null characters": _ALLOW % ', "Condition": {"StringLike": {"aws:\\u0000": "\\u0000*"}}',
    "10 MB of blanks": " " * 10_000_000,
    "10 MB of one string": _ALLOW % (', "Sid": "' + "x" * 10_000_000 + '"'),
    "10 MB of wildcards": _ALLOW % (', "Condition": {"StringLike": {"aws:userid": "' + "*a" * 5_000_000 + '"}}'),
    "10 MB of statements": '{"Statement": [' + ",".join(["{}"] * 3_000_000) + "]}",
    "nothing": "",
    "a byte order mark": "\ufeff" + _ALLOW % "",
}


@pytest.mark.parametrize("name", sorted(_HOSTILE))
def test_hostile_text_is_answered(name: str) -> None:
    # Some tools show blank text if there is no policy.
    no_policy = not _HOSTILE[name].strip()
    assert (_judged(_HOSTILE[name]).compliance is Compliance.COMPLIANT) == no_policy


_NOT_JSON = {
    "nan": float("nan"),
    "infinity": float("inf"),
    "a number of 5,000 digits": 10**5_000,
    "a lone surrogate": "\ud800",
    "bytes": b"bytes",
    "an object": object(),
    "a set": {"*"},
    "a key that is not text": {1: 2, None: []},
}


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in _NOT_JSON.items()])
def test_values_that_json_does_not_have_are_answered(value: object) -> None:
    _judged(value)
    _judged({"Statement": {"Effect": "Allow", "Principal": "*", "Action": value}})
    _judged(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": value,
                "Action": "*",
                "Condition": {"StringLike": {"a:b": value}},
            }
        }
    )


def test_the_verdict_does_not_depend_on_the_process() -> None:
    lines = "".join(_line(situation) for situation in sample(situations(), 60))
    first, second = (_in_another_process(lines, seed) for seed in ("1", "2"))
    assert first == second
    assert first.count("\n") == 60


def _line(situation: Situation) -> str:
    repository = situation.repository
    asked = {
        "id": 0,
        "policy": situation.policy,
        "owner": repository.account,
        "owner_organization": repository.organization,
        "repository": repository.name,
        "origin": situation.origin.value,
        "trust": list(situation.entries),
    }
    return json.dumps(asked) + "\n"


def _in_another_process(lines: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT / "rule")}
    command = [sys.executable, "-m", "ecr_crossaccount", "judge", "--jsonl"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, env=environment, check=True)
    return done.stdout


@given(st.text() | json_values | broken_policies() | broken_policies().map(json.dumps), st.sampled_from(CLOSING))
@examples(300)
def test_any_input_is_planned(policy: object, strategy: Strategy) -> None:
    found = plan(policy, Repository(OWNER), Trust.nobody(), strategy)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["action"] == found.action.value
    assert found.action is Action.SET or found.text is None


_PERIMETER = Required.parse({"Sid": "Perimeter", "Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"})


@given(st.text() | json_values | broken_policies() | broken_policies().map(json.dumps))
@examples(200)
def test_something_is_required_of_any_input(policy: object) -> None:
    found = plan(policy, Repository(OWNER), Trust.nobody(), "require", required=_PERIMETER, cut_trusted=True)
    json.dumps(found.to_json(), allow_nan=False)
    assert (found.action is Action.SET) == (found.refused is None)


@given(json_values)
@examples(200)
def test_what_is_required_is_a_deny_or_refused_with_a_place(value: object) -> None:
    problems: tuple[tuple[str, str], ...] = ()
    statements: tuple[object, ...] = ()
    try:
        statements = Required.parse(value).statements
    except RequiredError as error:
        problems = error.problems
    assert bool(problems) != bool(statements)
    assert all(at.startswith("required") and reason for at, reason in problems)


@pytest.mark.parametrize("name", sorted(_HOSTILE))
def test_what_is_built_to_hurt_is_planned_too(name: str) -> None:
    for strategy in CLOSING:
        found = plan(_HOSTILE[name], Repository(OWNER), Trust.nobody(), strategy)
        json.dumps(found.to_json(), allow_nan=False)
    found = plan(_HOSTILE[name], Repository(OWNER), Trust.nobody(), "require", required=_PERIMETER)
    json.dumps(found.to_json(), allow_nan=False)
