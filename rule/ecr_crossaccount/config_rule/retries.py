"""How a call to AWS is tried again: with back-off and jitter, at a pace that AWS takes, and never past the deadline.

boto3 counts attempts and knows no deadline. It would wait for the next attempt until Lambda ends the invocation, which
then says that time was up and not what failed. Its mode `adaptive` all but stops where several calls are under way at a
time and AWS refuses some of them (see `pace`), and its mode `standard` does not slow down.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.retries.standard import RetryEventAdapter, ThrottlingErrorDetector

from .deadline import Deadline
from .pace import Pace

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.model import OperationModel

CONNECTIONS = 16
"""Calls that a sweep has under way at a time."""
CONNECT_SECONDS = 5
READ_SECONDS = 20
_LONGEST_PAUSE = 20
"""boto3's longest pause between two attempts: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""
_ATTEMPT = _LONGEST_PAUSE + CONNECT_SECONDS + READ_SECONDS
"""Seconds that another attempt takes at most."""

_LEAST_FAILURE = 300

ATTEMPTS = 8
_MOST_ATTEMPTS = 40
"""Of a call that AWS refuses again and again while others get through."""
_SHORTEST_PAUSE, _LONGER = 0.05, 4.0
"""Seconds before a refused call is tried again at most, and how many times as long when nothing got through since."""

SETTINGS = Config(
    max_pool_connections=CONNECTIONS,
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    # What AWS refuses because there are too many calls, `Patience` tries again.
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    user_agent_extra="ecr-crossaccount",
)

SETTINGS_ASIDE = SETTINGS.merge(Config(retries={"mode": "standard", "total_max_attempts": 4}))
"""For a service that nothing else must wait for: tried again a few times, some seconds in all, at boto3's pace."""

_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def until(deadline: Deadline) -> Iterator[None]:
    """Try nothing again inside the block once the deadline nears."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def in_time() -> bool:
    """Tell whether there is time for another attempt."""
    deadline = _deadline.get()
    return deadline is None or deadline.remaining() > _ATTEMPT


def give_up_in_time(
    operation: OperationModel,
    response: tuple[Any, Any] | None,
    caught_exception: Exception | None,
    **_: object,
) -> None:
    """Raise how an attempt failed if there is no time for another; a handler of botocore's event `needs-retry`."""
    if in_time():
        return
    if caught_exception is not None:
        raise caught_exception
    if response is not None and response[0].status_code >= _LEAST_FAILURE:
        raise ClientError(response[1], operation.name)


class NothingGetsThroughError(ClientError):
    """AWS refuses every call of an operation as one too many, and has done so for a while."""


class Patience:
    """What a client does when AWS refuses a call as one too many: it slows down, and tries again.

    AWS publishes no rate limit for any of the calls made here, so the rate is found out, for each operation of its own.
    """

    def __init__(self) -> None:
        self._paces: defaultdict[str, Pace] = defaultdict(Pace)
        self._queues: defaultdict[str, Lock] = defaultdict(Lock)
        self._refusal = ThrottlingErrorDetector(RetryEventAdapter())

    def attend(self, client: BaseClient) -> None:
        """Look after the calls of a client."""
        client.meta.events.register("before-send", self._wait)
        # Of the handlers of `needs-retry` that answer, the first counts: those of the service come before all others.
        service = client.meta.service_model.service_id.hyphenize()
        events: Any = client.meta.events  # the stubs know no handler that answers
        events.register_first(f"needs-retry.{service}", self._again)

    def _wait(self, event_name: str, **_: object) -> None:
        """Wait for a turn before a request is sent; one at a time, so that whoever is next knows the rate of today."""
        operation = event_name.rpartition(".")[2]
        with self._queues[operation]:
            seconds = self._paces[operation].turn(now())
            if seconds:
                time.sleep(seconds)

    def _again(self, operation: OperationModel, attempts: int, request_dict: Any, **found: Any) -> float | None:  # noqa: ANN401 - botocore's
        """Return after how many seconds a refused call is to be tried again, None for any other answer.

        Raises ClientError where it is not.
        """
        pace = self._paces[operation.name]
        if not self._is_refused(operation=operation, attempts=attempts, request_dict=request_dict, **found):
            pace.took(now())
            return None
        pace.refused(now())
        alone = _alone(request_dict["context"], pace.accepted)
        if alone >= ATTEMPTS:
            raise NothingGetsThroughError(found["response"][1], operation.name)
        if attempts >= _MOST_ATTEMPTS:
            raise ClientError(found["response"][1], operation.name)
        longest = min(_SHORTEST_PAUSE * _LONGER ** (alone - 1), _LONGEST_PAUSE)
        return random.random() * longest  # noqa: S311 - to spread the attempts

    def _is_refused(self, response: tuple[Any, Any] | None, **found: Any) -> bool:  # noqa: ANN401 - botocore's
        """Tell whether AWS, or what stands before it, asked to slow down."""
        if response is not None and response[0].status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return True
        return bool(self._refusal.is_throttling_error(response=response, **found))


def _alone(context: MutableMapping[str, Any], accepted: int) -> int:
    """Return how often in a row a call was refused while no other got through, given how many have so far."""
    before, times = context.get("patience", (accepted, 0))
    times = times + 1 if before == accepted else 1
    context["patience"] = (accepted, times)
    return times


def now() -> float:
    """Return seconds that only ever grow."""
    return time.monotonic()
