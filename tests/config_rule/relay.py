"""The queue that AWS invokes the function with, and the time limit of an invocation."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from ecr_crossaccount.config_rule.continuation import QUEUE_URL
from moto.ecr.models import ECRBackend

from tests.config_rule.registry import World
from tests.events import ACCOUNT, REGION

Json = dict[str, Any]

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:sweeps.fifo"


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
    """A function whose sweeps continue in other invocations. `taken` has all messages taken from the queue."""

    world: World
    monkeypatch: pytest.MonkeyPatch
    taken: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sqs = boto3.client("sqs")
        self.url = self.sqs.create_queue(QueueName="sweeps.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        self.monkeypatch.setenv(QUEUE_URL, self.url)

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
        """Return Lambda's event for the next message, or None if there is none."""
        answer = self.sqs.receive_message(QueueUrl=self.url, MessageSystemAttributeNames=["All"])
        for message in answer.get("Messages", ()):
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            self.taken.append(handed_over(message["Body"]))
            return self.taken[-1]
        return None

    def go_on(self, event: Json, time: Time | None = None) -> object:
        """Let the queue invoke the function."""
        return self.world.evaluator.handle(event, time or Time())

    def run_out(self) -> int:
        """Invoke the function until the queue is empty, and return how often."""
        times = 0
        while (event := self.take()) is not None:
            self.go_on(event)
            times += 1
        return times


def handed_over(body: str, **fields: object) -> Json:
    """Return Lambda's event for a message: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html."""
    record = {
        "messageId": "11d6ee51-4cc7-4302-9e22-7cd8afdaadf5",
        "receiptHandle": "AQEBBX8nesZEXmkhsmZeyIE8iQAMig7qw…",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": "1", "SequenceNumber": "18849496460467696128"},
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE,
        "awsRegion": REGION,
    }
    return {"Records": [record | fields]}


def body_of(event: Json) -> Json:
    body: Json = json.loads(event["Records"][0]["body"])
    return body
