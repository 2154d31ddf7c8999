"""The Denies of a registry policy, and which of them deny everyone who is not trusted."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Repository
from ecr_crossaccount.access.fences import denies_alone, denies_of, is_fence
from ecr_crossaccount.policy.parse import parse

from tests.access.policies import OTHER, OWNER, account, allow, deny, policy, trusting

REGISTRY = Repository(OWNER, region="eu-west-1")


def denying(key: str, operator: str, value: str) -> dict[str, object]:
    """Return the Deny of every action for callers whose key meets the condition."""
    return {**deny("*", "ecr:*"), "Resource": "*", "Condition": {operator: {key: value}}}


ONLY_THE_OWNER = denying("aws:PrincipalAccount", "StringNotEquals", OWNER)
ANYONE = denying("aws:PrincipalAccount", "StringEquals", "${aws:PrincipalAccount}")
"""Matches every caller of an account if the policy's version has variables, and no one otherwise."""


def fenced(document: object, *entries: dict[str, object]) -> bool:
    return is_fence(document, REGISTRY, trusting(*entries))


def test_denies_that_let_in_the_owner_alone_are_a_fence() -> None:
    assert fenced(policy(ONLY_THE_OWNER, {**allow(account(OTHER)), "Resource": "*"}))
    assert fenced({**policy(), "Statement": ONLY_THE_OWNER})


@pytest.mark.parametrize(
    "document",
    [
        None,
        policy(),
        policy({**allow(account(OTHER)), "Resource": "*"}),
        policy({**ONLY_THE_OWNER, "Action": "ecr:PutImage"}),
        policy({**ONLY_THE_OWNER, "Principal": account(OTHER)}),
        policy({**ONLY_THE_OWNER, "Condition": {"StringNotEqual": {"aws:PrincipalAccount": OWNER}}}),
    ],
    ids=["no policy", "no statement", "no Deny", "one action", "one account", "invalid"],
)
def test_what_keeps_out_less_is_none(document: object) -> None:
    assert not fenced(document)


def test_the_version_of_the_policy_decides_what_a_fence_means() -> None:
    services = denying("aws:PrincipalIsAWSService", "Bool", "true")
    assert fenced(policy(ANYONE, services))
    assert not fenced({**policy(ANYONE, services), "Version": "2008-10-17"})
    assert not fenced({"Statement": [ANYONE, services]})


def test_the_denies_of_a_policy_keep_its_version_and_nothing_else_is_one() -> None:
    document = {"Statement": [allow("*"), ANYONE, "x"], "Id": "y"}
    assert denies_alone(document) == {"Statement": [ANYONE], "Id": "y"}
    assert denies_alone(policy(allow("*"))) is None
    assert denies_alone([]) is None


def test_denies_are_alike_if_they_mean_the_same() -> None:
    renamed = {**ONLY_THE_OWNER, "Sid": "Renamed"}
    assert denies_of(parse(policy(allow("*"), renamed))) == denies_of(parse(policy(ONLY_THE_OWNER, ONLY_THE_OWNER)))
    assert denies_of(parse({"Statement": [ANYONE]})) != denies_of(parse(policy(ANYONE)))
