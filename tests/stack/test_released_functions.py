"""Every function of a release as AWS Lambda gets it: the archive in a template, its handler, its variables.

The other tests of artefacts show what each function does. These start the output of `make release`. This includes the
central rule, whose function is the rule's with a different template.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.events import ACCOUNT, REGION, cloudtrail, hook, with_policy
from tests.fakes import FakeConfigService
from tests.fakes.moto_server import moto_server
from tests.organization.releases import Release
from tests.rule.registry import OPEN
from tests.stack.cloudformation import Stack
from tests.stack.emulator import Function, emulated

pytestmark = [pytest.mark.artefact, pytest.mark.slow]

Json = dict[str, Any]

CENTRAL = "123456789012"
EMULATED = "012345678912"
"""The account of the function in the emulator."""
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    with moto_server() as port:
        yield f"http://127.0.0.1:{port}"


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack of the release. `endpoints` are those of the services that its functions call."""

    released: Release
    stack: Stack
    folder: Path
    endpoints: dict[str, str]

    @contextmanager
    def started(self, name: str) -> Iterator[Function]:
        """Run one of its functions, with the code from the bucket."""
        properties = self.stack.properties(name)
        code, task = self.released.files[properties["Code"]["S3Key"]].content, self.folder / name
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(task)
        own = {key: str(value) for key, value in properties["Environment"]["Variables"].items()}
        around = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, **KEYS, **self.endpoints}
        log = self.folder / f"{name}.log"
        with emulated(task, properties["Handler"], log, **own | around) as running:
            yield running


@pytest.fixture
def config() -> Iterator[FakeConfigService]:
    with FakeConfigService() as service:
        yield service


@pytest.fixture
def around(moto: str, config: FakeConfigService) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL": moto, "AWS_ENDPOINT_URL_CONFIG_SERVICE": config.url}


def shown(config: FakeConfigService) -> dict[str, str]:
    return {name: result["ComplianceType"] for name, result in config.results.items()}


def functions_of(template: Json) -> set[str]:
    return {name for name, one in template["Resources"].items() if one["Type"] == "AWS::Lambda::Function"}


LIBRARIES = {
    "rule": {"boto3", "botocore", "jmespath", "python-dateutil", "rdklib", "s3transfer", "six", "urllib3"},
    "plan": set(),
    "hook": {"pyyaml"},
    "alerts": {"botocore", "jmespath", "python-dateutil", "six", "urllib3"},
    "membership": {"botocore", "jmespath", "python-dateutil", "six", "urllib3"},
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_an_archive_has_the_libraries_of_its_bill_and_the_text_of_every_licence(released: Release, name: str) -> None:
    archived = released.archive(name)
    bill = json.loads(released.files[f"sbom/ecr-crossaccount-{name}.cdx.json"].content)
    assert bill["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": archived.sha256}]
    assert {one["name"] for one in bill.get("components", [])} == LIBRARIES[name]
    with zipfile.ZipFile(io.BytesIO(archived.content)) as archive:
        assert b"Apache License" in archive.read("LICENSE")
        with_texts = {
            path.split("-")[0].replace("_", "-")
            for path in archive.namelist()
            if ".dist-info/" in path and "licen" in path.rpartition(".dist-info")[2].lower() and archive.read(path)
        }
    assert with_texts == LIBRARIES[name]


def test_every_function_of_a_release_is_started_here(released: Release) -> None:
    found = {key.split("-")[0].removesuffix(".json"): functions_of(one) for key, one in released.templates().items()}
    assert {key: names for key, names in found.items() if names} == {
        "templates/account": {"RuleFunction", "PlanFunction"},
        "templates/hook": {"HookFunction"},
        "templates/alerts": {"AlertFunction"},
        "templates/membership": {"MembershipFunction"},
        "central": {"RuleFunction", "PlanFunction"},
    }


