"""Accounts that a policy cannot tell apart. Each has its own finding, and all of them cost as much as one."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Compliance, Repository, Trust, Verdict, judge

from tests.judgement.policies import OWNER, account, allow, deny, reasons, verdict
from tests.properties.world import TODAY

A, B, C = "222233334444", "333344445555", "444455556666"
MANY = tuple(f"{number:012}" for number in range(200_000_000_000, 200_000_000_040))
VPC = "vpc-0123456789abcdef0"
PULL_AND_PUSH = ["ecr:BatchGetImage", "ecr:PutImage"]


def _trusting_a_vpc(*elements: object, access: str = "ADMIN") -> Verdict:
    entry = {"vpc": VPC, "access": access, "reason": "the build network", "owner": "platform@example.com"}
    trust = Trust.parse({"version": 1, "trust": [entry]}, today=TODAY)
    policy = {"Version": "2012-10-17", "Statement": list(elements)}
    return judge(policy, Repository(OWNER, "app", region="eu-west-1"), trust)


def _of(found: Verdict) -> set[str]:
    return {one.grantee for one in found.grants}


@pytest.mark.parametrize(
    "elements",
    [
        (allow(account(*MANY), PULL_AND_PUSH, {"StringEquals": {"aws:SourceVpc": VPC}}),),
        (allow(account(*MANY), PULL_AND_PUSH), deny("*", "*", {"StringNotEquals": {"aws:SourceVpc": VPC}})),
        (
            allow(
                account("*"), PULL_AND_PUSH, {"StringEquals": {"aws:SourceVpc": VPC, "aws:PrincipalAccount": [*MANY]}}
            ),
        ),
    ],
    ids=["by the Allow", "by a Deny", "by number"],
)
def test_many_accounts_that_come_through_a_trusted_network_are_inside(elements: tuple[object, ...]) -> None:
    assert _trusting_a_vpc(*elements).compliance is Compliance.COMPLIANT


def test_each_of_many_accounts_is_found() -> None:
    found = _trusting_a_vpc(
        allow(account(*MANY), PULL_AND_PUSH), deny("*", "*", {"StringNotEquals": {"aws:SourceVpc": VPC}}), access="READ"
    )
    assert _of(found) == set(MANY)
    assert not found.undecided


def test_a_witness_is_of_its_own_account() -> None:
    path = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"
    found = verdict(allow(account(A, B), "*", {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": path}}))
    assert _of(found) == {A, B}
    for grant in found.grants:
        shown = grant.witness.context
        assert grant.witness.principal == shown["aws:PrincipalArn"] == f"arn:aws:iam::{grant.grantee}:role/outsider"
        assert (shown["aws:PrincipalAccount"], shown["aws:PrincipalOrgPaths"]) == (grant.grantee, (path,))


@pytest.mark.parametrize(
    "elements, let_in",
    [
        ([allow(account(A, B)), deny("*", "*", {"StringEquals": {"aws:PrincipalAccount": B}})], {A}),
        ([allow(account(A, B, C)), deny("*", "*", {"StringNotEquals": {"aws:PrincipalAccount": [A, C]}})], {A, C}),
        ([allow(account(A, B)), deny("*", "*", {"StringLike": {"aws:PrincipalAccount": "3333*"}})], {A}),
        ([allow(account(A, B)), deny("*", "*", {"NumericGreaterThan": {"aws:PrincipalAccount": "300000000000"}})], {A}),
        ([allow(account(A, B)), deny("*", "*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:*::{B}:*"}})], {A}),
        ([allow(account(A, B)), deny("*", "*", {"StringLike": {"aws:PrincipalArn": f"*:{B}:*"}})], {A}),
        ([allow(account(A, B)), deny(account(B))], {A}),
        ([allow(account(A, B)), deny(account(f"arn:aws:iam::{A}:role/x"))], {A, B}),
        ([allow(account(A, B)), {"Effect": "Deny", "NotPrincipal": {"AWS": [A]}, "Action": "*"}], {A}),
        (
            [
                allow(account(A, B), "*", {"StringEquals": {"aws:PrincipalTag/of": "${aws:PrincipalAccount}"}}),
                deny("*", "*", {"StringEquals": {"aws:PrincipalTag/of": B}}),
            ],
            {A},
        ),
    ],
)
def test_accounts_that_are_told_apart_fare_each_for_itself(elements: list[object], let_in: set[str]) -> None:
    for order in (elements, elements[::-1]):
        found = verdict(*order)
        assert (_of(found), reasons(found)) == (let_in, [])


def test_an_account_that_trust_covers_for_less_is_no_twin_of_one_that_it_does_not_cover() -> None:
    entry = {"account": A, "access": "READ", "reason": "pulls base images", "owner": "platform@example.com"}
    trust = Trust.parse({"version": 1, "trust": [entry]}, today=TODAY)
    condition = {"StringEquals": {"aws:VpceAccount": A}}
    policy = {"Version": "2012-10-17", "Statement": [allow(account(A, B), PULL_AND_PUSH, condition)]}
    found = judge(policy, Repository(OWNER, "app", region="eu-west-1"), trust)
    assert {(one.grantee, one.actions) for one in found.grants} == {
        (A, ("ecr:PutImage",)),
        (B, ("ecr:PutImage",)),
    }
    assert found.undecided
