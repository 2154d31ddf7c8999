"""The registry policy counts in the result of every repository."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.judgement.annotation import without_trust
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from tests.events import ACCOUNT, REGION, event
from tests.fakes.calls import Proceed, around_calls
from tests.rule.registry import OPEN, World
from tests.wording import sentence

STRANGER = "444455556666"
CHANGE = "change-own-service"
"""A change of a repository whose own policy gives no one outside access."""

Put = Callable[..., None]


@pytest.fixture
def put() -> Put:
    """Set the registry policy in moto's backend, because moto refuses what only scope V2 accepts. None removes it."""

    def put(**statement: object) -> None:
        one = {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "ecr:BatchGetImage", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [{**one, **statement}]}
        ecr_backends[ACCOUNT][REGION].registry_policy = json.dumps(document)

    return put


@pytest.fixture(autouse=True)
def scope(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Set ECR's answer for the scope of registry policies, which moto does not have.

    It is V2, as in every new registry.
    """

    def scope(value: str | None) -> None:
        answer = json.dumps({"name": "REGISTRY_POLICY_SCOPE"} | ({"value": value} if value else {}))
        monkeypatch.setattr(ECRResponse, "get_account_setting", lambda _: answer, raising=False)

    scope("V2")
    return scope


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The calls, with their number. A value under an operation's name is the error that it raises."""
    calls: dict[str, Any] = {"errors": {}}

    def noted(_: object, operation: str, __: object, proceed: Proceed) -> object:
        calls[operation] = calls.get(operation, 0) + 1
        code = calls["errors"].get(operation)
        if code is not None:
            raise ClientError({"Error": {"Code": code, "Message": "as the test asked"}}, operation)
        return proceed()

    around_calls(monkeypatch, noted)
    return calls


def result(world: World, name: str = CHANGE, **parameters: object) -> tuple[str, str]:
    """Return the compliance and the annotation after a change."""
    results: Any = world.evaluator.handle(event(name, trustedOrganizations="none", **parameters))
    (sent,) = results
    return sent["ComplianceType"], without_trust(sent.get("Annotation", ""))


def test_it_opens_a_repository_that_its_own_policy_leaves_shut(world: World, put: Put) -> None:
    assert result(world)[0] == "COMPLIANT"
    put()
    compliance, said = result(world)
    assert compliance == "NON_COMPLIANT"
    assert sentence("reasons.account_can_pull_statement", stranger=STRANGER) in said


def test_its_deny_shuts_what_the_repository_opens(world: World, put: Put) -> None:
    assert result(world, "change-policy-text")[0] == "NON_COMPLIANT"
    put(Effect="Deny", Principal="*", Action="ecr:*")
    assert result(world, "change-policy-text") == ("COMPLIANT", "")


def test_of_the_first_version_it_does_not_count_for_pulls(
    world: World, put: Put, scope: Callable[[str | None], None]
) -> None:
    put()
    scope("V1")
    assert result(world)[0] == "COMPLIANT"


@pytest.mark.parametrize("value", [None, "V3"])
def test_of_a_scope_that_is_not_known_it_is_undecided(
    world: World, put: Put, scope: Callable[[str | None], None], value: str | None
) -> None:
    put()
    scope(value)
    compliance, said = result(world)
    assert compliance == "NON_COMPLIANT"
    assert sentence("beside.undecided_registry_policy_scope") in said


def test_a_scope_that_is_refused_is_not_known(world: World, put: Put, asked: dict[str, Any]) -> None:
    put()
    asked["errors"]["GetAccountSetting"] = "AccessDeniedException"
    assert sentence("beside.undecided_registry_policy_scope") in result(world)[1]
    assert any("ecr:GetAccountSetting was refused" in str(line) for line in world.log())


def test_without_the_permission_nothing_is_green_and_the_annotation_says_what_to_do(
    world: World, asked: dict[str, Any]
) -> None:
    asked["errors"]["GetRegistryPolicy"] = "AccessDeniedException"
    compliance, said = result(world)
    assert compliance == "NON_COMPLIANT"
    assert sentence("beside.access_registry_policy_ecr") in said
    assert sentence("ecr.allow_set_false") in said
    assert result(world, countRegistryPolicy="false")[0] == "COMPLIANT"
    del asked["errors"]["GetRegistryPolicy"]
    assert result(world)[0] == "COMPLIANT", "what was refused is asked for again"


@pytest.mark.parametrize("operation", ["GetRegistryPolicy", "GetAccountSetting"])
def test_a_call_that_fails_otherwise_is_tried_again(
    world: World, put: Put, asked: dict[str, Any], operation: str
) -> None:
    put()
    asked["errors"][operation] = "ServerException"
    with pytest.raises(ClientError, match="ServerException"):
        result(world)
    del asked["errors"][operation]
    assert result(world)[0] == "NON_COMPLIANT"


def test_it_is_left_out_where_the_rule_says_so(world: World, put: Put, asked: dict[str, Any]) -> None:
    put()
    assert result(world, countRegistryPolicy="false")[0] == "COMPLIANT"
    assert "GetRegistryPolicy" not in asked


def test_a_sweep_asks_twice_and_reaches_every_repository(world: World, put: Put, asked: dict[str, Any]) -> None:
    for name in ("one", "two", "three"):
        world.create(name)
    world.sweep(trustedOrganizations="none")
    assert set(world.shown().values()) == {"COMPLIANT"}
    put()
    asked.update(GetRegistryPolicy=0, GetAccountSetting=0)
    world.sweep(trustedOrganizations="none")
    assert set(world.shown().values()) == {"NON_COMPLIANT"}, "a change of it reaches all, though it was kept"
    assert (asked["GetRegistryPolicy"], asked["GetAccountSetting"]) == (1, 1)


def test_a_container_does_not_remember_that_there_was_none(world: World, put: Put, asked: dict[str, Any]) -> None:
    assert result(world)[0] == "COMPLIANT"
    put()
    assert result(world)[0] == "NON_COMPLIANT"
    assert asked["GetRegistryPolicy"] == 2


def test_it_may_ask_for_the_tags_of_a_repository(world: World, put: Put) -> None:
    put(Condition={"StringEquals": {"aws:ResourceTag/shared": "yes"}})
    world.create("shared", None, shared="yes")
    world.create("kept", None, shared="no")
    world.sweep(trustedOrganizations="none")
    assert world.shown() == {"shared": "NON_COMPLIANT", "kept": "COMPLIANT"}


def test_the_organization_is_looked_up_for_it(world: World, put: Put, organization: str) -> None:
    put(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": organization}})
    world.create("bare")
    world.sweep(trustedOrganizations="self")
    assert world.shown() == {"bare": "COMPLIANT"}


def test_both_documents_let_in(world: World, put: Put) -> None:
    put()
    world.create("open", OPEN)
    world.sweep(trustedOrganizations="none")
    (sent,) = world.config.evaluations
    assert sent["Annotation"].startswith("CRITICAL: ")
    assert "2 more grants" in sent["Annotation"]


def test_what_the_parameter_may_be(world: World) -> None:
    with pytest.raises(Exception, match=r"`countRegistryPolicy` is `perhaps`; it must be `true` or `false`"):
        result(world, countRegistryPolicy="perhaps")
