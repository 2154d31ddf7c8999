from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from moto import mock_aws
from moto.ecr.models import ECRBackend

from tests.events import ACCOUNT, MEMBER, REGION
from tests.fakes import FakeConfigService
from tests.pauses import skip_pauses
from tests.register.conftest import Clock, bucket_of_registers
from tests.rule.registry import World

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def config() -> Iterator[FakeConfigService]:
    with FakeConfigService() as service:
        yield service


@pytest.fixture(autouse=True)
def aws(config: FakeConfigService, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS without a network. The owner account is in no organization and has no repository."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_CONFIG_SERVICE": config.url,
        "MOTO_ACCOUNT_ID": ACCOUNT,
        "SERVED_ACCOUNTS": f"{ACCOUNT}, {MEMBER}",
    }.items():
        monkeypatch.setenv(name, value)
    skip_pauses(monkeypatch)
    with mock_aws():
        yield


@pytest.fixture
def ecr() -> ECRClient:
    return boto3.client("ecr")


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that the evaluator under test took, in seconds."""
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def evaluator(clock: Clock, pauses: list[float]) -> CrossAccountEvaluator:
    """A new container, without knowledge from earlier invocations."""
    rule = CrossAccountRule(clock)
    return CrossAccountEvaluator(rule, pause=pauses.append)


@pytest.fixture
def s3() -> S3Client:
    """S3, with a bucket for registers."""
    return bucket_of_registers()


@pytest.fixture
def organization() -> str:
    """Put the owner account into an organization, and return its id."""
    answer: Any = boto3.client("organizations").create_organization(FeatureSet="ALL")
    return str(answer["Organization"]["Id"])


@pytest.fixture
def create(ecr: ECRClient) -> Callable[..., None]:
    """Create a repository, with a policy and tags if they are given."""

    def create(name: str, policy: str | None = None, **tags: str) -> None:
        ecr.create_repository(repositoryName=name, tags=[{"Key": key, "Value": tags[key]} for key in tags])
        if policy is not None:
            ecr.set_repository_policy(repositoryName=name, policyText=policy)

    return create


@pytest.fixture
def world(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    create: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> World:
    names: list[str] = []
    real = ECRBackend.get_repository_policy

    def get_repository_policy(self: ECRBackend, registry_id: str, repository_name: str) -> object:
        names.append(repository_name)
        return real(self, registry_id, repository_name)

    monkeypatch.setattr(ECRBackend, "get_repository_policy", get_repository_policy)
    return World(evaluator, config, create, names, lambda: capsys.readouterr().out)
