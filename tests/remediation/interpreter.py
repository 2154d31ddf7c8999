"""Runs an Automation document step by step, like Systems Manager, with any AWS that boto3 is pointed at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any

import boto3

from tests.remediation.document import REFERENCE, TYPES, Document, DocumentError, Json, check_value

LARGEST_OUTPUT = 100_000
LONGEST_MESSAGE = 4096
MOST_APPROVERS = 10
_MOST_STEPS = 100


class StepFailedError(Exception):
    """The failure of a step as the console shows it."""


@dataclass(slots=True)
class World:
    """The environment of a document besides AWS: who approves, and how time passes."""

    approve: Callable[[Json], bool] = lambda _: True
    account: str = "111122223333"
    region: str = "eu-central-1"
    now: str = "2026-11-25_12.00.00"
    execution: str = "0a1b2c3d-0000-4000-8000-000000000001"
    before: Callable[[str], None] = lambda _: None
    """Called before each step, with its name, so that a test can change something in between."""
    seconds: float = 0

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def monotonic(self) -> float:
        return self.seconds

    def time(self) -> float:
        return datetime.strptime(self.now, "%Y-%m-%d_%H.%M.%S").replace(tzinfo=UTC).timestamp()


@dataclass(slots=True)
class Execution:
    """The result of a run: `Success` or `Failed`, the steps in their order, outputs and messages."""

    status: str = "Success"
    steps: list[str] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The message of the last failure."""
        return list(self.failures.values())[-1] if self.failures else ""


def run(document: Document, world: World, **given: object) -> Execution:
    """Run a document with parameters. Raises DocumentError if Systems Manager would not start it."""
    return Run(document, world, _parameters(document, given)).run()


def _parameters(document: Document, given: Mapping[str, object]) -> dict[str, object]:
    unknown = set(given) - set(document.parameters)
    if unknown:
        raise DocumentError(f"no parameters of {document.name}: {sorted(unknown)}")
    values = {name: declared["default"] for name, declared in document.parameters.items() if "default" in declared}
    values |= given
    for name, declared in document.parameters.items():
        if name not in values:
            raise DocumentError(f"parameter {name} is required")
        check_value(name, declared, values[name])
    return values


