"""Continues a sweep in another invocation, by an execution of a state machine that invokes this function.

An execution costs nothing until it starts. Its name identifies the part of a sweep, and AWS Step Functions takes a name
once in 90 days. So a part that is handed over twice runs once:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html

The state machine tries a part that fails again. A repeated or late part does no harm: it has what is done, so at worst
that is judged again. Every result has the time of the schedule that began the sweep.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError
from rdklib import ClientFactory

from ...documents.problems import quoted
from ...sources.aws import log
from ...sources.aws.errors import EventError, SweepUnfinishedError, code_of
from ...sources.aws.events import POSITION, SCHEDULED, Json, invoking_event, object_of

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

STATE_MACHINE = "CONTINUATION_STATE_MACHINE"
"""The environment variable with the ARN of the state machine."""
OWN_NAME = "AWS_LAMBDA_FUNCTION_NAME"
"""The environment variable in which Lambda names the function."""

MOST_PARTS = 12
"""The most invocations of a sweep, which take three hours. After that, it fails and does not continue forever."""

_VERSION = 1
_STARTED_BEFORE = "ExecutionAlreadyExists"
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
"""The fields of Config's event that the next invocation needs."""


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
        """Read a Lambda event from this function's own state machine. Raises EventError."""
        if not os.environ.get(STATE_MACHINE):
            raise EventError(f"this function continues no sweeps: `{STATE_MACHINE}` is not set")
        if set(event) != {"version", "event", POSITION} or event["version"] != _VERSION:
            raise EventError(f"this is no part of a sweep: expected version {_VERSION} with event and {POSITION}")
        scheduled = object_of(event, "event")
        if not set(scheduled) <= set(_EVENT) or invoking_event(scheduled).get("messageType") != SCHEDULED:
            raise EventError(f"only a sweep is continued: expected the event of a {SCHEDULED}")
        return cls(scheduled, Position.parse(object_of(event, POSITION)))

    def start(self, clients: ClientFactory, left: int | None) -> None:
        """Start an execution, so that AWS invokes the function with the next part. A part is started once.

        Raises SweepUnfinishedError, ClientError, BotoCoreError.
        """
        machine, own = os.environ.get(STATE_MACHINE), os.environ.get(OWN_NAME)
        if not machine or not own:
            raise SweepUnfinishedError(
                left, f"the function has no state machine to continue with (`{STATE_MACHINE}` is not set)"
            )
        if self.position.part > MOST_PARTS:
            raise SweepUnfinishedError(left, f"it has taken {MOST_PARTS} invocations")
        steps: SFNClient = clients.build_client("stepfunctions", assume_role_mode=False)
        given = json.dumps({"function": own, "part": self._payload()}, separators=(",", ":"))
        try:
            steps.start_execution(stateMachineArn=machine, name=self._name(), input=given)
        except ClientError as error:  # not by its class: near the deadline, `retries` raises this one
            if code_of(error) != _STARTED_BEFORE:
                raise
            log.info("this part of the sweep was handed over before", part=self.position.part)

    def _payload(self) -> Json:
        event = {key: self.event[key] for key in _EVENT if key in self.event}
        return {"version": _VERSION, "event": event, POSITION: self.position.to_json()}

    def _name(self) -> str:
        """Return a name that is different for each part of each sweep of each rule and account."""
        said = [self.event.get(key) for key in ("accountId", "configRuleName", "invokingEvent")]
        return blake2b(json.dumps([said, self.position.part]).encode(), digest_size=20).hexdigest()


def _listed(values: Json) -> str:
    return ", ".join(quoted(key) for key in sorted(values)) or "nothing"
