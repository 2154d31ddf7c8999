from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session
from ecr_crossaccount.products.rule import outcome
from ecr_crossaccount.products.rule.continuation import OWN_NAME, STATE_MACHINE
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from ecr_crossaccount.sources.aws import retries

from tests.events import ACCOUNT, REGION, load
from tests.fakes import FakeConfigService, models
from tests.faults.aws import Account
from tests.faults.gateway import HELD, Gateway
from tests.rule.registry import OPEN, OPEN_BY_TAGS, row
from tests.rule.relay import FUNCTION, MACHINE

RECORDED = ("i-first", "i-middle", "i-last")
"""Repositories in Config's inventory. The policies of the others are read from ECR."""
REPOSITORIES = ("a-first", *RECORDED, "m-middle", "team/unrecorded", "z-last")
"""All of them are open. The last but one is the repository of the event `change-unrecorded`."""
EARLIER = {"a-first": "COMPLIANT", "gone": "NON_COMPLIANT", "m-middle": "COMPLIANT"}
"""Config's results before each event. It has none for the other repositories."""


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these services answer what they never would."""
    monkeypatch.setattr(models, "UNCHECKED", {"accessanalyzer", "config", "organizations", "sts"})


@pytest.fixture(scope="session")
def server() -> Iterator[Gateway]:
    with Gateway() as running:
        yield running


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """A session that reads the services' models once. For each client, it reads the endpoint from the environment."""
    return boto3.Session()


@pytest.fixture
def config() -> FakeConfigService:
    """The fake of Config. It does not listen, because the gateway calls it."""
    inventory = [row(name, OPEN) for name in RECORDED]
    service = FakeConfigService(history={"team/large": load("history")}, inventory=inventory, page_size=1)
    service.close()
    service.evaluations += [
        {
            "ComplianceResourceType": "AWS::ECR::Repository",
            "ComplianceResourceId": name,
            "ComplianceType": compliance,
            "OrderingTimestamp": 1_763_000_000.0,
        }
        for name, compliance in EARLIER.items()
    ]
    return service


@pytest.fixture
def account(config: FakeConfigService) -> Account:
    by_tags = dict.fromkeys(("m-middle", "team/unrecorded"), OPEN_BY_TAGS)
    return Account(dict.fromkeys(REPOSITORIES, OPEN) | by_tags, config)


@pytest.fixture
def gateway(server: Gateway, account: Account) -> Iterator[Gateway]:
    server.reset(account.answer)
    yield server
    server.reset(server.aws)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were requested, in seconds. No test really waits."""
    taken: list[float] = []
    monkeypatch.setattr(time, "sleep", taken.append)
    monkeypatch.setattr(retries, "now", lambda: 0.0)
    return taken


@pytest.fixture(autouse=True)
def no_wait_for_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a call without an answer time out at once, and no other call, on a machine of any speed."""
    real = URLLib3Session.send

    def send(self: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        answer = real(self, request)
        if HELD in answer.headers:
            raise ReadTimeoutError(endpoint_url=request.url)
        return answer

    monkeypatch.setattr(URLLib3Session, "send", send)


@pytest.fixture
def container(
    gateway: Gateway, pauses: list[float], session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], CrossAccountEvaluator]:
    """Make a container without knowledge from earlier invocations and without clients."""
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", gateway.url)
    monkeypatch.setenv("SERVED_ACCOUNTS", ACCOUNT)
    monkeypatch.setenv(STATE_MACHINE, MACHINE)
    monkeypatch.setenv(OWN_NAME, FUNCTION)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    monkeypatch.setattr(outcome, "RESULTS_A_CALL", 2)  # so that a sweep has several calls with results
    return lambda: CrossAccountEvaluator(CrossAccountRule(), pause=pauses.append)
