"""Continues a sweep in another invocation, with a message that one invocation sends and the next receives.

The queue is an SQS FIFO queue. Its messages come back to this function one by one. A message that fails ends in a
dead-letter queue. A repeated or late message does no harm: it has what is done, so at worst that is judged again. Every
result has the time of the schedule that began the sweep.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

from rdklib import ClientFactory

from ..policy.problems import quoted
from .errors import EventError, SweepUnfinishedError
from .events import SCHEDULED, Json, decoded, invoking_event, object_of, text_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

QUEUE_URL = "CONTINUATION_QUEUE_URL"
"""The environment variable with the URL of the queue."""

MOST_PARTS = 12
"""The most invocations of a sweep, which take three hours. After that, the sweep fails and does not continue forever.

AWS Lambda itself stops a function that invokes itself through a queue after 16 times, without a message:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

_VERSION = 1
_SQS = "aws:sqs"
_EVENT = (
    "accountId",
    "configRuleArn",
    "configRuleId",
    "configRuleName",
    "executionRoleArn",
    "invokingEvent",
    "resultToken",
    "ruleParameters",
)
"""The fields of Config's event that the next invocation needs. The result token is valid for a whole schedule."""


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a sweep. `part` counts its invocations from 1.

    `token` is the next page of Config's inventory: empty for the first page, None after the last. `ledger` has the
    finished repositories as `Ledger` writes them, or is empty if there are none.
    """

    part: int = 1
    token: str | None = ""
    ledger: str = ""

    def to_json(self) -> Json:
        """Return the object that `parse` reads."""
        return {"part": self.part, "token": self.token, "ledger": self.ledger}

    @classmethod
    def parse(cls, values: Json) -> Self:
        """Read a position. Raises EventError."""
        part, token, ledger = values.get("part"), values.get("token", 0), values.get("ledger")
        if set(values) != {"part", "token", "ledger"}:
            raise EventError(f"a position has part, token and ledger, not {_listed(values)}")
        if not isinstance(part, int) or isinstance(part, bool) or part not in range(2, MOST_PARTS + 1):
            raise EventError(f"{quoted(part)} is not a part of a sweep: expected 2 to {MOST_PARTS}")
        if not isinstance(ledger, str) or not (token is None or isinstance(token, str)):
            raise EventError("the position of a sweep has a token and a ledger that are not text")
        return cls(part, token, ledger)


@dataclass(frozen=True, slots=True)
class Continuation:
    """A scheduled event of Config, and the position of its sweep."""

    event: Json
    position: Position

    @classmethod
    def parse(cls, event: Json) -> Self:
        """Read a Lambda event with a message from this function's own queue. Raises EventError."""
        record = _record(event)
        body = _body(record)
        if set(body) != {"version", "event", "position"} or body["version"] != _VERSION:
            raise EventError(
                f"the message does not belong to a sweep: expected version {_VERSION} with event and position"
            )
        scheduled = object_of(body, "event")
        if not set(scheduled) <= set(_EVENT) or invoking_event(scheduled).get("messageType") != SCHEDULED:
            raise EventError(f"only a sweep is continued: expected the event of a {SCHEDULED}")
        return cls(scheduled, Position.parse(object_of(body, "position")))

    def send(self, clients: ClientFactory, left: int | None) -> None:
        """Send the message, so that AWS invokes the function with it.

        Raises SweepUnfinishedError, ClientError, BotoCoreError.
        """
        url = os.environ.get(QUEUE_URL)
        if not url:
            raise SweepUnfinishedError(left, f"the function has no queue to continue with (`{QUEUE_URL}` is not set)")
        if self.position.part > MOST_PARTS:
            raise SweepUnfinishedError(left, f"it has taken {MOST_PARTS} invocations")
        queue: SQSClient = clients.build_client("sqs", assume_role_mode=False)
        queue.send_message(
            QueueUrl=url,
            MessageBody=self._text(),
            MessageGroupId=self._digest("configRuleName"),  # one invocation of a sweep at a time
            MessageDeduplicationId=self._digest("configRuleName", "invokingEvent"),
        )

    def _text(self) -> str:
        event = {key: self.event[key] for key in _EVENT if key in self.event}
        body = {"version": _VERSION, "event": event, "position": self.position.to_json()}
        return json.dumps(body, separators=(",", ":"))

    def _digest(self, *keys: str) -> str:
        """Return a digest of some fields of the event.

        With `invokingEvent`, it is different for each part of the sweep.
        """
        said = [self.event.get(key) for key in ("accountId", *keys)]
        part = self.position.part if "invokingEvent" in keys else 0
        return blake2b(json.dumps([said, part]).encode(), digest_size=20).hexdigest()


def _listed(values: Json) -> str:
    return ", ".join(quoted(key) for key in sorted(values)) or "nothing"


def _record(event: Json) -> Json:
    """Return the single message of the function's own queue."""
    records = event.get("Records")
    if not isinstance(records, list) or len(records) != 1 or not isinstance(records[0], Mapping):
        raise EventError("expected one message of a queue at a time")
    record: Json = records[0]
    url, arn = os.environ.get(QUEUE_URL, ""), str(record.get("eventSourceARN"))
    # …/ACCOUNT/NAME and arn:PARTITION:sqs:REGION:ACCOUNT:NAME
    if record.get("eventSource") != _SQS or not url or url.split("/")[-2:] != arn.split(":")[-2:]:
        raise EventError(f"a message of {quoted(arn)} is not for this function, whose queue is {quoted(url)}")
    return record


def _body(record: Json) -> Json:
    return object_of({"body": decoded(text_of(record, "body"), "the message")}, "body")
