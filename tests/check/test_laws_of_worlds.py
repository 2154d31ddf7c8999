"""Laws of alternatives in templates: a result with open parameters is true for each of their values."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

from ecr_crossaccount import Compliance

from tests.case_tables import OWNER
from tests.check.laws import assert_what_is_said_holds, verdicts
from tests.profiles import is_nightly

REPOSITORIES = 1_000 if is_nightly() else 75
DEEPEST = 3
ANSWERS = [
    {"P": p, "Q": q, "K": k, "W": w}
    for p, q, k, w in itertools.product(("true", "false"), "xy", "ab", (OWNER, "222233334444"))
]
USUAL = {"P": "false", "Q": "x", "K": "a", "W": OWNER}
WHO: list[Any] = [OWNER, {"Ref": "AWS::AccountId"}, "222233334444", "333344445555", "*", {"Ref": "W"}]
NOTHING = {"Ref": "AWS::NoValue"}
AROUND: dict[str, Any] = {
    "Parameters": {
        "P": {"Type": "String", "AllowedValues": ["true", "false"]},
        "Q": {"Type": "String"},
        "K": {"Type": "String", "AllowedValues": ["a", "b"]},
        "W": {"Type": "String", "AllowedValues": [OWNER, "222233334444"]},
    },
    "Mappings": {"M": {"a": {"One": OWNER, "Other": "222233334444"}, "b": {"One": "*", "Other": "222233334444"}}},
    "Conditions": {
        "IsP": {"Fn::Equals": [{"Ref": "P"}, "true"]},
        "IsQ": {"Fn::Equals": [{"Ref": "Q"}, "x"]},
        "IsA": {"Fn::Equals": [{"Ref": "K"}, "a"]},
        "NotP": {"Fn::Not": [{"Condition": "IsP"}]},
        "Both": {"Fn::And": [{"Condition": "IsP"}, {"Condition": "IsQ"}]},
        "Any": {"Fn::Or": [{"Condition": "NotP"}, {"Condition": "IsA"}]},
    },
}


class Writer:
    """Writes policies at random."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a test's own, the same every time

    def policy(self) -> Any:  # noqa: ANN401 - JSON
        return (
            self._if({"Statement": self._statements(0)}, NOTHING)
            if self._one_in(5)
            else {"Statement": self._statements(0)}
        )

    def _one_in(self, number: int) -> bool:
        return self._chance.randrange(number) == 0

    def _if(self, yes: Any, no: Any) -> Any:  # noqa: ANN401 - JSON
        return {"Fn::If": [self._chance.choice(list(AROUND["Conditions"])), yes, no]}

    def _statements(self, depth: int) -> list[Any]:
        return [self._statement(depth) for _ in range(self._chance.randint(1, 3))]

    def _statement(self, depth: int) -> Any:  # noqa: ANN401 - JSON
        if depth < DEEPEST and self._one_in(3):
            return self._if(self._statement(depth + 1), NOTHING if self._one_in(2) else self._statement(depth + 1))
        effect = self._chance.choice(["Allow", "Allow", "Deny", self._if("Allow", "Deny")])
        action = self._chance.choice(["ecr:*", "ecr:BatchGetImage", {"Fn::Sub": "ecr:Get${K}*"}])
        return {"Effect": effect, "Principal": {"AWS": self._principal()}, "Action": action}

    def _principal(self) -> Any:  # noqa: ANN401 - JSON
        one, other = (self._chance.choice(WHO) for _ in range(2))
        name = self._chance.choice(["One", "Other"])
        return self._chance.choice(
            [
                one,
                [one, other],
                self._if(one, other),
                [one, self._if(other, NOTHING)],
                {"Fn::FindInMap": ["M", {"Ref": "K"}, name]},
                {"Fn::Sub": "arn:aws:iam::${W}:role/${Q}"},
            ]
        )


DEFAULTED = {
    "Parameters": {
        "P": {"Type": "String", "Default": "false"},
        "Q": {"Type": "String", "Default": "x"},
        "K": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]},
        "W": {"Type": "String", "Default": OWNER},
    }
}


def test_what_is_compliant_and_rests_on_no_default_is_compliant_for_every_value(tmp_path: Path) -> None:
    names = [f"R{number}" for number in range(REPOSITORIES)]
    resources = {
        name: {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": Writer(1000 + number).policy()}}
        for number, name in enumerate(names)
    }
    (tmp_path / "template.json").write_text(json.dumps({**AROUND, **DEFAULTED, "Resources": resources}), "utf-8")
    said, defaults, *every = (verdicts(tmp_path, answer) for answer in ({}, USUAL, *ANSWERS))
    rest = [name for name in names if any("assumes the default" in note for note in said[name].notes)]
    sure = [name for name in names if said[name].compliance is Compliance.COMPLIANT and name not in rest]
    assert len(sure) > REPOSITORIES // 20, "there are some"
    assert rest, "and others that do"
    assert not [name for name in sure for one in every if one[name].compliance is not Compliance.COMPLIANT]
    for name in names:
        assert said[name].external >= defaults[name].external, "what the defaults open is a finding"
        assert {one.grantee for one in defaults[name].grants} <= {one.grantee for one in said[name].grants}, name


def test_what_holds_of_open_parameters_holds_for_every_value(tmp_path: Path) -> None:
    resources = {
        f"R{number}": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": Writer(number).policy()}}
        for number in range(REPOSITORIES)
    }
    (tmp_path / "template.json").write_text(json.dumps({**AROUND, "Resources": resources}), "utf-8")
    assert_what_is_said_holds(tmp_path, list(resources), ANSWERS)


LIKE_WORDS = ["A", "B", "C", "`B`", "is B", "B in line 7"]
"""Texts that look like a message about a comparison, and names of parameters."""
SAFE, WIDE = ({"Statement": {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "ecr:*"}} for who in (OWNER, "*"))
COMPARED = {
    f"C{number}": {"Fn::Equals": [{"Ref": "A"}, right]}
    for number, right in enumerate(
        [{"Ref": "B"}, {"Ref": "C"}, {"Fn::Join": [" is ", ["A", {"Ref": "B"}]]}, *LIKE_WORDS]
    )
}


def test_a_text_that_reads_like_a_message_or_a_name_is_a_text(tmp_path: Path) -> None:
    """Each of two comparisons is evaluated where the other one is true, and where it is not."""
    policies = {}
    for number, (one, other) in enumerate(itertools.product(COMPARED, repeat=2)):
        inner = {"Fn::If": [other, WIDE, SAFE]}
        policies[f"Both{number}"] = {"Fn::If": [one, inner, SAFE]}
        policies[f"Other{number}"] = {"Fn::If": [one, SAFE, inner]}
    resources = {
        name: {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}
        for name, policy in policies.items()
    }
    template = {"Parameters": {name: {"Type": "String"} for name in "ABC"}, "Conditions": COMPARED}
    (tmp_path / "template.json").write_text(json.dumps({**template, "Resources": resources}), "utf-8")
    values = itertools.product(["A", "B", "is B", "x"], ["B", "x"], ["x", "C"])
    answers = [dict(zip("ABC", three, strict=True)) for three in values]
    said, *every = (verdicts(tmp_path, answer) for answer in ({}, *answers))
    sure = [name for name in policies if said[name].compliance is Compliance.COMPLIANT]
    assert "Other0" in sure, "what a comparison leaves out, the same one cannot let in"
    assert not [name for name in sure for one in every if one[name].compliance is not Compliance.COMPLIANT]
