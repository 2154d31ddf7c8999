from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.rule.evaluator import Clients, CrossAccountEvaluator
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from ecr_crossaccount.sources.aws.errors import EventError
from moto.core.exceptions import AccessDeniedError
from moto.sts.models import STSBackend

from tests.events import MEMBER, event
from tests.fakes import FakeConfigService

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


@pytest.fixture
def assumed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the roles that are assumed."""
    roles: list[str] = []
    real = STSBackend.assume_role

    def assume_role(self: STSBackend, **arguments: Any) -> object:  # noqa: ANN401 - passed on
        roles.append(arguments["role_arn"])
        return real(self, **arguments)

    monkeypatch.setattr(STSBackend, "assume_role", assume_role)
    return roles


def of_member(name: str, **parameters: object) -> dict[str, object]:
    """Return an event of the rule in another account, whose role the function must assume."""
    return event(name, **parameters) | {"accountId": MEMBER}


@pytest.mark.parametrize("parameters", [{}, {"AssumeRoleMode": False}, {"AssumeRoleMode": "False"}])
def test_the_function_works_with_its_own_role_unless_one_is_named(
    evaluator: CrossAccountEvaluator, assumed: list[str], parameters: dict[str, object]
) -> None:
    evaluator.handle(event("change-policy-absent", **parameters))
    assert assumed == []


@pytest.mark.parametrize("parameters", [{}, {"AssumeRoleMode": True}, {"AssumeRoleMode": "TRUE"}])
def test_a_named_role_is_assumed_in_the_account_of_the_event_once(
    evaluator: CrossAccountEvaluator, assumed: list[str], parameters: dict[str, object]
) -> None:
    for _ in range(3):
        evaluator.handle(of_member("scheduled", ExecutionRoleName="audit/ecr-reader", **parameters))
    assert assumed == [f"arn:aws:iam::{MEMBER}:role/audit/ecr-reader"]


def test_a_sweep_with_a_role_sees_the_repositories_of_its_account(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, ecr: ECRClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOTO_ACCOUNT_ID")  # moto then distinguishes accounts by their credentials
    ecr.create_repository(repositoryName="mine")
    credentials = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{MEMBER}:role/x", RoleSessionName="setup")
    keys = credentials["Credentials"]
    theirs = boto3.client(
        "ecr",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    theirs.create_repository(repositoryName="theirs")
    evaluator.handle(of_member("scheduled", ExecutionRoleName="ecr-reader"))
    assert list(config.results) == ["theirs"]


def test_the_role_of_config_is_assumed_only_on_request(evaluator: CrossAccountEvaluator, assumed: list[str]) -> None:
    message = event("scheduled", AssumeRoleMode="true")
    evaluator.handle(message)
    assert assumed == [message["executionRoleArn"]]


def test_no_role_to_assume_is_said(evaluator: CrossAccountEvaluator) -> None:
    message = event("scheduled", AssumeRoleMode="true")
    del message["executionRoleArn"]
    with pytest.raises(EventError, match="there is no role to assume"):
        evaluator.handle(message)


def test_no_role_is_assumed_with_assume_role_mode_false_although_one_is_named(
    evaluator: CrossAccountEvaluator, assumed: list[str]
) -> None:
    evaluator.handle(event("scheduled", ExecutionRoleName="ecr-reader", AssumeRoleMode="false"))
    assert assumed == []


def test_a_role_that_may_not_be_assumed_fails_the_invocation(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AccessDeniedError("arn:aws:iam::111122223333:role/function", "sts:AssumeRole")

    monkeypatch.setattr(STSBackend, "assume_role", refuse)
    with pytest.raises(ClientError, match="AssumeRole"):
        evaluator.handle(event("change-policy-text", ExecutionRoleName="ecr-reader"))
    assert config.evaluations == []


def test_the_region_that_is_named_is_called(evaluator: CrossAccountEvaluator, config: FakeConfigService) -> None:
    boto3.client("ecr", region_name="us-east-1").create_repository(repositoryName="virginia")
    evaluator.handle(event("scheduled", ExecutionRoleRegion="us-east-1"))
    assert list(config.results) == ["virginia"]


def test_clients_are_made_once() -> None:
    clients = Clients(None, None)
    assert clients.build_client("ecr") is clients.build_client("ecr")
    assert clients.build_client("ecr") is not clients.build_client("ecr", region="us-east-1")


@pytest.mark.parametrize(
    "region, endpoint",
    [
        ("eu-central-1", "https://sts.eu-central-1.amazonaws.com"),
        ("cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_roles_are_assumed_in_the_partition_of_the_region(
    monkeypatch: pytest.MonkeyPatch, region: str, endpoint: str
) -> None:
    made: list[str] = []
    real = boto3.client

    def client(service: str, **arguments: Any) -> object:  # noqa: ANN401 - passed on
        it: Any = real(service, **arguments)  # type: ignore[call-overload]  # a name, not a literal
        made.append(it.meta.endpoint_url)
        return it

    monkeypatch.setattr(boto3, "client", client)
    Clients("arn:aws:iam::444455556666:role/x", region).build_client("ecr")
    assert made == [endpoint]


def test_the_rule_can_be_asked_as_rdklib_asks_it() -> None:
    rule = CrossAccountRule()
    assert rule.get_execution_role_arn({"ruleParameters": json.dumps({"x": "y"})}) is None
    assert rule.get_assume_role_region({}) is None
    assert rule.get_assume_role_mode({}) is False
    named = event("scheduled", ExecutionRoleName="ecr-reader")
    assert rule.get_execution_role_arn(named) == "arn:aws:iam::111122223333:role/ecr-reader"
    assert rule.delete_old_evaluations_on_scheduled_notification is False
