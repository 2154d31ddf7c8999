"""A client gets the same answer by the short way and over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.events import ACCOUNT, REGION
from tests.fakes import FakeConfigService, FakeFunctions, at_hand
from tests.fakes.moto_server import empty, moto_server
from tests.fakes.overlay import Overlay
from tests.pauses import skip_pauses

Ask = Callable[[Callable[[str], Any]], object]


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    skip_pauses(monkeypatch)
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    with (
        moto_server() as port,
        FakeConfigService() as config,
        FakeFunctions() as functions,
        Overlay(port, {}) as overlay,
    ):
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://localhost:{port}")
        monkeypatch.setenv("AWS_ENDPOINT_URL_CONFIG_SERVICE", config.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", functions.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_ECR", overlay.url)
        yield {"moto": str(port)}


def _config(client: Callable[[str], Any]) -> object:
    return client("config").describe_configuration_recorders()


def _refused_by_a_fake(client: Callable[[str], Any]) -> object:
    return client("lambda").invoke(FunctionName="none", Payload=b"{}")


def _repositories(client: Callable[[str], Any]) -> object:
    client("ecr").create_repository(repositoryName="team/app")
    return [one["repositoryName"] for one in client("ecr").describe_repositories()["repositories"]]


def _objects(client: Callable[[str], Any]) -> object:
    s3, key = client("s3"), "a key/with ü, %2F & +.json"
    s3.create_bucket(Bucket="b", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="b", Key=key, Body=b"\x00\xff" * 70_000, Metadata={"a_b": "c"})
    found, head = s3.get_object(Bucket="b", Key=key), s3.head_object(Bucket="b", Key=key)
    listed = s3.list_objects_v2(Bucket="b", Prefix="a key/")["Contents"]
    return found["Body"].read(), found["Metadata"], head["ContentLength"], [one["Key"] for one in listed]


def _refused_by_moto(client: Callable[[str], Any]) -> object:
    return client("s3").get_object(Bucket="none", Key="none")


def _unknown_to_moto(client: Callable[[str], Any]) -> object:
    return client("accessanalyzer").list_analyzers()


def told(ask: Ask, client: Callable[[str], Any]) -> object:
    try:
        answer = ask(client)
    except ClientError as error:
        answer = (type(error), error.response["Error"])
    return answer if not isinstance(answer, dict) else answer | {"ResponseMetadata": None}


ASKED = [_config, _refused_by_a_fake, _repositories, _objects, _refused_by_moto, _unknown_to_moto]


@pytest.mark.parametrize("ask", ASKED)
def test_the_answer_is_the_same(services: dict[str, str], ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    session = boto3.Session()
    client: Callable[[str], Any] = session.client  # type: ignore[assignment] # of any service
    short = told(ask, client)
    empty(int(services["moto"]))
    monkeypatch.setattr(at_hand, "server_at", lambda _: None)
    assert told(ask, client) == short


def test_a_server_that_has_ended_is_not_found() -> None:
    with FakeConfigService() as config:
        port = int(config.url.rpartition(":")[2])
        assert at_hand.server_at(port)
    assert at_hand.server_at(port) is None
