"""The result of a value and of a condition in a template of CloudFormation, in each possible case.

Unknown values are in angle brackets. If an input decides, there is a result for each of its values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ecr_crossaccount import Hole, Holed
from ecr_crossaccount.sources.files.values.nodes import fillings

from tests.check.grids import repositories, values_in

PARTS: dict[str, Any] = {
    "Parameters": {
        "P": {"Type": "String"},
        "Q": {"Type": "String"},
        "D": {"Type": "String", "Default": "d"},
        "L": {"Type": "CommaDelimitedList", "Default": "a,b"},
        "C": {"Type": "String", "AllowedValues": ["x", "y"]},
        "N": {"Type": "Number", "Default": 5},
    },
    "Mappings": {
        "M": {"a": {"k": "1", "l": "2"}, "b": {"k": "1", "l": "3"}},
        "One": {"a-x": {"k": "4"}, "b-x": {"k": "5"}},
    },
    "Conditions": {
        "Yes": {"Fn::Equals": ["a", "a"]},
        "No": {"Fn::Equals": ["a", "b"]},
        "Open": {"Fn::Equals": [{"Ref": "P"}, "x"]},
    },
}
VALUES: list[tuple[object, list[object]]] = [
    ({"Fn::Join": ["-", ["a", "b"]]}, ["a-b"]),
    ({"Fn::Join": ["-", ["a", {"Ref": "P"}, "b"]]}, ["a-<P>-b"]),
    ({"Fn::Join": ["-", []]}, [""]),
    ({"Fn::Join": ["-", ["a"]]}, ["a"]),
    ({"Fn::Join": ["-"]}, ["<Fn::Join>"]),
    ({"Fn::Join": ["-", ["a"], "b"]}, ["<Fn::Join>"]),
    ({"Fn::Join": ["-", "a"]}, ["<Fn::Join>"]),
    ({"Fn::Join": [{"Ref": "Q"}, ["a", "b"]]}, ["a<Q>b"]),
    ({"Fn::Join": [["-"], ["a", "b"]]}, ["<Fn::Join>"]),
    ({"Fn::Join": ["-", ["a", ["b"]]]}, ["<Fn::Join>"]),
    ({"Fn::Join": ["-", {"Ref": "L"}]}, ["a-b"]),
    ({"Fn::Join": ["-", {"Ref": "P"}]}, ["<Fn::Join P>"]),
    ({"Fn::Join": ["-", ["a", {"Ref": "AWS::NoValue"}, "b"]]}, ["a-b"]),
    ({"Fn::Join": ["", ["a", 5, True]]}, ["a5true"]),
    ({"Fn::Join": ["-", {"Fn::Split": [",", "a,b"]}]}, ["a-b"]),
    ({"Fn::Split": [",", "a,b"]}, [["a", "b"]]),
    ({"Fn::Split": [",", ""]}, [[""]]),
    ({"Fn::Split": ["", "a"]}, ["<Fn::Split Fn::Split>"]),
    ({"Fn::Split": [","]}, ["<Fn::Split Fn::Split>"]),
    ({"Fn::Split": [",", {"Ref": "P"}]}, ["<Fn::Split P>"]),
    ({"Fn::Split": [{"Ref": "P"}, "a,b"]}, ["<Fn::Split Fn::Split>"]),
    ({"Fn::Split": [",", ["a"]]}, ["<Fn::Split Fn::Split>"]),
    ({"Fn::Select": [0, ["a", "b"]]}, ["a"]),
    ({"Fn::Select": ["1", ["a", "b"]]}, ["b"]),
    ({"Fn::Select": [2, ["a", "b"]]}, ["<Fn::Select 2>"]),
    ({"Fn::Select": ["x", ["a", "b"]]}, ["<Fn::Select>"]),
    ({"Fn::Select": [{"Ref": "P"}, ["a", "b"]]}, ["<Fn::Select>"]),
    ({"Fn::Select": ["000001", ["a", "b"]]}, ["b"]),
    ({"Fn::Select": ["0000001", ["a", "b"]]}, ["<Fn::Select>"]),
    ({"Fn::Select": [0]}, ["<Fn::Select>"]),
    ({"Fn::Select": [0, ["a"], "b"]}, ["<Fn::Select>"]),
    ({"Fn::Select": [1, {"Ref": "L"}]}, ["b"]),
    ({"Fn::Select": [0, {"Ref": "P"}]}, ["<Fn::Select 0 P>"]),
    ({"Fn::Select": [0, "a"]}, ["<Fn::Select 0>"]),
    ({"Fn::Select": [0, {"Fn::Split": [",", "a,b"]}]}, ["a"]),
    ({"Fn::Select": [2, {"Fn::Split": [",", "a,b"]}]}, ["<Fn::Select 2>"]),
    ({"Fn::Select": [0, {"Fn::Split": [",", {"Fn::Sub": "a,${P},c"}]}]}, ["a"]),
    ({"Fn::Select": [1, {"Fn::Split": [",", {"Fn::Sub": "a,${P},c"}]}]}, ["<Fn::Select 1 P>"]),
    ({"Fn::Select": [1, {"Fn::Split": [",", {"Fn::Sub": "a,b${P}"}]}]}, ["<Fn::Select 1 P>"]),
    ({"Fn::Select": [0, {"Fn::Split": [",", {"Fn::Sub": "${P},a"}]}]}, ["<Fn::Select 0 P>"]),
    ({"Fn::Length": ["a", "b"]}, ["2"]),
    ({"Fn::Length": []}, ["0"]),
    ({"Fn::Length": "a"}, ["<Fn::Length>"]),
    ({"Fn::Length": {"Ref": "L"}}, ["2"]),
    ({"Fn::Length": {"Ref": "P"}}, ["<Fn::Length>"]),
    ({"Fn::Length": {"Ref": "AWS::NoValue"}}, ["<Fn::Length>"]),
    ({"Ref": "P"}, ["<P>"]),
    ({"Ref": "D"}, ["d"]),
    ({"Ref": "L"}, [["a", "b"]]),
    ({"Ref": "N"}, [5]),
    ({"Ref": "C"}, ["x", "y"]),
    ({"Ref": ["P"]}, ["<Ref>"]),
    ({"Ref": "Nowhere"}, ["<Nowhere>"]),
    ({"Ref": "AWS::AccountId"}, ["111122223333"]),
    ({"Ref": "AWS::Region"}, ["eu-west-1"]),
    ({"Ref": "AWS::NoValue"}, [None]),
    ({"Ref": "AWS::Partition"}, ["aws"]),
    ({"Ref": "AWS::Other"}, ["<AWS::Other>"]),
    ({"Fn::GetAtt": "Role.Arn"}, ["arn:aws:iam::111122223333:role/p/<Role>"]),
    ({"Fn::GetAtt": ["Role", "Arn"]}, ["arn:aws:iam::111122223333:role/p/<Role>"]),
    ({"Fn::GetAtt": ["Role"]}, ["<Fn::GetAtt>"]),
    ({"Fn::GetAtt": ["Role", {"Ref": "P"}]}, ["<Fn::GetAtt>"]),
    ({"Fn::GetAtt": [{"Ref": "P"}, "Arn"]}, ["<Fn::GetAtt>"]),
    ({"Fn::GetAtt": ["Role", "Arn", "x"]}, ["<Fn::GetAtt>"]),
    ({"Fn::GetAtt": "Nested.Outputs.X"}, ["<Nested.Outputs.X>"]),
    ({"Fn::GetAtt": ["Role", "Outputs.X"]}, ["<Role.Outputs.X>"]),
    ({"Fn::Sub": "a${AWS::AccountId}b"}, ["a111122223333b"]),
    ({"Fn::Sub": "${P}"}, ["<P>"]),
    ({"Fn::Sub": "a${!P}b"}, ["a${P}b"]),
    ({"Fn::Sub": "a${D}"}, ["ad"]),
    ({"Fn::Sub": "${ D }"}, ["d"]),
    ({"Fn::Sub": "a${aws:username}"}, ["a${aws:username}"]),
    ({"Fn::Sub": "a${b c}"}, ["a${b c}"]),
    ({"Fn::Sub": "${Role.Arn}"}, ["arn:aws:iam::111122223333:role/p/<Role>"]),
    ({"Fn::Sub": "${L}"}, ["<L>"]),
    ({"Fn::Sub": "a${AWS::NoValue}b"}, ["ab"]),
    ({"Fn::Sub": ["a${V}b", {"V": "x"}]}, ["axb"]),
    ({"Fn::Sub": ["a${V}b", {"V": {"Ref": "P"}}]}, ["a<P>b"]),
    ({"Fn::Sub": ["a${V}b", {"V": ["x"]}]}, ["a<V>b"]),
    ({"Fn::Sub": ["a${D}b"]}, ["adb"]),
    ({"Fn::Sub": ["a${D}b", {"D": "other"}]}, ["aotherb"]),
    ({"Fn::Sub": ["a${Role.Arn}b", {"Role.Arn": "x"}]}, ["axb"]),
    ({"Fn::Sub": {"Ref": "D"}}, ["d"]),
    ({"Fn::Sub": {"Ref": "P"}}, ["<P>"]),
    ({"Fn::Sub": [["a"], {}]}, ["<Fn::Sub>"]),
    ({"Fn::Sub": "a{{resolve:ssm:x}}b"}, ["a<resolve:ssm:x>b"]),
    ("{{resolve:ssm:x}}", ["<resolve:ssm:x>"]),
    ("a{{resolve:secretsmanager:y}}b", ["a<resolve:secretsmanager:y>b"]),
    ({"Fn::Join": ["", ["{{resolve:", "ssm:x}}"]]}, ["<resolve:ssm:x>"]),
    ({"Fn::FindInMap": ["M", "a", "l"]}, ["2"]),
    ({"Fn::FindInMap": ["M", "c", "l"]}, ["<Fn::FindInMap M.c.l>"]),
    ({"Fn::FindInMap": ["M", "a", "z"]}, ["<Fn::FindInMap M.a.z>"]),
    ({"Fn::FindInMap": ["X", "a", "l"]}, ["<Fn::FindInMap X.a.l>"]),
    ({"Fn::FindInMap": ["M", "a"]}, ["<Fn::FindInMap>"]),
    ({"Fn::FindInMap": ["M", {"Ref": "P"}, "k"]}, ["1"]),
    ({"Fn::FindInMap": ["M", {"Ref": "P"}, "l"]}, ["2", "3"]),
    ({"Fn::FindInMap": ["M", {"Ref": "D"}, "l"]}, ["2", "3"]),
    ({"Fn::FindInMap": ["M", "a", {"Ref": "P"}]}, ["1", "2"]),
    ({"Fn::FindInMap": ["One", {"Fn::Sub": "${P}-x"}, "k"]}, ["4", "5"]),
    ({"Fn::FindInMap": ["One", {"Fn::Sub": "${P}-${Q}"}, "k"]}, ["<Fn::FindInMap One.<P>-<Q>.k>"]),
    ({"Fn::FindInMap": ["M", "c", "l", {"DefaultValue": "z"}]}, ["z"]),
    ({"Fn::FindInMap": ["M", "a", "l", {"DefaultValue": "z"}]}, ["2"]),
    ({"Fn::FindInMap": ["M", {"Ref": "P"}, "l", {"DefaultValue": "z"}]}, ["2", "3", "z"]),
    ({"Fn::FindInMap": ["M", {"Ref": "P"}, "k", {"DefaultValue": "z"}]}, ["1", "z"]),
    ({"Fn::FindInMap": ["M", "a", "l", {"Other": "z"}]}, ["2"]),
    ({"Fn::FindInMap": ["M", "c", "l", {"DefaultValue": {"Ref": "AWS::Region"}}]}, ["eu-west-1"]),
    ({"Fn::If": ["Yes", "a", "b"]}, ["a"]),
    ({"Fn::If": ["No", "a", "b"]}, ["b"]),
    ({"Fn::If": ["Open", "a", "b"]}, ["a", "b"]),
    ({"Fn::If": ["Yes", "a"]}, ["<Fn::If>"]),
    ({"Fn::If": ["Nowhere", "a", "b"]}, ["a", "b"]),
    ({"Fn::If": [{"Condition": "No"}, "a", "b"]}, ["b"]),
    ({"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]}, [None]),
    ({"Fn::If": [["No"], "a", "b"]}, ["<Fn::If None>"]),
    (["a", {"Fn::If": ["No", "x", {"Ref": "AWS::NoValue"}]}, "b"], [["a", "b"]]),
    ({"Fn::ImportValue": "x"}, ["<Fn::ImportValue x>"]),
    ({"Fn::ImportValue": {"Ref": "P"}}, ["<Fn::ImportValue <P>>"]),
    ({"Fn::ToJsonString": "a"}, ["a"]),
    ({"Fn::Base64": "a"}, ["<Fn::Base64>"]),
    ({"Fn::GetAZs": ""}, ["<Fn::GetAZs>"]),
    ({"Fn::Other": "a"}, ["<Fn::Other>"]),
    ({"Fn::Cidr": ["a"]}, ["<Fn::Cidr>"]),
    (5, ["5"]),
    (True, ["true"]),
    (None, [None]),
]
CONDITIONS: list[tuple[object, list[object]]] = [
    ({"Fn::Equals": ["a", "a"]}, ["a"]),
    ({"Fn::Equals": ["a", "b"]}, ["b"]),
    ({"Fn::Equals": [{"Ref": "P"}, "x"]}, ["a", "b"]),
    ({"Fn::Equals": ["x", {"Ref": "P"}]}, ["a", "b"]),
    ({"Fn::Equals": [{"Ref": "P"}, {"Ref": "P"}]}, ["a"]),
    ({"Fn::Equals": [{"Ref": "P"}, {"Ref": "Q"}]}, ["a", "b"]),
    ({"Fn::Equals": [{"Ref": "D"}, "d"]}, ["a", "b"]),
    ({"Fn::Equals": [{"Ref": "D"}, "e"]}, ["b", "a"]),
    ({"Fn::Equals": [{"Ref": "C"}, "x"]}, ["a", "b"]),
    ({"Fn::Equals": [{"Ref": "C"}, "z"]}, ["b"]),
    ({"Fn::Equals": ["yes", "true"]}, ["a", "b"]),
    ({"Fn::Equals": ["no", "Off"]}, ["a", "b"]),
    ({"Fn::Equals": ["yes", "no"]}, ["b"]),
    ({"Fn::Equals": ["yes", "yes"]}, ["a"]),
    ({"Fn::Equals": [["a"], ["a"]]}, ["a"]),
    ({"Fn::Equals": [["a", "b"], "a,b"]}, ["a"]),
    ({"Fn::Equals": [["a", {"Ref": "P"}], "a,b"]}, ["a", "b"]),
    ({"Fn::Equals": [{"a": 1}, "b"]}, ["a", "b"]),
    ({"Fn::Equals": [{"Fn::Join": ["", ["a", {"Ref": "P"}]]}, "ab"]}, ["a", "b"]),
    ({"Fn::Equals": [{"Ref": "AWS::NoValue"}, ""]}, ["a"]),
    ({"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}, ["a"]),
    ({"Fn::Equals": [{"Ref": "AWS::AccountId"}, "222233334444"]}, ["b"]),
    ({"Fn::Equals": [5, "5"]}, ["a"]),
    ({"Fn::Equals": ["a"]}, ["a", "b"]),
    ({"Fn::Equals": ["a", "a", "a"]}, ["a", "b"]),
    ({"Fn::Equals": "a"}, ["a", "b"]),
    ({"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}, ["a"]),
    ({"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, "x"]}]}, ["b", "a"]),
    ({"Fn::Not": []}, ["a", "b"]),
    ({"Fn::Not": {"Fn::Equals": ["a", "b"]}}, ["a", "b"]),
    ({"Fn::And": [{"Fn::Equals": ["a", "a"]}, {"Fn::Equals": ["b", "b"]}]}, ["a"]),
    ({"Fn::And": [{"Fn::Equals": ["a", "a"]}, {"Fn::Equals": ["b", "c"]}]}, ["b"]),
    ({"Fn::And": [{"Fn::Equals": ["a", "a"]}, {"Fn::Equals": [{"Ref": "P"}, "x"]}]}, ["a", "b"]),
    ({"Fn::And": [{"Fn::Equals": ["a", "b"]}, {"Fn::Equals": [{"Ref": "P"}, "x"]}]}, ["b"]),
    ({"Fn::Or": [{"Fn::Equals": ["a", "b"]}, {"Fn::Equals": ["b", "c"]}]}, ["b"]),
    ({"Fn::Or": [{"Fn::Equals": ["a", "b"]}, {"Fn::Equals": ["b", "b"]}]}, ["a"]),
    ({"Fn::Or": [{"Fn::Equals": ["a", "b"]}, {"Fn::Equals": [{"Ref": "P"}, "x"]}]}, ["a", "b"]),
    ({"Fn::Or": [{"Fn::Equals": ["a", "a"]}, {"Fn::Equals": [{"Ref": "P"}, "x"]}]}, ["a"]),
    ({"Condition": "Yes"}, ["a"]),
    ({"Condition": "No"}, ["b"]),
    ({"Condition": "Open"}, ["a", "b"]),
    ({"Condition": "Nowhere"}, ["a", "b"]),
    ({"Condition": ["Yes"]}, ["a", "b"]),
    ({"Ref": "Yes"}, ["a"]),
    ({"Fn::Other": []}, ["a", "b"]),
    ({"a": 1, "b": 2}, ["a", "b"]),
    ("text", ["a", "b"]),
    ({"Condition": "T"}, ["a", "b"]),
    ({"Fn::And": [{"Condition": "Open"}, {"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, "x"]}]}]}, ["b"]),
    ({"Fn::And": [{"Fn::Equals": [{"Ref": "P"}, "x"]}, {"Fn::Equals": [{"Ref": "P"}, "y"]}]}, ["b"]),
    ({"Fn::And": [{"Fn::Equals": [{"Ref": "C"}, "x"]}, {"Fn::Equals": [{"Ref": "C"}, "y"]}]}, ["b"]),
    ({"Fn::Or": [{"Fn::Equals": [{"Ref": "C"}, "x"]}, {"Fn::Equals": [{"Ref": "C"}, "y"]}]}, ["a"]),
]


ROLE = {"Role": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/p/"}}}


def results(written: object, parts: Mapping[str, object] = PARTS) -> object:
    """Return the values of a condition of a policy, one for each case."""
    template = {**parts, "Resources": {**ROLE, **repositories([written])}}
    (found,) = values_in({"t.json": json.dumps(template)})
    return found


@pytest.mark.parametrize("written, expected", VALUES, ids=[json.dumps(one) for one, _ in VALUES])
def test_a_value(written: object, expected: list[object]) -> None:
    assert results(written) == expected


@pytest.mark.parametrize("written, expected", CONDITIONS, ids=[json.dumps(one) for one, _ in CONDITIONS])
def test_a_condition(written: object, expected: list[object]) -> None:
    parts = {**PARTS, "Conditions": {**PARTS["Conditions"], "T": written}}
    assert results({"Fn::If": ["T", "a", "b"]}, parts) == expected


@pytest.mark.parametrize(
    "key, expected",
    [
        (Hole("x"), {"": "", "a": "a", "aa": "aa", "aba": "aba", "ab": "ab"}),
        (Holed(("a", Hole("x"))), {"": "a", "a": "aa", "ba": "aba", "b": "ab"}),
        (Holed((Hole("x"), "a")), {"": "a", "a": "aa", "ab": "aba"}),
        (Holed(("a", Hole("x"), "a")), {"": "aa", "b": "aba"}),
    ],
)
def test_the_names_that_a_key_may_be(key: Hole | Holed, expected: Mapping[str, str]) -> None:
    assert fillings(key, ["", "a", "aa", "aba", "ab"]) == expected
