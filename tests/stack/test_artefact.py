"""The rule's function from a release, run as in AWS: under Lambda's runtime interface emulator."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import botocore
import pytest
from botocore.regions import EndpointResolver

from tests.events import ACCOUNT, REGION, RULE, event, load, with_policy
from tests.fakes import FakeConfigService
from tests.fakes.moto_server import moto_server
from tests.organization.releases import Release
from tests.rule.relay import MACHINE
from tests.rule.test_continuation import GOOD
from tests.stack.cloudformation import ROOT
from tests.stack.emulator import Function, emulated

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

pytestmark = [pytest.mark.artefact, pytest.mark.slow]

LARGEST_ZIP = 2_150_000
"""The limit in bytes. The code for sound decisions matters more than a round number."""
OPEN = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}})
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def artefact(unpacked: Callable[[str], Path]) -> Path:
    """Return the folder that AWS Lambda gets for the rule's function."""
    return unpacked("rule")


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    with moto_server() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def config() -> Iterator[FakeConfigService]:
    with FakeConfigService(history={"team/large": load("history")}) as service:
        yield service


@contextmanager
def started(artefact: Path, moto: str, config: FakeConfigService, log: Path, **environment: str) -> Iterator[Function]:
    """Run the function like AWS Lambda, with additional variables."""
    endpoints = {"AWS_ENDPOINT_URL": moto, "AWS_ENDPOINT_URL_CONFIG_SERVICE": config.url}
    with emulated(
        artefact,
        "handler.lambda_handler",
        log,
        AWS_REGION=REGION,
        AWS_DEFAULT_REGION=REGION,
        SERVED_ACCOUNTS=ACCOUNT,
        CONTINUATION_STATE_MACHINE=MACHINE,
        **KEYS,
        **endpoints,
        **environment,
    ) as running:
        yield running


@pytest.fixture
def function(artefact: Path, moto: str, config: FakeConfigService, tmp_path: Path) -> Iterator[Function]:
    with started(artefact, moto, config, tmp_path / "log") as running:
        yield running


@pytest.fixture
def registry(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ECRClient]:
    """ECR of the owner account, which is emptied afterwards."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    ecr = boto3.client("ecr", region_name=REGION, endpoint_url=moto)
    yield ecr
    for repository in ecr.describe_repositories()["repositories"]:
        ecr.delete_repository(repositoryName=repository["repositoryName"], force=True)


@pytest.fixture(scope="module", autouse=True)
def owner() -> Iterator[None]:
    """Make moto the owner account of the events."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        yield


def shown(config: FakeConfigService) -> dict[str, str]:
    return {name: result["ComplianceType"] for name, result in config.results.items()}


def test_it_is_small_and_carries_nothing_that_the_rule_does_not_use(artefact: Path, released: Release) -> None:
    assert len(released.archive("rule").content) <= LARGEST_ZIP
    assert sorted(path.name for path in (artefact / "botocore" / "data").iterdir() if path.is_dir()) == [
        "appconfigdata",
        "config",
        "dynamodb",
        "ecr",
        "organizations",
        "s3",
        "securityhub",
        "ssm",
        "stepfunctions",
        "sts",
    ]
    assert not (artefact / "ecr_crossaccount" / "products" / "cli").exists()
    assert sorted(path.stem for path in (artefact / "s3transfer").iterdir()) == ["__init__", "manager"]
    assert not list(artefact.rglob("*.so"))


def test_every_service_is_where_botocore_says_in_every_region(artefact: Path) -> None:
    data = Path(botocore.__file__).parent / "data"
    whole, shortened = (
        EndpointResolver(json.loads((folder / "endpoints.json").read_text()))
        for folder in (data, artefact / "botocore" / "data")
    )
    services = [path.parents[1].name for path in (artefact / "botocore" / "data").glob("*/*/service-2.json")]
    assert len(services) == 10
    for partition in whole.get_available_partitions():
        for region in whole.get_available_endpoints("ecs", partition):
            for service in [*services, "api.ecr"]:
                assert shortened.construct_endpoint(service, region) == whole.construct_endpoint(service, region)


