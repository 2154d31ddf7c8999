"""What a question is about, of the access through roles: the wanted actions, and those whom the caller may be."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.questions.ask.question import caller_of, wanted_of
from ecr_crossaccount.questions.roles.account import Role, Text
from ecr_crossaccount.questions.roles.house import Account, Repository
from ecr_crossaccount.questions.roles.through import asked_through

OWNER, VENDOR = "111122223333", "222233334444"
APP = Repository(f"arn:aws:ecr:eu-west-1:{OWNER}:repository/app", "app", "eu-west-1")
GITHUB = "token.actions.githubusercontent.com"


def _role(name: str, principal: object, *actions: str, **trust: object) -> Role:
    one = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **trust}
    may = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    documents = [Text(name, json.dumps({"Version": "2012-10-17", "Statement": [each]})) for each in (one, may)]
    return Role(f"arn:aws:iam::{OWNER}:role/{name}", trust=documents[0], policies=(documents[1],))


ROLES = (
    _role("account", {"AWS": VENDOR}, "ecr:PutImage", "ecr:BatchGetImage"),
    _role("principal", {"AWS": f"arn:aws:iam::{VENDOR}:role/build/ci"}, "ecr:PutImage"),
    _role("puller", {"AWS": VENDOR}, "ecr:BatchGetImage"),
    _role("any", "*", "ecr:PutImage"),
    _role("of", "*", "ecr:PutImage", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
    _role("layer", {"AWS": VENDOR}, "ecr:BatchCheckLayerAvailability"),
    _role(
        "gh",
        {"Federated": f"arn:aws:iam::{OWNER}:oidc-provider/{GITHUB}"},
        "ecr:PutImage",
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={"StringLike": {f"{GITHUB}:sub": "repo:acme/*"}},
    ),
    _role(
        "anybody",
        {"Federated": f"arn:aws:iam::{OWNER}:oidc-provider/{GITHUB}"},
        "ecr:PutImage",
        Action="sts:AssumeRoleWithWebIdentity",
    ),
    _role("odd", {"Service": "transfer.example.com"}, "ecr:PutImage"),
    _role("unread", {"AWS": OWNER}, "ecr:PutImage", Principal=7),
    _role("admin", {"AWS": VENDOR}, "iam:PutRolePolicy", "sts:AssumeRole"),
)
ANY = {"any", "anybody"}
UNCLEAR = {"any", "of", "unread"}
"""Whether `*` allows tokens and services is undecided."""


def _asked(who: str | None, can: str, trust: Trust = Trust.nobody()) -> tuple[set[str], set[str]]:  # noqa: B008 - fixed
    """Return the roles that certainly lead there, and those that may."""
    account = Account(OWNER, ROLES, (APP,))
    found = asked_through(account, trust, wanted_of(can), None if who is None else caller_of(who))
    sure = {way.chain[-1].rpartition("/")[2] for way in found.ways}
    perhaps = {one.chain[-1].rpartition("/")[2] for one in found.perhaps}
    return sure, perhaps | {one.chain[-1].rpartition("/")[2] for one in found.more}


@pytest.mark.parametrize(
    "who, can, sure, perhaps",
    [
        (None, "push", {"account", "principal", "of", "gh", *ANY}, {"odd", "admin", *UNCLEAR}),
        (None, "pull", {"account", "puller"}, {"admin"}),
        (None, "ecr:PutLifecycle*", set(), {"admin"}),
        (VENDOR, "push", {"account", "principal", "of", *ANY}, {"admin", *UNCLEAR}),
        (f"arn:aws:iam::{VENDOR}:role/build/ci", "push", {"account", "principal", "of", *ANY}, {"admin", *UNCLEAR}),
        (f"arn:aws:sts::{VENDOR}:assumed-role/ci/s", "push", {"account", "principal", "of", *ANY}, {"admin", *UNCLEAR}),
        (f"arn:aws:sts::{VENDOR}:assumed-role/x/s", "push", {"account", "of", *ANY}, {"admin", *UNCLEAR}),
        (f"arn:aws:iam::{VENDOR}:role/ci", "push", {"account", "of", *ANY}, {"admin", *UNCLEAR}),
        ("444455556666", "push", {"of", *ANY}, UNCLEAR),
        ("anyone", "push", ANY, UNCLEAR),
        ("transfer.example.com", "push", set(), {"odd", *UNCLEAR}),
        (OWNER, "push", set(), set()),
    ],
)
def test_those_whom_the_caller_may_be_can_do_what_is_asked(
    who: str | None, can: str, sure: set[str], perhaps: set[str]
) -> None:
    assert _asked(who, can) == (sure, perhaps)


def test_for_a_caller_of_the_account_itself_nothing_is_concluded() -> None:
    found = asked_through(Account(OWNER, (), (APP,)), Trust.nobody(), wanted_of("push"), caller_of(OWNER))
    assert (found.is_nobody, found.to_json()["complete"]) == (False, False)
    outside = asked_through(Account(OWNER, (), (APP,)), Trust.nobody(), wanted_of("push"), caller_of(VENDOR))
    assert (outside.is_nobody, outside.to_json()["complete"]) == (True, True)


def test_the_request_is_for_what_is_asked() -> None:
    found = asked_through(Account(OWNER, ROLES, (APP,)), Trust.nobody(), wanted_of("pull"), caller_of(VENDOR))
    assert {way.hops[-1].witness.action for way in found.ways} == {"ecr:BatchGetImage"}
    assert {way.actions for way in found.ways} == {("ecr:BatchGetImage",)}
