"""The service control policy: the roles that it exempts, and its parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.questions.guardrails import ACTIONS, service_control_policy

from tests.wording import sentence

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    "role, arn",
    [
        ("ecr-admin", "arn:*:iam::*:role/ecr-admin"),
        ("/platform/ecr-admin", "arn:*:iam::*:role/platform/ecr-admin"),
        ("role/platform/ecr-*", "arn:*:iam::*:role/platform/ecr-*"),
        ("arn:aws:iam::111122223333:role/ecr-admin", "arn:aws:iam::111122223333:role/ecr-admin"),
        ("arn:aws:iam::1111*:role/ecr-admin", "arn:aws:iam::1111*:role/ecr-admin"),
        ("arn:aws:iam::11112222333?:role/ecr-admin", "arn:aws:iam::11112222333?:role/ecr-admin"),
    ],
)
def test_a_role_by_name_or_by_arn(role: str, arn: str) -> None:
    (statement,) = service_control_policy([role]).statements
    assert statement["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": arn}}


def test_several_roles() -> None:
    (statement,) = service_control_policy(["a", "b"]).statements
    assert statement["Condition"] == {
        "ArnNotLike": {"aws:PrincipalArn": ["arn:*:iam::*:role/a", "arn:*:iam::*:role/b"]}
    }


@pytest.mark.parametrize(
    "role",
    [
        "",
        "a b",
        "a:b",
        "arn:aws:iam::111122223333:user/a",
        "arn:aws:iam::1:role/a",
        "arn:aws:iam::11112222333?4:role/a",
        "${aws:username}",
        "*\n",
    ],
)
def test_what_is_no_role(role: str) -> None:
    with pytest.raises(InputError, match=r"is not a role: expected a name"):
        service_control_policy([role])


def test_no_role_at_all_would_lock_everybody_out() -> None:
    with pytest.raises(InputError, match="without one, nobody could"):
        service_control_policy([])


def test_more_roles_than_fit() -> None:
    with pytest.raises(InputError, match=r"characters of at most 5,120"):
        service_control_policy([f"role-with-a-long-name-{number}" for number in range(200)])


def test_a_role_that_others_could_make_is_told() -> None:
    assert len(service_control_policy(["ecr-admin"]).notes) == 1
    assert len(service_control_policy(["arn:aws:iam::111122223333:role/ecr-*"]).notes) == 1
    assert service_control_policy(["arn:aws:iam::111122223333:role/ecr-admin"]).notes == ()


def test_the_documentation_lists_the_actions() -> None:
    page = (DOCS / "guardrails.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(ecr(?:-public)?:[A-Z]\w+)`", page.partition("## What an SCP")[2])) >= set(ACTIONS)


@pytest.mark.parametrize("role", ["*", "**", "?*", "*/*", "role/*", "arn:aws:iam::*:role/*", "arn:*:iam::**:role/*?"])
def test_who_is_every_role_is_refused_since_nobody_would_be_denied(role: str) -> None:
    with pytest.raises(InputError, match=re.escape(sentence("guardrails.matches_every_role"))):
        service_control_policy(["platform", role])


@pytest.mark.parametrize("role", ["platform*", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::1*:role/*", "???"])
def test_a_pattern_that_leaves_somebody_out_is_taken(role: str) -> None:
    assert service_control_policy([role]).statements
