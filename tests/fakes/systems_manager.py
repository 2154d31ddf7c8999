"""Automations of Systems Manager, with moto's documents: an execution runs the document that moto stores.

StartAutomationExecution queues it, and a test runs it with `go_on`. Requests and answers are checked against botocore's
model. Every other operation is moto's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import boto3
from botocore.exceptions import ClientError

from tests.fakes.models import ServiceError, answered
from tests.fakes.overlay import Forward, Request, Response

Json = dict[str, Any]
Run = Callable[[Json, Mapping[str, object]], Json]
"""Runs a document with parameters. Returns an execution's status, steps, outputs and failure."""


class FakeAutomations:
    """The automation executions of an account and Region, by id, in the order of their start."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.executions: dict[str, Json] = {}
        self.end_before_they_are_stopped = False

    def start(self, document: str, parameters: Mapping[str, list[str]]) -> str:
        """Queue an execution and return its id."""
        identifier = str(UUID(int=len(self.executions) + 1))
        self.executions[identifier] = {
            "AutomationExecutionId": identifier,
            "DocumentName": document,
            "AutomationExecutionStatus": "InProgress",
            "Parameters": dict(parameters),
            "StepExecutions": [],
        }
        return identifier

    def go_on(self) -> None:
        """Run everything that was started."""
        for execution in self.executions.values():
            if execution["AutomationExecutionStatus"] == "InProgress":
                execution.update(self._ran(execution))

    def _ran(self, execution: Json) -> Json:
        document = boto3.client("ssm").get_document(Name=execution["DocumentName"])
        content = json.loads(document["Content"])
        types = {name: declared["type"] for name, declared in content["parameters"].items()}
        given = {
            name: values if types.get(name) == "StringList" else values[0]
            for name, values in execution["Parameters"].items()
        }
        return self._run(content, given)

    def __call__(self, request: Request, forward: Forward) -> Response:
        """Answer a call to Systems Manager."""
        own = {
            "StartAutomationExecution": self._start,
            "StopAutomationExecution": self._stop,
            "GetAutomationExecution": self._get,
            "DescribeAutomationExecutions": self._describe,
        }
        if request.operation not in own:
            return forward(request)
        try:
            return _json(200, answered("ssm", request.operation, json.loads(request.body), own))
        except ServiceError as error:
            return _json(error.status, {"__type": error.code, "message": str(error)})

    def _start(self, asked: Json) -> Json:
        try:
            boto3.client("ssm").describe_document(Name=asked["DocumentName"])
        except ClientError:
            raise ServiceError("AutomationDefinitionNotFoundException", f"no `{asked['DocumentName']}`") from None
        return {"AutomationExecutionId": self.start(asked["DocumentName"], asked.get("Parameters", {}))}

    def _stop(self, asked: Json) -> Json:
        execution = self._known(asked)
        if self.end_before_they_are_stopped:
            execution["AutomationExecutionStatus"] = "Success"
        if execution["AutomationExecutionStatus"] != "InProgress":
            raise ServiceError("InvalidAutomationStatusUpdateException", "the execution has ended")
        execution["AutomationExecutionStatus"] = "Cancelled"
        return {}

    def _get(self, asked: Json) -> Json:
        return {"AutomationExecution": self._known(asked)}

    def _known(self, asked: Json) -> Json:
        if asked["AutomationExecutionId"] not in self.executions:
            raise ServiceError("AutomationExecutionNotFoundException", "there is no such execution")
        return self.executions[asked["AutomationExecutionId"]]

    def _describe(self, asked: Json) -> Json:
        (prefix,) = [one["Values"] for one in asked["Filters"] if one["Key"] == "DocumentNamePrefix"]
        kept = ("AutomationExecutionId", "DocumentName", "AutomationExecutionStatus")
        return {
            "AutomationExecutionMetadataList": [
                {name: one[name] for name in kept}
                for one in self.executions.values()
                if one["DocumentName"].startswith(tuple(prefix))
            ]
        }


def _json(status: int, answer: Json) -> Response:
    return Response(status, json.dumps(answer).encode(), {"Content-Type": "application/x-amz-json-1.1"})
