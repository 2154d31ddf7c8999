"""What AWS refuses by its models and its pages, every fake refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.stub import Stubber
from moto import mock_aws

from tests.fakes import FakeConfigService
from tests.fakes.cloudformation import Declared
from tests.fakes.config_rules import FakeConfigRules
from tests.fakes.ecr import as_written
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
            "at least 1",
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
    for status in ("Success", "SUCCESS"):  # the model's, and that of the CLI's example
        assert_answer(operation, {"ConfigurationRecordersStatus": [{"lastStatus": status}]})
    with pytest.raises(AssertionError, match="is none of Pending, Success"):
        assert_answer(operation, {"ConfigurationRecordersStatus": [{"lastStatus": "Fine"}]})


def test_every_documented_limit_is_of_something_that_the_model_has_and_does_not_limit() -> None:
    for service, place in DOCUMENTED:
        operation, *parts = place.replace("[]", ".[]").split(".")
        shape: Any = model(service).operation_model(operation).input_shape
        for part in parts:
            of = {"[]": "member", "*": "value", "key": "key"}.get(part)
            shape = getattr(shape, of) if of else shape.members[part]
        assert shape is not None, place
        assert "max" not in shape.metadata, place


@pytest.fixture
def simulated() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.mark.usefixtures("simulated")
class TestEveryClient:
    """What moto takes although AWS would not."""

    @pytest.mark.parametrize(
        "service, call, request_, problem",
        [
            ("ecr", "create_repository", {"repositoryName": "Team"}, "does not match"),
            ("ecr", "set_repository_policy", {"repositoryName": "app", "policyText": "x" * 10_241}, "at most 10240"),
            ("ecr", "describe_repositories", {"maxResults": 1001}, "at most 1000"),
            ("ssm", "put_parameter", {"Name": "/a", "Value": "v", "Type": "Text"}, "is none of String"),
            ("dynamodb", "get_item", {"TableName": "", "Key": {}}, "at least 1"),
            ("s3", "create_bucket", {"Bucket": "bucket", "ACL": "everybody"}, "is none of private"),
            ("sns", "publish", {"TopicArn": "arn", "Message": "m", "Subject": "s" * 101}, "at most 100"),
        ],
    )
    def test_a_request_beyond_a_limit_is_refused(
        self, service: Literal["ecr", "sns"], call: str, request_: dict[str, object], problem: str
    ) -> None:
        client = boto3.client(service, region_name="eu-central-1")
        with pytest.raises(ClientError, match=f"ValidationException.*{problem}"):
            getattr(client, call)(**request_)

    def test_botocore_still_refuses_names_and_types_itself(self) -> None:
        with pytest.raises(ParamValidationError, match="Unknown parameter"):
            boto3.client("ecr").describe_repositories(limit=5)  # type: ignore[call-arg]

    def test_a_stub_says_what_the_service_can_say(self) -> None:
        client = boto3.client("ecr")
        with Stubber(client) as stub:
            stub.add_response("describe_repositories", {"repositories": [{"repositoryName": "Team"}]})
            with pytest.raises(AssertionError, match="does not match"):
                client.describe_repositories()

    def test_ecr_stores_a_policy_in_its_own_form_and_knows_not_everybody(self) -> None:
        client = boto3.client("ecr")
        client.create_repository(repositoryName="app")
        text = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:*"}]}'
        client.set_repository_policy(repositoryName="app", policyText=text)
        kept = client.get_repository_policy(repositoryName="app")["policyText"]
        assert kept != text
        assert as_written(kept) == json.loads(text)
        with pytest.raises(ClientError, match="Principal not found"):
            client.set_repository_policy(repositoryName="app", policyText=text.replace("222233334444", "0" * 12))


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
