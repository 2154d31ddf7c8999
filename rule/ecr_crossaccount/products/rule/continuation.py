"""Continues a sweep in another invocation, which gets the repositories that are finished.

An execution of a state machine invokes the function again. It costs nothing until it starts. Its name identifies the
part of a sweep, and AWS Step Functions takes a name once in 90 days. So a part that is handed over twice runs once:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html

The state machine tries a part that fails again. A repeated or late part does no harm: it has what is done, so at worst
that is judged again. Every result has the time of the schedule that began the sweep.
"""

from __future__ import annotations

import base64
import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Self, TypeAlias

from botocore.exceptions import ClientError
from rdklib import ClientFactory

from ...documents.problems import quote
from ...memo import by_value
from ...sources.aws import log
from ...sources.aws.errors import EventError, code_of
from ...sources.aws.events import POSITION, SCHEDULED, Json, invoking_event, object_of
from .outcome import SweepUnfinishedError

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


@by_value
class Position:
    """The position of a sweep. `part` counts its invocations from 1.

    `token` is the next page of Config's inventory: empty for the first page, None after the last. `ledger` has the
    finished repositories as `Ledger` writes them, or is empty if there are none.
    """

    part: int = 1
    token: str | None = ""
    ledger: str = ""

    @classmethod
    def parse(cls, values: Json) -> Self:
        """Read a position. Raises EventError."""
        part, token, ledger = values.get("part"), values.get("token", 0), values.get("ledger")
        if set(values) != {"part", "token", "ledger"}:
            named = ", ".join(quote(key) for key in sorted(values)) or "nothing"
            raise EventError(f"a position has part, token and ledger, not {named}")
        if not isinstance(part, int) or isinstance(part, bool) or part not in range(2, MOST_PARTS + 1):
            raise EventError(f"{quote(part)} is not a part of a sweep: expected 2 to {MOST_PARTS}")
        if not isinstance(ledger, str) or not (token is None or isinstance(token, str)):
            raise EventError("the position of a sweep has a token and a ledger that are not text")
        return cls(part, token, ledger)


@by_value
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
        return {"version": _VERSION, "event": event, POSITION: asdict(self.position)}

    def _name(self) -> str:
        """Return a name that is different for each part of each sweep of each rule and account."""
        said = [self.event.get(key) for key in ("accountId", "configRuleName", "invokingEvent")]
        return blake2b(json.dumps([said, self.position.part]).encode(), digest_size=20).hexdigest()


_BUCKETS = 1024
_HEAD = struct.Struct(">H8s")
"""The header of a bucket: its number of names, and a digest of them."""
_Head: TypeAlias = tuple[int, bytes]
_LEFT, _DONE, _POSTPONED = range(3)
_MOST_NAMES = 10_000_000


class Ledger:
    """The repositories that ECR listed: left, done, or postponed after a failed attempt.

    As text, it takes about 20 kB for 100,000 names of any length. Names are divided into buckets by a hash. A bucket is
    written as a digest of its names and a state for each. Another invocation lists the names again. If the names of a
    bucket are the same, their states are valid. If a name was added or removed, the whole bucket is left.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self.done: set[str] = set()
        self.postponed: set[str] = set()

    @classmethod
    def restore(cls, names: Iterable[str], text: str) -> Self:
        """Return the ledger of names with the states of an earlier one. Without an earlier one, `text` is empty.

        Raises EventError.
        """
        ledger = cls(names)
        if text:
            for bucket, states in _matching(_buckets(ledger.names), *_decode(text)):
                ledger.done.update(name for name, state in zip(bucket, states, strict=True) if state == _DONE)
                ledger.postponed.update(name for name, state in zip(bucket, states, strict=True) if state == _POSTPONED)
        return ledger

    def remainder(self) -> list[str]:
        """Return the repositories that were not tried yet, in order."""
        return sorted(self.names - self.done - self.postponed)

    def settle(self, name: str) -> None:
        """Record that a repository is done. Names that ECR did not list are not kept."""
        self.postponed.discard(name)
        if name in self.names:
            self.done.add(name)

    def postpone(self, name: str) -> bool:
        """Record a failed attempt. Returns False for a repository that ECR did not list."""
        self.done.discard(name)
        if name in self.names:
            self.postponed.add(name)
        return name in self.names

    def text(self) -> str:
        """Return the text that `restore` reads."""
        buckets = _buckets(self.names)
        heads = b"".join(_HEAD.pack(len(bucket), _digest(bucket)) for bucket in buckets)
        states = bytes(self._state(name) for bucket in buckets for name in bucket)
        return base64.b85encode(zlib.compress(heads + states, 9)).decode()

    def _state(self, name: str) -> int:
        return _DONE if name in self.done else _POSTPONED if name in self.postponed else _LEFT


def _buckets(names: Iterable[str]) -> list[list[str]]:
    buckets: list[list[str]] = [[] for _ in range(_BUCKETS)]
    for name in names:
        buckets[zlib.crc32(name.encode()) % _BUCKETS].append(name)
    for bucket in buckets:
        bucket.sort()
    return buckets


def _digest(bucket: Iterable[str]) -> bytes:
    return blake2b("\n".join(bucket).encode(), digest_size=8).digest()


def _decode(text: str) -> tuple[list[_Head], bytes]:
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b85decode(text), _BUCKETS * _HEAD.size + _MOST_NAMES)
        heads = [_HEAD.unpack_from(data, number * _HEAD.size) for number in range(_BUCKETS)]
    except (ValueError, zlib.error, struct.error) as error:
        raise EventError(f"the list of finished repositories cannot be read: {error}") from None
    states = data[_BUCKETS * _HEAD.size :]
    if len(states) != sum(count for count, _ in heads) or not inflate.eof:
        raise EventError("the list of finished repositories cannot be read: it is inconsistent")
    return heads, states


def _matching(buckets: Iterable[list[str]], heads: Iterable[_Head], states: bytes) -> Iterator[tuple[list[str], bytes]]:
    """Yield the buckets whose names match those of the states, each with its states."""
    start = 0
    for bucket, (count, digest) in zip(buckets, heads, strict=True):
        if (len(bucket), _digest(bucket)) == (count, digest):
            yield bucket, states[start : start + count]
        start += count