class Run:
    def __init__(self, document: Document, world: World, parameters: Mapping[str, object]) -> None:
        self._document = document
        self._world = world
        self._parameters = parameters
        self._variables = {
            "global:DATE_TIME": world.now,
            "global:REGION": world.region,
            "global:ACCOUNT_ID": world.account,
            "automation:EXECUTION_ID": world.execution,
        }
        self._done = Execution()

    def run(self) -> Execution:
        step: str | None = self._document.first
        while step is not None:
            if len(self._done.steps) == _MOST_STEPS:
                raise DocumentError("the document runs in a circle")
            step = self._follow(self._document.steps[step])
        return self._done

    def _follow(self, step: Json) -> str | None:
        """Run a step and return the next one, or None at an end."""
        name = step["name"]
        self._world.before(name)
        self._done.steps.append(name)
        try:
            if step["action"] == "aws:branch":
                return self._branch(step)
            self._keep(step, self._act(step))
        except StepFailedError as error:
            return self._failed(step, str(error))
        following: str | None = step.get("nextStep")
        return following

    def _failed(self, step: Json, problem: str) -> str | None:
        self._done.failures[step["name"]] = problem
        if step.get("isCritical", True):
            self._done.status = "Failed"
        kind, _, target = step.get("onFailure", "Abort").partition(":")
        if kind == "step":
            return str(target)
        following: str | None = step.get("nextStep")
        return following if kind == "Continue" else None

    def _act(self, step: Json) -> Json:
        inputs = self._resolved(step["inputs"])
        match step["action"]:
            case "aws:executeScript":
                return {"Payload": self.script(step["inputs"], inputs["InputPayload"])}
            case "aws:invokeLambdaFunction":
                return _invoke(inputs)
            case "aws:approve":
                return self._approve(inputs)
            case unknown:
                raise DocumentError(f"`{unknown}` is an action that nobody knows here")

    def script(self, written: Json, payload: Json) -> Json:
        if REFERENCE.search(written["Script"]):
            raise DocumentError("a script holds double braces, which Systems Manager would fill")
        names: dict[str, Any] = {"__name__": "script"}
        exec(_compiled(written["Script"]), names)  # noqa: S102 - a shipped script
        if "time" in names:
            names["time"] = SimpleNamespace(
                sleep=self._world.sleep, monotonic=self._world.monotonic, time=self._world.time
            )
        try:
            answer = names[written["Handler"]](payload, {})
        except Exception as error:
            raise StepFailedError(f"{type(error).__name__}: {error}") from error
        found: Json = json.loads(json.dumps(answer))
        return found

    def _approve(self, inputs: Json) -> Json:
        if not inputs["NotificationArn"].startswith("arn:") or len(inputs["Message"]) > LONGEST_MESSAGE:
            raise DocumentError("aws:approve needs a topic, and a message of at most 4,096 characters")
        if not 1 <= len(inputs["Approvers"]) <= MOST_APPROVERS or inputs["MinRequiredApprovals"] != 1:
            raise DocumentError("aws:approve takes one to ten approvers")
        if not self._world.approve(inputs):
            raise StepFailedError("the request was denied")
        return {"ApprovalStatus": "Approved"}

    def _branch(self, step: Json) -> str | None:
        for choice in step["inputs"]["Choices"]:
            if all(self._holds(condition) for condition in choice.get("And", [choice])):
                target: str = choice["NextStep"]
                return target
        default: str = step["inputs"]["Default"]
        return default

    def _holds(self, condition: Json) -> bool:
        if set(condition) - {"NextStep"} != {"Variable", "StringEquals"}:
            raise DocumentError(f"a choice that nobody knows here: {sorted(condition)}")
        return bool(self._resolved(condition["Variable"]) == condition["StringEquals"])

    def _keep(self, step: Json, answer: Json) -> None:
        name = step["name"]
        if len(json.dumps(answer)) > LARGEST_OUTPUT:
            raise StepFailedError(f"step {name}: its output is larger than 100 KB")
        for key in set(answer) - {"Payload"} | ({"Payload"} if isinstance(answer.get("Payload"), str) else set()):
            self._done.outputs[f"{name}.{key}"] = answer[key]
        for output in step.get("outputs", ()):
            value = answer["Payload"].get(output["Name"])
            if not isinstance(value, TYPES[output["Type"]]) or value == "":
                raise DocumentError(f"step {name}: output {output['Name']} is {value!r}, not a {output['Type']}")
            self._done.outputs[f"{name}.{output['Name']}"] = value

    def _resolved(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, Mapping):
            return {key: self._resolved(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._resolved(one) for one in value]
        if not isinstance(value, str):
            return value
        whole = REFERENCE.fullmatch(value)
        filled = self._value(whole[1]) if whole else REFERENCE.sub(lambda found: self._text(found[1]), value)
        if isinstance(filled, str) and "{{" not in filled:
            return filled
        # Filled-in text is also evaluated, so an output could contain the name of a parameter.
        if filled == value:
            raise StepFailedError(f"`{value}` holds double braces, which Systems Manager would fill")
        return self._resolved(filled)

    def _value(self, reference: str) -> object:
        for known in (self._parameters, self._variables, self._done.outputs):
            if reference in known:
                return known[reference]
        raise StepFailedError(f"`{reference}` has no value: nothing is called so, or its step did not run")

    def _text(self, reference: str) -> str:
        value = self._value(reference)
        if not isinstance(value, str):
            raise DocumentError(f"`{reference}` is not text, so it cannot stand inside one")
        return value


@cache
def _compiled(script: str) -> CodeType:
    return compile(script, "script", "exec")


def _invoke(inputs: Json) -> Json:
    if inputs["InvocationType"] != "RequestResponse":
        raise DocumentError("only an invocation that is waited for has an answer")
    payload = json.dumps(inputs["InputPayload"]).encode()
    answer = boto3.client("lambda").invoke(FunctionName=inputs["FunctionName"], Payload=payload)
    text = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise StepFailedError(f"the function failed: {text}")
    return {"StatusCode": str(answer["StatusCode"]), "Payload": text}
