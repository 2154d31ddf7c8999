"""Roles that the documents of an account tell apart, and those that they do not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.questions.roles import account
from ecr_crossaccount.questions.roles.account import Marks, Role

OWNER = "111122223333"
ARNS = [f"arn:aws:iam::{OWNER}:role/{name}" for name in ("ci/a", "ci/b", "web")]
ROLES = [Role(arn, f"AROA{number}XXXXXXXXXXXXXXX") for number, arn in enumerate(ARNS)]


def apart(**statement: Any) -> str:  # noqa: ANN401 - the elements of a statement
    """Return the roles that a statement tells apart: each is a letter, and equal letters are not told apart."""
    whole = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", **statement}
    marks = Marks(parse(json.dumps({"Version": "2012-10-17", "Statement": [whole]})).statements, ROLES)
    found = [marks.marks_of(one) for one in ROLES]
    return "".join("abc"[found.index(one)] for one in found)


def when(operator: str, key: str, value: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    "statement, expected",
    [
        ({}, "aaa"),
        ({"Resource": "*"}, "aaa"),
        ({"Resource": ARNS[2]}, "aac"),
        ({"Resource": f"arn:aws:iam::{OWNER}:role/ci/*"}, "aac"),
        ({"Resource": "arn:aws:iam::*:role/?eb"}, "aac"),
        ({"NotResource": f"arn:aws:iam::{OWNER}:role/c*b"}, "aba"),
        ({"Principal": {"AWS": ARNS[1]}}, "aba"),
        ({"Principal": {"AWS": f"arn:aws:sts::{OWNER}:assumed-role/b/session"}}, "aba"),
        (when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*/*"), "aac"),
        (when("ArnLike", "aws:PrincipalArn", "arn:*:role/web"), "aac"),
        (when("StringLike", "aws:PrincipalArn", "*web"), "aac"),
        (when("StringLike", "aws:PrincipalArn", f"arn:aws:iam::{OWNER}:role/${{aws:PrincipalTag/team}}*"), "abc"),
        (when("StringEqualsIgnoreCase", "aws:PrincipalArn", ARNS[2].upper()), "aac"),
        (when("StringLike", "aws:userid", "*:session"), "aaa"),
        (when("StringLike", "aws:userid", "AROA1*"), "aba"),
        (when("StringLike", "aws:userid", "AROA1XXXXXXXXXXXXXXX:session"), "aba"),
        (when("StringLike", "aws:userid", "*X*"), "abc"),
        (when("StringLike", "aws:PrincipalTag/name", "${aws:userid}"), "abc"),
        (when("StringLike", "aws:PrincipalTag/name", "${aws:PrincipalTag/team}"), "aaa"),
        (when("Bool", "aws:SecureTransport", "true"), "aaa"),
    ],
)
def test_which_roles_a_statement_tells_apart(statement: dict[str, Any], expected: str) -> None:
    assert apart(**statement) == expected


def test_if_there_are_too_many_patterns_all_roles_are_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "MOST", 2)
    assert apart(Resource="arn:aws:iam::*:role/*") == "abc"


def test_a_colon_in_the_path_of_a_role_sets_it_apart() -> None:
    """What a wildcard does at such a colon is not documented."""
    odd = Role(f"arn:aws:iam::{OWNER}:role/a:b/c")
    assert Marks((), [odd]).marks_of(odd) == odd.arn
