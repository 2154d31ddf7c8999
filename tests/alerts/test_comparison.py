"""What counts as new: never silence if access opened, and no alarm if none did."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ecr_crossaccount import Repository, Scope, Trust, judge
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.products.alerts.alert import Because, News
from ecr_crossaccount.products.alerts.changes import Stated
from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.comparing import news, stated

OWNER = Repository("111122223333", "team/base", region="eu-central-1")
PARTNER, OTHER = "222233334444", "444455556666"


def allow(principal: object, *actions: str, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions or ["ecr:BatchGetImage"]), **more}


def deny(principal: object, *actions: str, **more: object) -> dict[str, object]:
    return {**allow(principal, *actions, **more), "Effect": "Deny"}


def root(number: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{number}:root"}


def told(before: Stated, after: Stated, kind: ResourceKind = ResourceKind.REPOSITORY) -> News:
    return news(before, after, OWNER, Trust.nobody(), kind=kind)


def in_registry(*statements: object) -> Stated:
    return replace(stated(*statements), scope=Scope.V2)


def if_(operator: str, key: str, *values: str) -> dict[str, object]:
    return {"Condition": {operator: {key: list(values)}}}


Policies = tuple[list[dict[str, object]], list[dict[str, object]]]
NEW: dict[str, Policies] = {
    "an account": ([], [allow(root(PARTNER))]),
    "another account": ([allow(root(PARTNER))], [allow(root(PARTNER)), allow(root(OTHER))]),
    "another action": ([allow(root(PARTNER))], [allow(root(PARTNER), "ecr:BatchGetImage", "ecr:PutImage")]),
    "everybody": ([allow(root(PARTNER))], [allow("*")]),
    "another service": (
        [allow({"Service": "lambda.amazonaws.com"})],
        [allow({"Service": ["lambda.amazonaws.com", "codebuild.amazonaws.com"]})],
    ),
    "a service for anybody": (
        [allow({"Service": "lambda.amazonaws.com"}, **if_("StringEquals", "aws:SourceAccount", PARTNER))],
        [allow({"Service": "lambda.amazonaws.com"})],
    ),
    "a service for another account": (
        [allow({"Service": "lambda.amazonaws.com"}, **if_("StringEquals", "aws:SourceAccount", PARTNER))],
        [allow({"Service": "lambda.amazonaws.com"}, **if_("StringEquals", "aws:SourceAccount", PARTNER, OTHER))],
    ),
    "a condition that is gone": (
        [allow("*", **if_("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))],
        [allow("*")],
    ),
    "a network that is gone for an account": (
        [allow(root(PARTNER), **if_("IpAddress", "aws:SourceIp", "203.0.113.0/24"))],
        [allow(root(PARTNER))],
    ),
    "a role that is gone from a condition": (
        [allow(root(PARTNER), **if_("StringEquals", "aws:PrincipalArn", f"arn:aws:iam::{PARTNER}:role/x"))],
        [allow(root(PARTNER))],
    ),
    "a network that is gone for an organization": (
        [allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:SourceVpc": "vpc-1"}})],
        [allow("*", **if_("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))],
    ),
    "a date that is gone for everybody": (
        [allow("*", **if_("DateGreaterThan", "aws:CurrentTime", "2099-01-01T00:00:00Z"))],
        [allow("*")],
    ),
    "a tag that is gone for everybody": (
        [allow({"AWS": "*"}, **if_("StringEquals", "aws:PrincipalTag/team", "base")), allow({"Service": "*"})],
        [allow("*")],
    ),
    "a project that is gone for a service": (
        [
            allow(
                {"Service": "codebuild.amazonaws.com"},
                **if_("ArnLike", "aws:SourceArn", "arn:aws:codebuild:*:*:project/x"),
            )
        ],
        [allow({"Service": "codebuild.amazonaws.com"})],
    ),
    "an exception that is gone": (
        [allow(root(PARTNER), **if_("StringNotEquals", "aws:SourceVpc", "vpc-1", "vpc-2"))],
        [allow(root(PARTNER), **if_("StringNotEquals", "aws:SourceVpc", "vpc-1"))],
    ),
    "the account of a role": ([allow({"AWS": f"arn:aws:iam::{PARTNER}:role/x"})], [allow(root(PARTNER))]),
    "another role of an account": (
        [allow({"AWS": f"arn:aws:iam::{PARTNER}:role/x"})],
        [allow({"AWS": [f"arn:aws:iam::{PARTNER}:role/x", f"arn:aws:iam::{PARTNER}:role/y"]})],
    ),
    "whom NotPrincipal named": (
        [{"Effect": "Allow", "NotPrincipal": root(PARTNER), "Action": "ecr:BatchGetImage"}],
        [allow("*")],
    ),
    "another organization": (
        [allow("*", **if_("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))],
        [allow("*", **if_("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5", "o-zzzzzzzzzz"))],
    ),
    # A grant that shows one of many callers shows the same one before and after.
    "a wider pattern": (
        [allow("*", **if_("StringLike", "aws:PrincipalArn", "arn:aws:iam::17*:role/*"))],
        [allow("*", **if_("StringLike", "aws:PrincipalArn", "arn:aws:iam::1*:role/*"))],
    ),
    "another network": (
        [allow("*", **if_("StringEquals", "aws:SourceVpc", "vpc-1"))],
        [allow("*", **if_("StringEquals", "aws:SourceVpc", "vpc-1", "vpc-2"))],
    ),
    "a Deny that is gone": ([allow("*"), deny(root(PARTNER))], [allow("*")]),
    "a Deny that is weaker": (
        [allow("*"), deny("*", **if_("StringNotEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))],
        [allow("*"), deny("*", **if_("StringNotEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5", "o-zzzzzzzzzz"))],
    ),
    "what cannot be decided": ([], [allow("*", **if_("StringEquals", "aws:NobodyKnows", "it"))]),
    "another thing that cannot be decided": (
        [allow(root(PARTNER), **if_("StringEquals", "aws:NobodyKnows", "it"))],
        [allow("*", **if_("StringEquals", "aws:NobodyKnows", "it"))],
    ),
    "what IAM would not accept": ([], [{"Effect": "Allow", "Principal": {"AWS": "someone"}, "Action": "ecr:*"}]),
}
OLD: dict[str, Policies] = {
    "everybody by another name": ([allow({"AWS": "*"})], [allow("*")]),
    "nothing": ([], []),
    "the owner": ([], [allow(root("111122223333"), "ecr:*")]),
    "the same": ([allow("*"), deny(root(PARTNER))], [allow("*"), deny(root(PARTNER))]),
    "another order and another name": (
        [allow(root(PARTNER)), allow(root(OTHER))],
        [allow(root(OTHER), Sid="A"), allow(root(PARTNER), Sid="B")],
    ),
    "two statements instead of one": (
        [allow(root(PARTNER), "ecr:BatchGetImage", "ecr:PutImage")],
        [allow(root(PARTNER), "ecr:PutImage"), allow(root(PARTNER), "ecr:BatchGetImage")],
    ),
    "an account by number": ([allow(root(PARTNER))], [allow({"AWS": PARTNER})]),
    "a role of an account that got in": ([allow(root(PARTNER))], [allow({"AWS": f"arn:aws:iam::{PARTNER}:role/x"})]),
    "an account by a condition": (
        [allow("*", **if_("StringEquals", "aws:PrincipalAccount", PARTNER))],
        [allow(root(PARTNER))],
    ),
    "one network of two": (
        [allow(root(PARTNER), **if_("StringEquals", "aws:SourceVpc", "vpc-1", "vpc-2"))],
        [allow(root(PARTNER), **if_("StringEquals", "aws:SourceVpc", "vpc-1"))],
    ),
    "one condition more": (
        [allow(root(PARTNER))],
        [allow(root(PARTNER), **if_("StringEquals", "aws:SourceVpc", "vpc-1"))],
    ),
    "one role of two": (
        [allow({"AWS": [f"arn:aws:iam::{PARTNER}:role/x", f"arn:aws:iam::{PARTNER}:role/y"]})],
        [allow({"AWS": f"arn:aws:iam::{PARTNER}:role/x"})],
    ),
    "less": ([allow(root(PARTNER), "ecr:*")], [allow(root(PARTNER))]),
    "one of everybody": ([allow("*", "ecr:*")], [allow(root(PARTNER), "ecr:PutImage")]),
    "another Deny": ([allow("*")], [allow("*"), deny(root(PARTNER))]),
    "a Deny that is gone and stopped nobody": ([allow(root(OTHER)), deny(root(PARTNER))], [allow(root(OTHER))]),
    "a Deny that another one includes": (
        [allow("*"), deny(root(PARTNER), "ecr:PutImage"), deny(root(PARTNER), "ecr:*")],
        [allow("*"), deny(root(PARTNER), "ecr:*")],
    ),
    "a role instead of its account by a condition": (
        [allow(root(PARTNER))],
        [allow("*", **if_("StringEquals", "aws:PrincipalArn", f"arn:aws:iam::{PARTNER}:role/x"))],
    ),
    "an organization of everybody": (
        [allow("*")],
        [allow({"AWS": "*"}, **if_("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))],
    ),
    "a service of all services": ([allow("*")], [allow({"Service": "lambda.amazonaws.com"})]),
    "another entry of a network's list gone": (
        [allow("*", **if_("StringEquals", "aws:SourceVpc", "vpc-1")), allow(root(OTHER))],
        [allow("*", **if_("StringEquals", "aws:SourceVpc", "vpc-1"))],
    ),
    "undecided as before": (
        [allow("*", **if_("StringEquals", "aws:NobodyKnows", "it"))],
        [allow("*", **if_("StringEquals", "aws:NobodyKnows", "it")), allow(root("111122223333"), "ecr:*")],
    ),
}


@pytest.mark.parametrize("name", NEW)
def test_new(name: str) -> None:
    before, after = NEW[name]
    assert told(stated(*before), stated(*after)).findings


@pytest.mark.parametrize("name", OLD)
def test_not_new(name: str) -> None:
    before, after = OLD[name]
    assert told(stated(*before), stated(*after)).findings == ()


def test_only_what_is_new_is_told() -> None:
    found = told(stated(allow(root(PARTNER))), stated(allow(root(PARTNER)), allow(root(OTHER))))
    assert [one.grant and one.grant.grantee for one in found.findings] == [OTHER]
    assert found.because is Because.NEW


def test_in_a_registry_another_repository_is_new() -> None:
    arn = "arn:aws:ecr:eu-central-1:111122223333:repository/"
    before = in_registry(allow(root(PARTNER), Resource=f"{arn}a"))
    after = in_registry(allow(root(PARTNER), Resource=[f"{arn}a", f"{arn}b"]))
    assert told(before, after, ResourceKind.REGISTRY).findings
    assert told(after, after, ResourceKind.REGISTRY).findings == ()


def test_the_version_decides_what_a_variable_means() -> None:
    statement = allow("*", **if_("StringEquals", "aws:PrincipalTag/team", "${aws:PrincipalTag/team}"))
    assert told(stated(statement, version="2008-10-17"), stated(statement)).findings


@pytest.mark.parametrize("deep", [100, 400, 5_000])
def test_what_was_there_before_is_unknown_where_it_was_nested_without_end(deep: int) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [{**allow("*"), "Condition": {"StringEquals": 0}}]})
    endless = Stated(text.replace("0}}", f"{'[' * deep}{']' * deep}}}}}"))
    assert told(endless, stated(allow("*"))).findings
    assert told(stated(), endless).findings
    assert told(endless, endless).findings == ()


PRINCIPALS = st.sampled_from(["*", {"AWS": "*"}, root(PARTNER), root(OTHER), {"Service": "lambda.amazonaws.com"}])
CONDITIONS = st.sampled_from(
    [
        {},
        if_("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
        if_("StringNotEquals", "aws:PrincipalAccount", PARTNER),
        if_("StringEquals", "aws:SourceVpc", "vpc-1"),
    ]
)
STATEMENTS = st.builds(
    lambda make, principal, action, condition: make(principal, action, **condition),
    st.sampled_from([allow, allow, deny]),
    PRINCIPALS,
    st.sampled_from(["ecr:BatchGetImage", "ecr:PutImage", "ecr:*"]),
    CONDITIONS,
)


@given(st.lists(STATEMENTS, max_size=3), STATEMENTS)
def test_a_policy_that_was_compliant_opens_all_that_is_open(before: list[object], more: object) -> None:
    then, now = stated(*before), stated(*before, more)
    was, found = (judge(one.text, OWNER, Trust.nobody(), one.origin) for one in (then, now))
    if not was.grants and not was.undecided:
        assert len(told(then, now).findings) >= len(found.grants)


@given(st.lists(STATEMENTS, min_size=1, max_size=4), st.randoms())
def test_order_changes_nothing(statements: list[object], random: object) -> None:
    shuffled = list(statements)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert told(stated(*statements), stated(*shuffled)).findings == ()
