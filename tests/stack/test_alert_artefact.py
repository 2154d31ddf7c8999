"""The alarms' function from a release, run as in AWS: under Lambda's runtime, with moto for AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.events.cloudtrail import OWNER, delivered, with_policy
from tests.fakes.moto_server import moto_server
from tests.organization.releases import Release
from tests.stack.emulator import Function, emulated
from tests.wording import sentence

pytestmark = [pytest.mark.artefact, pytest.mark.slow]

REGION = "eu-central-1"
LARGEST_ZIP = 2_250_000
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture(scope="module")
def artefact(unpacked: Callable[[str], Path]) -> Path:
    """Return the folder that AWS Lambda gets for the alarms' function."""
    return unpacked("alerts")


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment, moto_server() as port:
        environment.setenv("MOTO_ACCOUNT_ID", OWNER)
        yield f"http://127.0.0.1:{port}"


def client(service: str, moto: str) -> Any:  # noqa: ANN401 - a service's client
    keys = boto3.Session("testing", "testing", region_name=REGION)
    return keys.client(service, endpoint_url=moto)  # type: ignore[call-overload]  # the stubs require a literal


@pytest.fixture(scope="module")
def queue(moto: str) -> tuple[str, str]:
    """A topic with a subscribed queue: the topic's ARN and the queue's URL."""
    sns, sqs = client("sns", moto), client("sqs", moto)
    topic, url = sns.create_topic(Name="alarms")["TopicArn"], sqs.create_queue(QueueName="alarms")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{OWNER}:alarms"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    return topic, url


@pytest.fixture(scope="module")
def function(
    artefact: Path, moto: str, queue: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Function]:
    client("dynamodb", moto).create_table(
        TableName="memory",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    variables = {
        "AWS_ENDPOINT_URL": moto,
        "AWS_REGION": REGION,
        "SERVED_ACCOUNTS": OWNER,
        "TOPIC_ARN": queue[0],
        "TABLE_NAME": "memory",
        "WRITES": "Untrusted",
        "WRITE_WINDOW_MINUTES": "60",
        "TRUST_REGISTER_KEEP_HOURS": "24",
        "RULE_PARAMETERS": json.dumps({"trustedOrganizations": "none"}),
    }
    with emulated(
        artefact, "alerts.lambda_handler", tmp_path_factory.mktemp("log") / "log", **KEYS, **variables
    ) as running:
        yield running


def heard(moto: str, queue: tuple[str, str]) -> list[dict[str, Any]]:
    """Return the messages in the queue, and leave it empty."""
    sqs, found = client("sqs", moto), []
    while messages := sqs.receive_message(QueueUrl=queue[1], MaxNumberOfMessages=10).get("Messages", []):
        for one in messages:
            found.append(json.loads(one["Body"]))
            sqs.delete_message(QueueUrl=queue[1], ReceiptHandle=one["ReceiptHandle"])
    return found


def test_it_is_small_and_needs_nothing_from_outside_itself(artefact: Path, released: Release, tmp_path: Path) -> None:
    assert len(released.archive("alerts").content) <= LARGEST_ZIP
    parts = {path.name for path in (artefact / "ecr_crossaccount").rglob("*")}
    assert not parts & {"cli", "formats", "audit", "automation", "guardrails"}
    code = f"import sys; sys.path.insert(0, {str(artefact)!r}); import alerts, botocore; print(botocore.__file__)"
    ran = subprocess.run(
        [sys.executable, "-S", "-E", "-B", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert ran.stdout.startswith(str(artefact))


def test_what_opens_reaches_the_topic_once(function: Function, moto: str, queue: tuple[str, str]) -> None:
    assert function.invoke(delivered("set-policy-public")) == {"sent": 1}
    again = function.invoke(delivered("set-policy-public"))
    assert again == {"passedOver": sentence("function.already_reported_reported")}
    (message,) = heard(moto, queue)
    assert (message["severity"], message["repository"], message["call"]) == ("HIGH", "team/base", "SetRepositoryPolicy")
    assert message["findings"][0]["witness"]["action"] == "ecr:BatchGetImage"


def test_writes_and_what_changed_for_the_better(function: Function, moto: str, queue: tuple[str, str]) -> None:
    assert function.invoke(delivered("put-image-from-outside")) == {"sent": 1}
    safe = with_policy("set-policy-own", {"Statement": []}, eventTime="2026-11-27T10:00:00Z", eventID="safe")
    assert function.invoke(safe) == {"sent": 0}
    assert [one["call"] for one in heard(moto, queue)] == ["PutImage"]


def test_a_policy_that_the_record_lacks_is_read(function: Function, moto: str, queue: tuple[str, str]) -> None:
    ecr = client("ecr", moto)
    ecr.create_repository(repositoryName="team/base")
    statement = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:*"}
    ecr.set_repository_policy(repositoryName="team/base", policyText=json.dumps({"Statement": [statement]}))
    assert function.invoke(delivered("set-policy-omitted", eventTime="2026-11-27T11:00:00Z")) == {"sent": 1}
    (message,) = heard(moto, queue)
    assert message["severity"] == "CRITICAL"


def test_an_event_that_is_none_is_an_error_that_lambda_sees(function: Function) -> None:
    assert function.invoke({})["errorType"] == "EventError"
    assert function.invoke(delivered("set-policy-callers-copy"))["errorType"] == "AccountNotServedError"
    assert function.lines()[-1]["level"] == "ERROR"