def test_it_needs_nothing_from_outside_itself(artefact: Path, tmp_path: Path) -> None:
    isolated = shutil.copytree(artefact, tmp_path / "task")
    code = f"import sys; sys.path.insert(0, {str(isolated)!r}); import handler, botocore; print(botocore.__file__)"
    # Without site packages (-S) and environment (-E): only the build and the standard library.
    ran = subprocess.run(
        [sys.executable, "-S", "-E", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert ran.stdout.startswith(str(isolated))


def test_a_cold_start_compiles_nothing(artefact: Path, tmp_path: Path) -> None:
    code = f"""import sys, pathlib; sys.path.insert(0, {str(artefact)!r})
import handler, ecr_crossaccount.products.rule.evaluator, ecr_crossaccount.products.rule.rule
import ecr_crossaccount.products.rule.sweep
import ecr_crossaccount.products.rule.continuation, ecr_crossaccount.products.rule.recorder
for module in list(sys.modules.values()):
    file = getattr(module, "__file__", None) or ""
    if file.startswith({str(artefact)!r}):
        cached = file if file.endswith(".pyc") else module.__spec__.cached
        print(module.__name__, pathlib.Path(cached).exists())"""
    ran = subprocess.run(
        [sys.executable, "-S", "-E", "-B", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    found = dict(line.split() for line in ran.stdout.splitlines())
    assert len(found) > 100
    assert [name for name, exists in found.items() if exists != "True"] == []


def test_a_change_is_judged_and_reported(function: Function, config: FakeConfigService) -> None:
    (answer,) = function.invoke(event("change-policy-text"))
    assert answer["ComplianceType"] == "NON_COMPLIANT"
    assert shown(config) == {"demodev": "NON_COMPLIANT"}
    assert config.results["demodev"]["Annotation"].startswith("CRITICAL: any AWS account can ")
    (line,) = [line for line in function.lines() if line["message"] == "repository judged"]
    assert line["requestId"]
    assert line["verdict"]["public"] is True


def test_every_kind_of_event_ends_as_config_should_show_it(
    function: Function, config: FakeConfigService, registry: ECRClient
) -> None:
    registry.create_repository(repositoryName="docker-on-aws/nodejs")
    for name in (
        "change-policy-object",
        "change-own-service",
        "change-no-policy",
        "change-policy-text",
        "change-sparse",
        "change-deleted",
        "change-organization",
        "change-policy-absent",
        "change-left-scope",
        "change-other-type",
        "oversized",
        "change-policy-object",  # a second time
    ):
        answer = function.invoke(event(name))
        assert "errorType" not in answer, name
    assert shown(config) == {
        "team/base": "NON_COMPLIANT",
        "cdk-assets": "COMPLIANT",
        "docker-on-aws/nodejs": "COMPLIANT",
        "demodev": "NOT_APPLICABLE",
        "team/shared": "NON_COMPLIANT",
        "team/unrecorded": "NOT_APPLICABLE",
        "team/large": "NON_COMPLIANT",
    }


def test_a_policy_that_config_did_not_record_is_read_from_ecr(
    function: Function, config: FakeConfigService, registry: ECRClient
) -> None:
    registry.create_repository(repositoryName="team/unrecorded")
    registry.set_repository_policy(repositoryName="team/unrecorded", policyText=OPEN)
    function.invoke(event("change-policy-absent"))
    assert shown(config) == {"team/unrecorded": "NON_COMPLIANT"}


def test_a_schedule_judges_the_registry_and_retires_what_is_gone(
    function: Function, config: FakeConfigService, registry: ECRClient
) -> None:
    function.invoke(event("change-policy-object"))
    for number in range(120):
        registry.create_repository(repositoryName=f"safe/{number}")
    registry.create_repository(repositoryName="open")
    registry.set_repository_policy(repositoryName="open", policyText=OPEN)
    assert function.invoke(event("scheduled")) == {"COMPLIANT": 120, "NON_COMPLIANT": 1, "NOT_APPLICABLE": 1}
    assert shown(config)["open"] == "NON_COMPLIANT"
    assert shown(config)["team/base"] == "NOT_APPLICABLE"


def test_a_part_of_a_sweep_goes_on_with_it(function: Function, config: FakeConfigService, registry: ECRClient) -> None:
    registry.create_repository(repositoryName="open")
    registry.set_repository_policy(repositoryName="open", policyText=OPEN)
    assert function.invoke(GOOD) == {"NON_COMPLIANT": 1}
    assert shown(config) == {"open": "NON_COMPLIANT"}
    assert function.invoke(GOOD | {"poison": 1})["errorType"] == "EventError"


@pytest.mark.parametrize("place", ["s3://registers/trust.json", "ssm:/ecr/trust"])
def test_a_register_is_read_and_remembered_with_what_the_artefact_has(  # noqa: PLR0913, PLR0917 - fixtures
    artefact: Path,
    config: FakeConfigService,
    moto: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    register = json.dumps({"version": 1, "trust": [{"account": "222233334444"}]})
    if place.startswith("s3:"):
        s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=moto)
        s3.create_bucket(Bucket="registers")
        s3.put_object(Bucket="registers", Key="trust.json", Body=register.encode())
    else:
        ssm = boto3.client("ssm", region_name=REGION, endpoint_url=moto)
        ssm.put_parameter(Name="/ecr/trust", Type="String", Value=register)
    allow = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
    change = with_policy(json.dumps({"Statement": allow}))
    parameters = {"ruleParameters": json.dumps({"trustRegister": place, "trustedOrganizations": "none"})}
    dynamodb = boto3.client("dynamodb", region_name=REGION, endpoint_url=moto)
    table = f"registers-{place[:3]}".strip(":")
    dynamodb.create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with started(artefact, moto, config, tmp_path / "log", REGISTER_TABLE=table) as running:
        running.invoke(change | parameters)
        running.invoke(change | parameters)
    assert shown(config) == {"demodev": "COMPLIANT"}
    (row,) = dynamodb.scan(TableName=table)["Items"]
    assert (row["id"]["S"], row["sha256"]["S"]) == (place, hashlib.sha256(register.encode()).hexdigest())


def test_a_shortened_model_has_what_the_roles_allow() -> None:
    code = "import json, slim; print(json.dumps({name: sorted(them) for name, them in slim.OPERATIONS.items()}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT / "rule")
    operations = json.loads(ran.stdout)
    stacks = ("template.yaml", "organization/alerts.yaml", "organization/membership.yaml")
    texts = [(ROOT / path).read_text(encoding="utf-8") for path in stacks]
    for service in ("config", "dynamodb", "ecr-public", "organizations", "securityhub", "sns"):
        # GetFindings and others; AWS names the actions of these services like their operations.
        allowed = {one for text in texts for one in re.findall(rf"- {service}:(\w+)|Action: {service}:(\w+)", text)}
        assert sorted({a or b for a, b in allowed}) == operations[service]


@pytest.mark.parametrize(
    "broken, expected",
    [
        ({"invokingEvent": "{"}, "EventError"),
        ({"invokingEvent": '{"messageType": "Weather"}'}, "EventError"),
        ({"invokingEvent": '{"messageType": "ConfigurationItemChangeNotification"}'}, "EventError"),
        ({"resultToken": None}, "EventError"),
        ({"accountId": "999988887777"}, "AccountNotServedError"),
        ({"position": {}}, "EventError"),
    ],
)
def test_a_broken_event_is_an_error_to_lambda_and_nothing_to_config(
    function: Function, config: FakeConfigService, broken: dict[str, object], expected: str
) -> None:
    assert function.invoke(event("change-no-policy") | broken)["errorType"] == expected
    assert config.evaluations == []


def test_what_it_did_is_counted(function: Function) -> None:
    function.invoke(event("change-policy-text"))
    (line,) = [line for line in function.lines() if "_aws" in line]
    assert (line["RuleName"], line["Judged"], line["NonCompliantCritical"]) == (RULE, 1, 1)


@pytest.mark.parametrize(
    "name, parameter", [("change-policy-text", "trustedAccounts"), ("scheduled", "trustedAcounts")]
)
def test_a_mistake_is_an_error_to_lambda(
    function: Function, config: FakeConfigService, name: str, parameter: str
) -> None:
    answer = function.invoke(event(name, **{parameter: "me"}))
    assert answer["errorType"] == "InvalidParametersError"
    assert f"`{parameter}`" in answer["errorMessage"]
    assert config.calls == []


def test_what_config_refuses_is_an_error_to_lambda(function: Function, config: FakeConfigService) -> None:
    config.fail("PutEvaluations", "AccessDeniedException")
    assert function.invoke(event("change-policy-text"))["errorType"] == "ClientError"
    config.refuse("demodev", times=1)
    assert "errorType" not in function.invoke(event("change-policy-text"))


def test_it_sends_findings_to_security_hub(
    artefact: Path, moto: str, config: FakeConfigService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It uses the part of boto3's model that the build keeps."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    hub = boto3.client("securityhub", region_name=REGION, endpoint_url=moto)
    hub.enable_security_hub()
    with started(artefact, moto, config, tmp_path / "log", SECURITY_HUB="true") as running:
        running.invoke(with_policy(OPEN))
    (finding,) = hub.get_findings()["Findings"]
    assert (finding["AwsAccountId"], finding["Compliance"]) == (ACCOUNT, {"Status": "FAILED"})
