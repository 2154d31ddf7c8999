"""`Allows`: whether one Allow asks no more than another, and whose access others cover."""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount import Hole, Holed
from ecr_crossaccount.documents.conditions import Base
from ecr_crossaccount.documents.document import Actions
from ecr_crossaccount.documents.pattern import Text
from ecr_crossaccount.questions.plan.tidy import EVERYBODY, Allowed, Allows, covered_principals, principal

from tests.judgement.policies import account, allow

A, B = "222233334444", "333344445555"
WIDER_WITH_MORE = {"StringEquals", "StringLike", "ArnLike", "ArnEquals"}
NEGATED = ("StringNotEquals", "StringNotLike", "ArnNotLike", "ArnNotEquals", "NotIpAddress")
OPERATORS = [*(base.value for base in Base), "ArnEquals", *NEGATED, "NobodyKnowsThisOne"]
UNKNOWN = Holed(("ecr:Put", Hole("What")))


def taken(*statements: dict[str, Any]) -> list[Allowed]:
    allows = Allows()
    return [allows.taken_apart(one, Actions(negated=False, patterns=patterns_of(one))) for one in statements]


def patterns_of(statement: dict[str, Any]) -> tuple[Text, ...]:
    action = statement["Action"]
    return tuple(action) if isinstance(action, list) else (action,)


def asks_no_more(wide: object, narrow: object) -> bool:
    one, other = taken(allow(account(A), condition=wide), allow(account(A), condition=narrow))
    return one.asks_no_more(other)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("written", ["{}", "{}IfExists", "ForAnyValue:{}", "ForAllValues:{}"])
def test_which_operators_ask_less_with_more_values(operator: str, written: str) -> None:
    name = written.format(operator)
    two, one, none = ({name: {"aws:username": value}} for value in (["x", "y"], "x", []))
    assert asks_no_more(two, one) is (operator in WIDER_WITH_MORE)
    assert asks_no_more(one, one) is True
    assert asks_no_more(one, two) is False
    assert asks_no_more(two, none) is False
    assert asks_no_more(none, none) is True


@pytest.mark.parametrize(
    "wide, narrow, expected",
    [
        ({}, {"StringEquals": {"aws:username": "x"}}, True),
        ({"StringEquals": {"aws:username": "x"}}, {}, False),
        ({"StringEquals": {"aws:UserName": "x"}}, {"StringEquals": {"AWS:username": ["x"]}}, True),
        ({"StringEquals": {"aws:username": "x"}}, {"StringEquals": {"aws:userid": "x"}}, False),
        ({"StringEquals": {"aws:username": "x"}}, {"StringLike": {"aws:username": "x"}}, False),
        (
            {"StringEquals": {"aws:username": "x", "aws:userid": "y"}},
            {"StringEquals": {"aws:userid": "y"}, "Bool": {"aws:SecureTransport": "true"}},
            False,
        ),
        (
            {"StringEquals": {"aws:username": "x"}, "Bool": {"aws:SecureTransport": "true"}},
            {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:userid": "y", "aws:username": "x"}},
            True,
        ),
        (Hole("C"), Hole("C"), True),
        (Hole("C"), Hole("D"), False),
        ({"StringEquals": Hole("C")}, {"StringEquals": Hole("C")}, True),
        ({"StringEquals": Hole("C")}, {"StringLike": Hole("C")}, False),
    ],
)
def test_what_one_condition_asks_beside_another(wide: object, narrow: object, expected: bool) -> None:  # noqa: FBT001
    assert asks_no_more(wide, narrow) is expected


def test_an_element_that_only_one_statement_has_counts() -> None:
    one, other = taken(allow(account(A)), {**allow(account(A)), "Resource": "*"})
    assert not one.asks_no_more(other)
    assert not other.asks_no_more(one)
    assert other.asks_no_more(other)


@pytest.mark.parametrize("changes", [{"Sid": "X"}, {"Effect": "Deny"}, {"NotAction": "x"}, {"Principal": "*"}])
def test_what_is_compared_in_its_own_way_is_no_other_element(changes: dict[str, Any]) -> None:
    one, other = taken(allow(account(A)), {**allow(account(A)), **changes})
    assert one.asks_no_more(other)


@pytest.mark.parametrize(
    "others, expected",
    [
        pytest.param([], set(), id="nothing"),
        pytest.param([allow(account(A), ["ecr:PutImage", "ecr:ListImages"])], {A}, id="one of two"),
        pytest.param([allow("*", "ecr:*")], {A, B}, id="everybody"),
        pytest.param([allow({"AWS": ["*"]}, "ecr:*")], {A, B}, id="every account"),
        pytest.param([allow({"Service": ["lambda.amazonaws.com"]}, "ecr:*")], set(), id="a service"),
        pytest.param([allow({"Federated": "*"}, "ecr:*")], set(), id="no principal of AWS"),
        pytest.param([allow(account(A), "ecr:PutImage")], set(), id="half of it"),
        pytest.param([allow(account(A), "ecr:PutImage"), allow(account(A), "ecr:ListImages")], {A}, id="two halves"),
        pytest.param([allow("*", "ecr:PutImage"), allow(account(B), "ecr:ListImages")], {B}, id="halves of two kinds"),
        pytest.param([allow("*", "ecr:TagResource"), allow("*", "ecr:ListImages")], set(), id="the same half"),
        pytest.param([allow("*", "ecr:*", {"Bool": {"aws:SecureTransport": "true"}})], set(), id="on a condition"),
        pytest.param([allow("*", UNKNOWN), allow("*", "ecr:ListImages")], set(), id="an action not known yet"),
    ],
)
def test_whose_access_others_cover(others: list[dict[str, Any]], expected: set[str]) -> None:
    one, *beside = taken(allow(account(A, B), ["ecr:PutImage", "ecr:ListImages"]), *others)
    assert covered_principals(one, beside) == {("AWS", number) for number in expected}


@pytest.mark.parametrize("action", [UNKNOWN, "ecr:*"])
def test_an_action_that_is_not_known_yet_is_covered_by_nothing(action: Text) -> None:
    """It may be an action that no table has."""
    one, other = taken(allow(account(A), UNKNOWN), allow("*", action))
    assert covered_principals(one, [other]) == set()


@pytest.mark.parametrize(
    "kind, text, expected",
    [
        ("AWS", "*", EVERYBODY),
        ("AWS", A, ("AWS", A)),
        ("AWS", f"arn:aws:iam::{A}:root", ("AWS", A)),
        ("AWS", f"arn:aws:iam::{A}:role/ci", ("AWS", f"arn:aws:iam::{A}:role/ci")),
        ("AWS", Holed((Hole("P"),)), ("AWS", Holed((Hole("P"),)))),
        ("Service", "*", ("Service", "*")),
        ("Service", "lambda.amazonaws.com", ("Service", "lambda.amazonaws.com")),
    ],
)
def test_in_which_form_an_entry_is_compared(kind: str, text: Text, expected: object) -> None:
    assert principal(kind, text) == expected