def central(released: Release, around: dict[str, str], member: str) -> Stack:
    """Return the stack of an organization with one member, whose list of accounts is in Parameter Store."""
    organized = {"OrganizationId": "o-a1b2c3d4e5", "MemberAccounts": member, "AWS::AccountId": CENTRAL}
    names = {"ServedAccounts": "/ecr-crossaccount-served-accounts"}
    stack = Stack(released.template("central"), names, CodeBuckets="code", **organized)
    served = stack.properties("ServedAccounts")
    store = boto3.client(
        "ssm",
        region_name=REGION,
        endpoint_url=around["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    store.put_parameter(**{name: served[name] for name in ("Name", "Type", "Value")}, Overwrite=True)
    return stack


@pytest.mark.parametrize("name", ["account", "central"])
def test_the_rule_judges_a_change(
    released: Release, config: FakeConfigService, around: dict[str, str], tmp_path: Path, name: str
) -> None:
    if name == "central":
        stack = central(released, around, ACCOUNT)
    else:
        stack = Stack(released.of_buckets(name), CodeBuckets="code")
    with Deployed(released, stack, tmp_path, around).started("RuleFunction") as function:
        answer = function.invoke(with_policy(OPEN))
    assert "errorType" not in (answer or {}), answer
    assert shown(config) == {"demodev": "NON_COMPLIANT"}


def test_the_central_rule_refuses_an_account_that_it_does_not_serve(
    released: Release, config: FakeConfigService, around: dict[str, str], tmp_path: Path
) -> None:
    stack = central(released, around, "999988887777")
    with Deployed(released, stack, tmp_path, around).started("RuleFunction") as function:
        assert function.invoke(with_policy(OPEN))["errorType"] == "AccountNotServedError"
    assert shown(config) == {}


@pytest.mark.parametrize("name", ["account", "central"])
def test_the_planning_function_plans(released: Release, around: dict[str, str], tmp_path: Path, name: str) -> None:
    template = released.template(name) if name == "central" else released.of_buckets(name)
    about = {
        "Task": "plan",
        "Strategy": "narrow",
        "Policy": OPEN,
        "Arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/demodev",
        "Tags": "[]",
        "Organization": "none",
        "MinimumSeverity": "LOW",
    }
    with Deployed(released, Stack(template, CodeBuckets="code"), tmp_path, around).started("PlanFunction") as function:
        answer = function.invoke(about)
    assert json.loads(answer["Record"])["plan"]["action"] == "set"


def test_the_hook_answers(released: Release, around: dict[str, str], tmp_path: Path) -> None:
    stack = Stack(released.of_buckets("hook"), CodeBuckets="code")
    with Deployed(released, stack, tmp_path, around).started("HookFunction") as function:
        assert function.invoke(hook.load("repository-create"))["errorCode"] == "NonCompliant"
        assert function.invoke(hook.load("repository-create-own"))["hookStatus"] == "SUCCESS"


def test_an_alarm_is_sent(
    released: Release, moto: str, around: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", cloudtrail.OWNER)
    keys = boto3.Session("testing", "testing", region_name=REGION)
    topic = keys.client("sns", endpoint_url=moto).create_topic(Name="alarms")["TopicArn"]
    keys.client("dynamodb", endpoint_url=moto).create_table(
        TableName="memory",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    chosen = {"CodeBuckets": "code", "Topic": topic, "AWS::AccountId": cloudtrail.OWNER}
    template = released.of_buckets("alerts")
    (memory,) = [name for name, one in template["Resources"].items() if one["Type"] == "AWS::DynamoDB::Table"]
    stack = Stack(template, {memory: "memory"}, **chosen)
    with Deployed(released, stack, tmp_path, around).started("AlertFunction") as function:
        assert function.invoke(cloudtrail.delivered("set-policy-public")) == {"sent": 1}


def test_the_members_are_listed(
    released: Release, moto: str, around: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", EMULATED)
    keys = boto3.Session("testing", "testing", region_name="us-east-1")
    s3 = keys.client("s3", endpoint_url=moto)
    s3.create_bucket(Bucket="registers")
    keys.client("organizations", endpoint_url=moto).create_organization(FeatureSet="ALL")
    stack = Stack(released.of_buckets("membership"), CodeBuckets="code", TrustMembers="s3://registers/members.json")
    with Deployed(released, stack, tmp_path, around).started("MembershipFunction") as function:
        assert function.invoke({}) is None
    written = json.loads(gzip.decompress(s3.get_object(Bucket="registers", Key="members.json")["Body"].read()))
    assert len(written["accounts"]) == 1
