"""The documents beside a role's own: the registry policy and resource control policies."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ecr_crossaccount.judgement.beside import RegistryPolicy, Scope
from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.questions.roles.account import Role, Text
from ecr_crossaccount.questions.roles.answer import Through
from ecr_crossaccount.questions.roles.house import Account, Repository
from ecr_crossaccount.questions.roles.through import search_roles

from tests.wording import sentence

OWNER, VENDOR = "111122223333", "222233334444"
ROLE = f"arn:aws:iam::{OWNER}:role/r"
ARN = f"arn:aws:ecr:eu-central-1:{OWNER}:repository/app"


def document(**statement: Any) -> str:  # noqa: ANN401 - the elements of a statement
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def role(allows: str | None = None, **fields: Any) -> Role:  # noqa: ANN401 - fields of a role
    trust = Text("the trust policy", document(Principal={"AWS": VENDOR}, Action="sts:AssumeRole"))
    policies = () if allows is None else (Text("own", allows),)
    return replace(Role(ROLE, "AROARXXXXXXXXXXXXXXXX", trust, policies), **fields)


def asked(one: Role, registry: RegistryPolicy | None = None, *rcps: str, region: str = "eu-central-1") -> Through:
    repository = Repository(ARN, "app", region, None, registry)
    return search_roles(Account(OWNER, (one,), (repository,), rcps=rcps), Trust.nobody())


PULLS = document(Action="ecr:BatchGetImage", Resource="*")
TO_ROLE = {"Principal": {"AWS": ROLE}, "Action": "ecr:BatchGetImage", "Resource": "*"}


def test_a_registry_policy_grants_access_to_a_role() -> None:
    (way,) = asked(role(), RegistryPolicy(document(**TO_ROLE), Scope.V2)).ways
    assert way.actions == ("ecr:BatchGetImage",)


@pytest.mark.parametrize("text", ["{", ""])
def test_a_trust_policy_that_cannot_be_read_is_undecided(text: str) -> None:
    found = asked(role(PULLS, trust=Text("the trust policy", text)))
    assert not found.ways
    assert [one.repositories for one in found.perhaps] == [(ARN,)]


def test_a_registry_policy_of_another_repository_does_not() -> None:
    other = {**TO_ROLE, "Resource": ARN.replace("app", "base")}
    assert asked(role(), RegistryPolicy(document(**other), Scope.V2)).is_nobody


@pytest.mark.parametrize("resource", ["*", ARN])
def test_a_deny_of_the_registry_policy_counts(resource: str) -> None:
    denies = document(Effect="Deny", Principal="*", Action="ecr:*", Resource=resource)
    assert asked(role(PULLS), RegistryPolicy(denies, Scope.V2)).is_nobody


@pytest.mark.parametrize(
    "registry",
    [RegistryPolicy(None, unread="no permission"), RegistryPolicy(document(**TO_ROLE), Scope.UNKNOWN)],
    ids=["unread", "of an unknown scope"],
)
def test_a_registry_policy_that_is_not_certain_is_undecided(registry: RegistryPolicy) -> None:
    found = asked(role(), registry)
    assert not found.ways
    assert [one.repositories for one in found.perhaps] == [(ARN,)]


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_registry_policy_that_may_be_about_a_repository_is_undecided(effect: str) -> None:
    """What a variable in its Resource becomes is not known."""
    resource = ARN.replace("app", "${aws:PrincipalTag/team}")
    found = asked(
        role(PULLS), RegistryPolicy(document(**{**TO_ROLE, "Resource": resource, "Effect": effect}), Scope.V2)
    )
    assert not found.ways
    assert {one.reason for one in found.perhaps} == {sentence("house.cannot_determined_whether")}


def test_a_resource_control_policy_closes_a_repository() -> None:
    denies = document(Effect="Deny", Principal="*", Action="ecr:*", Resource="*")
    assert asked(role(PULLS), None, denies).is_nobody


def test_a_resource_control_policy_closes_a_role() -> None:
    denies = document(Effect="Deny", Principal="*", Action="sts:*", Resource="*")
    assert asked(role(PULLS), None, denies).is_nobody


def test_a_role_without_an_id_has_a_session_whose_id_is_unknown() -> None:
    when = {"StringLike": {"aws:userid": "AROA*:deploy"}}
    found = asked(role(document(Action="ecr:BatchGetImage", Resource="*", Condition=when), id=""))
    assert not found.ways
    assert found.perhaps


def test_policies_that_are_no_json_are_undecided() -> None:
    found = asked(role("{"))
    assert not found.ways
    assert "own: $ " in found.perhaps[0].reason


@pytest.mark.parametrize("key", ["aws:RequestTag/team", "ec2:InstanceType", "iam:PermissionsBoundary"])
def test_a_condition_on_a_call_of_another_service_does_not_hide_what_more_is_possible(key: str) -> None:
    allows = document(Action="iam:PutRolePolicy", Resource="*", Condition={"StringEquals": {key: "x"}})
    (more,) = asked(role(allows)).more
    assert more.actions == ("iam:PutRolePolicy",)


def test_an_unknown_key_of_a_service_is_not_absent() -> None:
    allows = document(Action="ecr:BatchGetImage", Resource="*", Condition={"StringEquals": {"ec2:Something": "x"}})
    found = asked(role(allows))
    assert not found.ways
    assert found.perhaps
