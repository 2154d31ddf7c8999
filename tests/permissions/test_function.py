"""The rule's function: its role allows exactly its calls, and only Lambda may assume it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.inventory import REMEDIATED
from ecr_crossaccount.products.rule.parameters import SECURITY_HUB
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.memory import TABLE
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from tests.docs.markdown import ROOT
from tests.events import ACCOUNT, MEMBER, REGION, event, load
from tests.register.conftest import BUCKET, bucket_of_registers
from tests.rule.registry import OPEN, World, earlier_result, row
from tests.rule.relay import Relay
from tests.rule.test_events import NAMES
from tests.stack.test_template import of_type

Json = dict[str, Any]

OF_LAMBDA = {
    "logs:CreateLogStream",  # Lambda writes the function's output to the log,
    "logs:PutLogEvents",  # with the function's role
}
OF_A_REGISTER = {
    "s3:CreateBucket",
    "s3:PutObject",
    "dynamodb:CreateTable",
    "s3:GetObject",  # the policy ReadRegister allows it
}
BY_HAND = {"sts:AssumeRole"}  # only for a rule with `ExecutionRoleName`, which the template's has not: docs/deploy.md


def statements(expanded: Json) -> list[Json]:
    role = expanded["Resources"]["RuleFunctionRole"]["Properties"]
    assert "ManagedPolicyArns" not in role
    (policy,) = role["Policies"]
    return [one.get("Fn::If", [None, one])[1] for one in policy["PolicyDocument"]["Statement"]]


def actions(statement: Json) -> set[str]:
    action = statement["Action"]
    return {action} if isinstance(action, str) else set(action)


def resources(statement: Json) -> Iterator[str]:
    resource = statement["Resource"]
    yield from map(json.dumps, resource if isinstance(resource, list) else [resource])


@pytest.fixture
def everything(called: set[str], world: World, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the calls of everything that the function does."""
    relay = Relay(world, monkeypatch)
    monkeypatch.setenv(REMEDIATED, "true")
    # In moto's backend: moto refuses what only the second scope of registry policies accepts, and has no scope.
    ecr_backends[ACCOUNT][REGION].registry_policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    monkeypatch.setattr(ECRResponse, "get_account_setting", lambda _: '{"value": "V2"}', raising=False)
    world.config.history.update({"team/large": load("history")})
    for name in NAMES:
        if name not in ("scheduled", "unknown-message"):
            world.evaluator.handle(event(name))
    for name in ("recorded", "live", "team/unrecorded"):
        world.create(name, json.dumps({"Statement": conditional()}))
    world.config.inventory = [row("recorded", OPEN)]
    earlier_result(world.config, "gone", "live")
    monkeypatch.setenv(SECURITY_HUB, "true")
    world.evaluator.handle(event("change-unrecorded"))
    monkeypatch.delenv(SECURITY_HUB)
    with_a_register(world, monkeypatch)
    of_the_test = {
        "states:CreateStateMachine",
        "states:ListExecutions",
        "states:DescribeExecution",
        "states:StopExecution",
    }
    called -= {"ecr:CreateRepository", "ecr:SetRepositoryPolicy", *OF_A_REGISTER, *of_the_test}
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig"))
    noted = set(called)
    relay.run_out()
    CrossAccountEvaluator.handle(
        world.evaluator, event("scheduled", ExecutionRoleName="ecr-reader") | {"accountId": MEMBER}
    )
    return noted | called - of_the_test


def with_a_register(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the function read a register that it remembers."""
    client_of.cache_clear()
    bucket_of_registers().put_object(Bucket=BUCKET, Key="trust.json", Body=b'{"version": 1, "trust": []}')
    client_of("dynamodb").create_table(
        TableName="registers",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    monkeypatch.setenv(TABLE, "registers")
    world.evaluator.handle(event("change-policy-text", trustRegister=f"s3://{BUCKET}/trust.json"))
    client_of.cache_clear()


def conditional() -> Json:
    """Return an Allow that depends on the repository's tags."""
    condition = {"StringEquals": {"aws:ResourceTag/shared": "yes"}}
    return {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Condition": condition}


def test_nothing_is_missing_and_nothing_unused(everything: set[str], expanded: Json) -> None:
    allowed = {action for statement in statements(expanded) for action in actions(statement)}
    assert everything - BY_HAND == allowed - OF_LAMBDA
    assert allowed >= OF_LAMBDA
    assert everything >= BY_HAND


def test_the_page_on_reliability_lists_every_call(everything: set[str]) -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert {action for action in everything if f"`{action}`" not in page} == set()


def test_no_action_is_a_pattern(expanded: Json) -> None:
    assert not [action for statement in statements(expanded) for action in actions(statement) if "*" in action]


def test_what_is_allowed_on_everything_is_explained(expanded: Json) -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    for statement in statements(expanded):
        if statement["Resource"] == "*":
            for action in actions(statement):
                assert f"`{action}`" in page


def test_every_other_resource_is_of_this_account_and_region_or_of_this_stack(expanded: Json) -> None:
    for statement in statements(expanded):
        for resource in resources(statement):
            if resource != '"*"':
                ours = "${AWS::Region}:${AWS::AccountId}:" in resource or "Fn::GetAtt" in resource or "Ref" in resource
                assert ours, resource


@pytest.mark.parametrize(
    "sid, action, resource",
    [
        ("SendFindings", "securityhub:BatchImportFindings", ":${AWS::AccountId}:product/${AWS::AccountId}/default"),
        ("ReadFindings", "securityhub:GetFindings", ":${AWS::AccountId}:hub/default"),
    ],
)
def test_findings_are_sent_and_read_only_where_they_are_wanted_and_only_in_the_account(
    expanded: Json, sid: str, action: str, resource: str
) -> None:
    role = expanded["Resources"]["RuleFunctionRole"]["Properties"]
    (policy,) = role["Policies"]
    (chosen,) = [one["Fn::If"] for one in policy["PolicyDocument"]["Statement"] if sid in json.dumps(one)]
    condition, statement, otherwise = chosen
    assert (condition, otherwise) == ("SendsFindings", {"Ref": "AWS::NoValue"})
    assert statement["Action"] == action
    assert statement["Resource"]["Fn::Sub"].endswith(resource)
    assert expanded["Parameters"]["SecurityHub"]["Default"] == "false"


def test_calls_of_config_are_for_the_region_of_the_stack(expanded: Json) -> None:
    of_config = [one for one in statements(expanded) if one["Sid"] in ("ReportAndAsk", "ReadExceptions")]
    assert len(of_config) == 2
    for statement in of_config:
        assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}


def test_the_role_is_for_lambda_alone(expanded: Json) -> None:
    role = expanded["Resources"]["RuleFunctionRole"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def test_the_function_is_invoked_by_config_for_this_account_alone(expanded: Json) -> None:
    permission = of_type(expanded, "AWS::Lambda::Permission")
    assert permission["Principal"] == "config.amazonaws.com"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    variables = of_type(expanded, "AWS::Lambda::Function")["Environment"]["Variables"]
    assert variables["SERVED_ACCOUNTS"] == {"Ref": "AWS::AccountId"}
