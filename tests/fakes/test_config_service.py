from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.fakes import RESULT_TOKEN, FakeConfigService

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

TIME = "2026-11-20T09:15:42.318Z"


@pytest.fixture
def fake() -> Iterator[FakeConfigService]:
    with FakeConfigService(inventory=[{"resourceId": str(number)} for number in range(250)]) as service:
        yield service


@pytest.fixture
def client(fake: FakeConfigService) -> ConfigServiceClient:
    once = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return boto3.client(
        "config",
        region_name="eu-central-1",
        endpoint_url=fake.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=once,
    )


def evaluation(**fields: Any) -> Any:  # noqa: ANN401 - passed to boto3 unchanged
    return {
        "ComplianceResourceType": "AWS::ECR::Repository",
        "ComplianceResourceId": "demo",
        "ComplianceType": "COMPLIANT",
        "OrderingTimestamp": TIME,
    } | fields


def test_it_listens_on_this_machine_only(fake: FakeConfigService) -> None:
    assert fake.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    "evaluations",
    [
        [evaluation()] * 101,
        [evaluation(Annotation="")],
        [evaluation(Annotation="x" * 257)],
        [evaluation(Annotation="\U0001f600" * 129)],
        [evaluation(ComplianceResourceId="x" * 769)],
        [evaluation(ComplianceType="INSUFFICIENT_DATA")],
        [evaluation(ComplianceResourceId="")],
    ],
)
def test_what_config_does_not_accept_is_refused_whole(
    client: ConfigServiceClient, fake: FakeConfigService, evaluations: list[Any]
) -> None:
    with pytest.raises(ClientError, match=r"ValidationException|InvalidParameterValueException"):
        client.put_evaluations(Evaluations=evaluations, ResultToken=RESULT_TOKEN)
    assert fake.evaluations == []


@pytest.mark.parametrize("token", ["", "another"])
def test_a_wrong_token_is_refused(client: ConfigServiceClient, token: str) -> None:
    with pytest.raises(ClientError, match="InvalidResultTokenException"):
        client.put_evaluations(Evaluations=[evaluation()], ResultToken=token)


def test_one_token_serves_all_batches(client: ConfigServiceClient, fake: FakeConfigService) -> None:
    for name in ("a", "b"):
        client.put_evaluations(Evaluations=[evaluation(ComplianceResourceId=name)], ResultToken=RESULT_TOKEN)
    assert sorted(fake.results) == ["a", "b"]


def test_an_older_result_does_not_replace_a_newer_one(client: ConfigServiceClient, fake: FakeConfigService) -> None:
    newer, older = evaluation(), evaluation(ComplianceType="NON_COMPLIANT", OrderingTimestamp="2026-11-19T00:00:00Z")
    client.put_evaluations(Evaluations=[newer, older], ResultToken=RESULT_TOKEN)
    assert fake.results["demo"]["ComplianceType"] == "COMPLIANT"


def test_failures_are_answered_as_often_as_asked(client: ConfigServiceClient, fake: FakeConfigService) -> None:
    fake.fail("PutEvaluations", "ThrottlingException")
    fake.refuse("demo")
    with pytest.raises(ClientError, match="ThrottlingException"):
        client.put_evaluations(Evaluations=[evaluation()], ResultToken=RESULT_TOKEN)
    answers = [client.put_evaluations(Evaluations=[evaluation()], ResultToken=RESULT_TOKEN) for _ in range(2)]
    assert [len(answer["FailedEvaluations"]) for answer in answers] == [1, 0]


def test_the_inventory_comes_a_hundred_rows_a_page(client: ConfigServiceClient) -> None:
    pages = client.get_paginator("select_resource_config").paginate(Expression="SELECT resourceId")
    assert [len(page["Results"]) for page in pages] == [100, 100, 50]


@pytest.mark.parametrize("expression", ["", "x" * 4097])
def test_an_expression_has_its_limits(client: ConfigServiceClient, expression: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        client.select_resource_config(Expression=expression)


@pytest.mark.parametrize(
    "expression",
    [
        "resourceId",
        "SELECT policy",
        "SELECT configuration.repositoryPolicyText WHERE resourceType = 'AWS::ECR::Repository'",
        "SELECT resourceId WHERE resourceType = 'AWS::ECR::Repositories'",
        "SELECT resourceId WHERE configuration = 'x'",
    ],
)
def test_an_expression_that_config_does_not_know_is_refused(client: ConfigServiceClient, expression: str) -> None:
    with pytest.raises(ClientError, match="InvalidExpressionException"):
        client.select_resource_config(Expression=expression)


def test_a_page_larger_than_config_allows_is_refused(client: ConfigServiceClient) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        client.select_resource_config(Expression="SELECT resourceId", Limit=101)


def test_what_it_does_not_know_it_does_not_answer(client: ConfigServiceClient) -> None:
    with pytest.raises(ClientError, match="UnknownOperationException"):
        client.describe_config_rules()
