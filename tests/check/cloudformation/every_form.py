"""Each function of CloudFormation with each kind of argument: its value in each case.

`make answers` records it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from tests.check.cloudformation.test_rows_of_templates import PARTS, ROLE
from tests.check.grids import repositories, values_in, write

RECORDED = Path(__file__).with_name("every_form.json")

# What decides how an argument is handled: its type, whether it is known, limited, a default, a list, or absent.
VALUES: tuple[object, ...] = (
    "a",
    "",
    "Role",
    "${C}-${v}",
    1,
    True,
    None,
    [],
    ["a", "b"],
    {"a": "b"},
    {"Ref": "P"},
    {"Ref": "D"},
    {"Ref": "L"},
    {"Ref": "C"},
    {"Ref": "AWS::NoValue"},
    {"Ref": "AWS::Region"},
    {"Ref": "Role"},
    {"Fn::Sub": "a${P}"},
    {"Fn::Split": ["-", "a-b"]},
    {"Fn::If": ["Open", "a", "b"]},
)
PAIRED: tuple[object, ...] = ("a", "", 1, ["a", "b"], *({"Ref": name} for name in ("P", "D", "C", "AWS::NoValue")))

X, Y = "<first>", "<second>"
FORMS: tuple[object, ...] = (
    X,
    {"Ref": X},
    {"Fn::GetAtt": X},
    {"Fn::GetAtt": [X, "Arn"]},
    {"Fn::GetAtt": ["Role", X]},
    {"Fn::Sub": X},
    {"Fn::Sub": [X]},
    {"Fn::Sub": ["<${v}>", {"v": X}]},
    {"Fn::Sub": [X, Y]},
    {"Fn::Join": X},
    {"Fn::Join": ["-", X]},
    {"Fn::Join": ["-", ["x", X]]},
    {"Fn::Join": [X, ["x", Y]]},
    {"Fn::Split": ["-", X]},
    {"Fn::Split": [X, "x-y"]},
    {"Fn::Select": [0, X]},
    {"Fn::Select": [X, ["x", "y"]]},
    {"Fn::Select": [1, {"Fn::Split": ["-", X]}]},
    {"Fn::Select": [1, [X, Y]]},
    {"Fn::FindInMap": [X, "a", "k"]},
    {"Fn::FindInMap": ["M", X, "k"]},
    {"Fn::FindInMap": ["M", "b", X]},
    {"Fn::FindInMap": ["M", X, Y]},
    {"Fn::FindInMap": ["M", X, "k", {"DefaultValue": Y}]},
    {"Fn::ImportValue": X},
    {"Fn::ToJsonString": {"x": X}},
    {"Fn::Length": X},
    {"Fn::If": ["Yes", X, Y]},
    {"Fn::If": ["Open", X, Y]},
    {"Fn::If": [X, "x", "y"]},
    {"Fn::Base64": X},
    {"Fn::Transform": X},
)
CONDITIONS: tuple[object, ...] = (
    {"Fn::Equals": [X, Y]},
    {"Fn::Not": [{"Fn::Equals": [X, "a"]}]},
    {"Fn::And": [{"Condition": "Yes"}, {"Fn::Equals": [X, Y]}]},
    {"Fn::And": [{"Condition": "No"}, {"Fn::Equals": [X, "a"]}]},
    {"Fn::Or": [{"Condition": "Open"}, {"Fn::Equals": [X, "a"]}]},
    {"Fn::Or": [{"Condition": "No"}, {"Fn::Equals": [X, Y]}]},
    {"Condition": X},
    {"Fn::Not": X},
)
EVERY = {json.dumps(form): form for form in (*FORMS, *CONDITIONS)}


def filled(form: object, given: Mapping[str, object]) -> Any:  # noqa: ANN401 - any JSON
    """Return the form with its arguments."""
    match form:
        case str():
            return given.get(form, form)
        case list():
            return [filled(part, given) for part in form]
        case dict():
            return {name: filled(part, given) for name, part in form.items()}
    return form


def answers(form: object) -> Mapping[str, object]:
    """Return the values for each argument, one for each case."""
    values, count = (PAIRED, 2) if Y in json.dumps(form) else (VALUES, 1)
    arguments = [dict(zip((X, Y), given, strict=False)) for given in product(values, repeat=count)]
    written = [filled(form, given) for given in arguments]
    conditions = dict(PARTS["Conditions"])
    if form in CONDITIONS:
        conditions |= {f"T{at}": one for at, one in enumerate(written)}
        written = [{"Fn::If": [f"T{at}", "yes", "no"]} for at in range(len(written))]
    template = {**PARTS, "Conditions": conditions, "Resources": {**ROLE, **repositories(written)}}
    found = values_in({"t.json": json.dumps(template)})
    return {json.dumps([*given.values()]): value for given, value in zip(arguments, found, strict=True)}


def record() -> None:
    """Write the answers of today."""
    write(RECORDED, ((name, answers(form)) for name, form in EVERY.items()))
