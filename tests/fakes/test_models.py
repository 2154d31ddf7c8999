"""What AWS refuses by its models and its pages, every fake refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.fakes import FakeConfigService
from tests.fakes.cloudformation import Declared
from tests.fakes.config_rules import FakeConfigRules
from tests.fakes.models import DOCUMENTED, assert_answer, model, problems_of_request

KEY = {"resourceType": "AWS::ECR::Repository", "resourceId": "app"}
EVALUATION = {
    "ComplianceResourceType": "AWS::ECR::Repository",
    "ComplianceResourceId": "app",
    "ComplianceType": "COMPLIANT",
    "OrderingTimestamp": 0,
}

FINDING: dict[str, Any] = {
    "SchemaVersion": "2018-10-08",
    "Id": "id",
    "ProductArn": "arn",
    "GeneratorId": "rule",
    "AwsAccountId": "111122223333",
    "CreatedAt": "2026-12-01T00:00:00Z",
    "UpdatedAt": "2026-12-01T00:00:00Z",
    "Title": "title",
    "Description": "text",
    "Resources": [{"Type": "AwsEcrRepository", "Id": "arn"}],
}


@pytest.mark.parametrize(
    "service, operation, request_, problem",
    [
        ("config", "StartRemediationExecution", {"ConfigRuleName": "r", "ResourceKeys": [KEY] * 500}, "at most 100"),
        ("config", "GetComplianceDetailsByConfigRule", {"ConfigRuleName": "r" * 65}, "at most 64"),
        ("config", "DescribeRemediationExceptions", {"ConfigRuleName": "r" * 500}, "at most 128"),
        ("config", "SelectResourceConfig", {"Expression": "S" * 4097}, "at most 4096"),
        ("config", "SelectResourceConfig", {"Expression": "S", "Limit": 101}, "at most 100"),
        ("config", "PutEvaluations", {"ResultToken": "t", "Evaluations": [EVALUATION] * 101}, "at most 100"),
        (
            "config",
            "PutEvaluations",
            {"ResultToken": "t", "Evaluations": [EVALUATION | {"Annotation": ""}]},
            "min length: 1",
        ),
        ("config", "PutEvaluations", {"Evaluations": []}, "Missing required parameter"),
        ("ecr", "SetRepositoryPolicy", {"repositoryName": "app", "policyText": "x" * 10_241}, "at most 10240"),
        ("ecr", "SetRepositoryPolicy", {"repositoryName": "APP", "policyText": "x"}, "does not match"),
        ("ssm", "StartAutomationExecution", {"DocumentName": "a b"}, "does not match"),
        ("stepfunctions", "StartExecution", {"stateMachineArn": "arn", "name": "n" * 81}, "at most 80"),
        ("sns", "Publish", {"TopicArn": "arn", "Message": "m", "Subject": "s" * 101}, "at most 100"),
        ("organizations", "ListParents", {"ChildId": "me"}, "does not match"),
    ],
)
def test_a_request_beyond_a_limit_is_refused(
    service: str, operation: str, request_: dict[str, object], problem: str
) -> None:
    (found,) = problems_of_request(service, operation, request_)
    assert problem in found


def test_a_finding_with_a_severity_that_security_hub_does_not_know_is_refused() -> None:
    finding = {"FindingProviderFields": {"Severity": {"Label": "TERRIBLE"}}}
    found = problems_of_request("securityhub", "BatchImportFindings", {"Findings": [FINDING | finding]})
    assert any("`TERRIBLE` is none of" in one for one in found)
    assert problems_of_request("securityhub", "BatchImportFindings", {"Findings": [FINDING]}) == []


def test_an_answer_that_a_service_cannot_give_is_the_fakes_mistake() -> None:
    operation = model("config").operation_model("DescribeConfigurationRecorderStatus")
    assert_answer(operation, {"ConfigurationRecordersStatus": [{"lastStatus": "Success"}]})
    with pytest.raises(AssertionError, match="is none of Pending, Success"):
        assert_answer(operation, {"ConfigurationRecordersStatus": [{"lastStatus": "SUCCESS"}]})


def test_every_documented_limit_is_of_something_that_the_model_has_and_does_not_limit() -> None:
    for service, place in DOCUMENTED:
        operation, *parts = place.replace("[]", ".[]").split(".")
        shape: Any = model(service).operation_model(operation).input_shape
        for part in parts:
            shape = {"[]": getattr(shape, "member", None), "*": getattr(shape, "value", None)}.get(
                part
            ) or shape.members[part]
        assert shape is not None, place
        assert "max" not in shape.metadata, place


@pytest.mark.parametrize("make", [FakeConfigService, lambda: FakeConfigRules(Declared())])
def test_the_fakes_of_config_refuse_what_it_refuses(make: Callable[[], FakeConfigService]) -> None:
    keys: Any = [KEY] * 500
    with make() as fake:
        client = boto3.client(
            "config",
            endpoint_url=fake.url,
            region_name="eu-central-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        with pytest.raises(ClientError, match=r"ValidationException.*at most 64"):
            client.get_compliance_details_by_config_rule(ConfigRuleName="r" * 65)
        with pytest.raises(ClientError, match=r"UnknownOperationException|ValidationException.*at most 100"):
            client.start_remediation_execution(ConfigRuleName="r", ResourceKeys=keys)
