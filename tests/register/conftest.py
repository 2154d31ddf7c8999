from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from ecr_crossaccount.sources.aws.clients import client_of
from moto import mock_aws

from tests.events import REGION
from tests.fakes import FakeAppConfigData

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

BUCKET = "security-registers"


def bucket_of_registers() -> S3Client:
    """Make the bucket of registers, and return a client for it."""
    client: S3Client = client_of("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return client


class Clock:
    """The time of a reader. It changes only when a test changes it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def passes(self, **time: float) -> None:
        self.moment += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def appconfig_server() -> Iterator[FakeAppConfigData]:
    with FakeAppConfigData() as service:
        yield service


@pytest.fixture
def appconfig(appconfig_server: FakeAppConfigData) -> FakeAppConfigData:
    appconfig_server.deployed.clear()
    appconfig_server.refusal = None
    return appconfig_server


@pytest.fixture(autouse=True)
def aws(appconfig_server: FakeAppConfigData, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS without a network. Clients are made once, because making one takes longer than a test."""
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL_APPCONFIGDATA", appconfig_server.url)
    with mock_aws(config={"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1.*"]}}}):
        yield


@pytest.fixture
def s3() -> S3Client:
    return bucket_of_registers()


@pytest.fixture
def ssm() -> SSMClient:
    client: SSMClient = client_of("ssm")
    return client
