"""The state machine that invokes the function again, and the time limit of an invocation."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from ecr_crossaccount.products.rule.continuation import OWN_NAME, STATE_MACHINE
from moto.ecr.models import ECRBackend

from tests.events import ACCOUNT, REGION
from tests.rule.registry import World

Json = dict[str, Any]

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:sweeps"
FUNCTION = "the-rules-function"


@dataclass
class Time:
    """The parts of Lambda's context about time. `over` makes the deadline near."""

    seconds: float = 900
    aws_request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def get_remaining_time_in_millis(self) -> int:
        return round(self.seconds * 1000)

    def over(self) -> None:
        self.seconds = 1


@dataclass
class Relay:
    """A function whose sweeps continue in other invocations. `taken` has the parts of all executions so far."""

    world: World
    monkeypatch: pytest.MonkeyPatch
    taken: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps = boto3.client("stepfunctions")
        role = f"arn:aws:iam::{ACCOUNT}:role/sweeps"
        self.steps.create_state_machine(name="sweeps", definition=json.dumps({"StartAt": "GoOn"}), roleArn=role)
        self.monkeypatch.setenv(STATE_MACHINE, MACHINE)
        self.monkeypatch.setenv(OWN_NAME, FUNCTION)

    def over_at(self, operation: str, calls: int = 1) -> Time:
        """Return the time of an invocation whose deadline nears while AWS answers the n-th call of an operation."""
        time, seen = Time(), [0]

        def counted(answer: Callable[..., Any]) -> Callable[..., Any]:
            def answered(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - passed on
                seen[0] += 1
                if seen[0] == calls:
                    time.over()
                return answer(*arguments, **more)

            return answered

        if hasattr(ECRBackend, operation):
            self.monkeypatch.setattr(ECRBackend, operation, counted(getattr(ECRBackend, operation)))
        else:
            known = self.world.config.answer
            again = counted(known)
            self.monkeypatch.setattr(
                self.world.config,
                "answer",
                lambda name, request: (again if name == operation else known)(name, request),
            )
        return time

    def take(self) -> Json | None:
        """Return the event of the next execution, which ends with it, or None if there is none."""
        running = self.steps.list_executions(stateMachineArn=MACHINE, statusFilter="RUNNING")["executions"]
        for one in running[:1]:
            given = json.loads(self.steps.describe_execution(executionArn=one["executionArn"])["input"])
            assert given["function"] == FUNCTION
            self.steps.stop_execution(executionArn=one["executionArn"])
            self.taken.append(given["part"])
            return self.taken[-1]
        return None

    def go_on(self, event: Json, time: Time | None = None) -> object:
        """Let the state machine invoke the function."""
        return self.world.evaluator.handle(event, time or Time())

    def run_out(self) -> int:
        """Invoke the function until no execution runs, and return how often."""
        times = 0
        while (event := self.take()) is not None:
            self.go_on(event)
            times += 1
        return times
