"""Allows that need no search have the same result as a search."""

from __future__ import annotations

from typing import Any

import pytest

from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, deny, verdict

HARMLESS = deny(account(OWNER))
"""A Deny that matches no one outside, but makes a search of the Allow necessary."""

PRINCIPALS = {
    "anybody": "*",
    "any AWS principal": {"AWS": "*"},
    "an account": account(OTHER),
    "a root": account(f"arn:aws:iam::{OTHER}:root"),
    "a role": account(f"arn:aws:iam::{OTHER}:role/build"),
    "a role with a path": account(f"arn:aws:iam::{OTHER}:role/team/build"),
    "a user with a path": account(f"arn:aws:iam::{OTHER}:user/team/ci"),
    "a federated user": account(f"arn:aws:sts::{OTHER}:federated-user/ci"),
    "a session": account(f"arn:aws:sts::{OTHER}:assumed-role/build/job"),
    "a session of a role that is named": account(
        f"arn:aws:sts::{THIRD}:assumed-role/build/job", f"arn:aws:iam::{THIRD}:role/team/build"
    ),
    "accounts, own and trusted ones": account(OWNER, THIRD, OTHER, f"arn:aws:iam::{THIRD}:role/build"),
    "services": {"Service": ["lambda.amazonaws.com", "codebuild.amazonaws.com"]},
    "an account and a service": {"AWS": OTHER, "Service": "codebuild.amazonaws.com"},
    "anybody and an account": {"AWS": ["*", OTHER]},
}
TRUSTS = {
    "nobody": [],
    "one account for reading": [{"account": THIRD}],
    "each for something else": [
        {"account": OTHER},
        {"account": THIRD, "access": "WRITE"},
        {"service": "lambda.amazonaws.com", "access": "ADMIN"},
        {"service": "codebuild.amazonaws.com"},
        {"organization": "o-k3j5h7g9f2"},
        {"account": "999988887777"},
    ],
    "every service that is tried by itself": [
        {"service": f"{name}.amazonaws.com"}
        for name in ("codebuild", "lambda", "sagemaker", "ecs-tasks", "events", "cloudtrail", "config", "batch")
    ],
}


@pytest.mark.no_cover
@pytest.mark.parametrize("principal", PRINCIPALS)
@pytest.mark.parametrize("trust", TRUSTS)
@pytest.mark.parametrize("action", ["ecr:BatchGetImage", ["ecr:BatchGetImage", "ecr:PutImage"], "ecr:*"])
def test_what_needs_no_search_is_what_a_search_finds(principal: str, trust: str, action: object) -> None:
    plain = allow(PRINCIPALS[principal], action)
    repository: dict[str, Any] = {"region": "eu-west-1", "organization": "o-a1b2c3d4e5", "tags": {"team": "search"}}
    found = verdict(plain, trust=TRUSTS[trust], **repository)
    searched = verdict(plain, HARMLESS, trust=TRUSTS[trust], **repository)
    assert found.to_json() == searched.to_json()
