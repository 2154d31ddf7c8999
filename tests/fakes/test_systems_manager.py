"""The fakes before moto: their own operations are checked, and the others reach moto."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.fakes.moto_server import moto_server
from tests.fakes.overlay import Overlay
from tests.fakes.systems_manager import FakeAutomations

CONTENT = {"schemaVersion": "0.3", "description": "x", "parameters": {"Names": {"type": "StringList"}}, "mainSteps": []}


def ran(content: Mapping[str, Any], given: Mapping[str, object]) -> dict[str, Any]:
    assert content == CONTENT
    return {"AutomationExecutionStatus": "Success", "Outputs": {"given": [json.dumps(given)]}}


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, FakeAutomations]]:
    automations = FakeAutomations(ran)
    with moto_server() as port, Overlay(port, {"ssm": automations}) as overlay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", overlay.url)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        once = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
        client = boto3.client("ssm", config=once)
        client.create_document(Name="mine", Content=json.dumps(CONTENT), DocumentType="Automation")
        yield client, automations


def test_it_listens_on_this_machine_only(ssm: tuple[Any, FakeAutomations]) -> None:
    assert ssm[0].meta.endpoint_url.startswith("http://localhost:")


def test_an_execution_runs_the_document_that_moto_keeps(ssm: tuple[Any, FakeAutomations]) -> None:
    client, automations = ssm
    identifier = client.start_automation_execution(DocumentName="mine", Parameters={"Names": ["a", "b"]})
    read = {"AutomationExecutionId": identifier["AutomationExecutionId"]}
    assert client.get_automation_execution(**read)["AutomationExecution"]["AutomationExecutionStatus"] == "InProgress"
    automations.go_on()
    found = client.get_automation_execution(**read)["AutomationExecution"]
    assert found["Outputs"] == {"given": ['{"Names": ["a", "b"]}']}
    listed = client.describe_automation_executions(Filters=[{"Key": "DocumentNamePrefix", "Values": ["mi"]}])
    assert [one["AutomationExecutionStatus"] for one in listed["AutomationExecutionMetadataList"]] == ["Success"]


@pytest.mark.parametrize(
    "asked, code",
    [
        ({"DocumentName": "another"}, "AutomationDefinitionNotFoundException"),
        ({}, "ValidationException"),
    ],
)
def test_what_systems_manager_does_not_take_is_refused(
    ssm: tuple[Any, FakeAutomations], asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError, match=code):
        ssm[0].start_automation_execution(**asked)
    assert ssm[1].executions == {}
