from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from acceptance.__main__ import main
from acceptance.clock import Clock
from acceptance.deployment import Deployment
from tests.acceptance.cloud import ACCOUNT, RECORDER_ROLE, REGION, Cloud
from tests.acceptance.permissions import action, allowed
from tests.acceptance.previews import opinion
from tests.fakes import FakeAccessAnalyzer, FakeCloudTrail, FakeFunctions
from tests.fakes.calls import Proceed, around_calls
from tests.fakes.cloudformation import declare, update_as_cloudformation_does
from tests.fakes.config_rules import FakeConfigRules
from tests.fakes.moto_server import empty, moto_server
from tests.fakes.overlay import Overlay, Own
from tests.fakes.systems_manager import FakeAutomations
from tests.pauses import pass_pauses_by
from tests.remediation.interpreter import World

Json = dict[str, Any]


@pytest.fixture(scope="module")
def moto() -> Iterator[int]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    update_as_cloudformation_does()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        with moto_server() as port:
            yield port


@pytest.fixture
def cloud(moto: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """An account with a recorder of AWS Config and nothing else."""
    empty(moto)
    declared = declare()
    world = World(account=ACCOUNT, region=REGION)
    pass_pauses_by(monkeypatch, world.sleep)
    automations = FakeAutomations(lambda content, given: aws.ran(content, given))  # noqa: PLW0108 - there is none yet
    with (
        FakeConfigRules(declared) as config,
        FakeAccessAnalyzer(ACCOUNT, REGION) as analyzer,
        FakeCloudTrail(world.monotonic) as trail,
        FakeFunctions() as functions,
    ):
        aws = Cloud(config, analyzer, automations, trail, world, declared, functions)
        own: dict[str, Own] = {
            "cloudformation": aws.cloudformation,
            "ssm": automations,
            "lambda": aws.lambdas,
            "ecr": aws.ecr,
            "states": aws.states,
        }
        with Overlay(moto, own) as overlay:
            for name, value in {
                "AWS_ENDPOINT_URL": overlay.url,
                "AWS_ENDPOINT_URL_S3": f"http://localhost:{moto}",
                "AWS_ENDPOINT_URL_CONFIG_SERVICE": config.url,
                "AWS_ENDPOINT_URL_ACCESSANALYZER": analyzer.url,
                "AWS_ENDPOINT_URL_CLOUDTRAIL": trail.url,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ACCESS_KEY_ID": KEY_OF_THE_PERSON,
                "MOTO_ACCOUNT_ID": ACCOUNT,
            }.items():
                monkeypatch.setenv(name, value)
            # AWS's own calls in this process are not made with the person's credentials.
            monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session("AKIAAWSITSELF", "testing", region_name=REGION))
            config.recorder = {"name": "default", "roleARN": RECORDER_ROLE, "recordingGroup": {"allSupported": True}}
            analyzer.opinion = opinion
            yield aws


Accept = Callable[..., int]
KEY_OF_THE_PERSON = "AKIATHEPERSON"


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Collect the IAM actions of all calls that the person makes."""
    actions: set[str] = set()

    def noted(client: Any, operation: str, _: object, proceed: Proceed) -> object:  # noqa: ANN401 - any client
        if client._request_signer._credentials.access_key == KEY_OF_THE_PERSON:  # noqa: SLF001 - botocore hides it
            actions.add(action(client.meta.service_model.signing_name, operation))
        return proceed()

    around_calls(monkeypatch, noted)
    return actions


@pytest.fixture
def persons_policy() -> set[str]:
    """The actions that acceptance/policy.json allows."""
    return allowed()


@pytest.fixture
def accept(cloud: Cloud, tmp_path: Path) -> Accept:
    """Return a function that runs acceptance as a person who types `typed`. The report is in `tmp_path`."""

    def run(deployment: Deployment, *options: str, typed: str = ACCOUNT, clock: Clock = cloud) -> int:
        return main(["--report", str(tmp_path), *options], clock, deployment, lambda _: typed)

    return run


@pytest.fixture
def report(tmp_path: Path) -> Callable[[], Json]:
    """Return a function that reads the JSON report."""

    def read() -> Json:
        found: Json = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        return found

    return read
