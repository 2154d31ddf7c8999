"""Retries of calls to AWS: with back-off and jitter, at a rate that AWS accepts, and never after the deadline.

boto3 counts attempts and has no deadline. It would wait for the next attempt until Lambda ends the invocation, which
then reports a timeout and not the failure. Its mode `adaptive` almost stops if there are several concurrent calls and
AWS refuses some of them (see `pace`). Its mode `standard` does not slow down.
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
"""The most concurrent calls of a sweep."""
CONNECT_SECONDS = 5
READ_SECONDS = 20
_LONGEST_PAUSE = 20
"""boto3's longest pause between two attempts: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""
_ATTEMPT = _LONGEST_PAUSE + CONNECT_SECONDS + READ_SECONDS
"""The longest time of another attempt, in seconds."""

_LEAST_FAILURE = 300

ATTEMPTS = 8
_MOST_ATTEMPTS = 40
"""The most attempts of a call that AWS refuses repeatedly while others succeed."""
_SHORTEST_PAUSE, _LONGER = 0.05, 4.0
"""The longest pause before a refused call is repeated, in seconds, and the factor for each time that none succeeded."""

SETTINGS = Config(
    max_pool_connections=CONNECTIONS,
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    # `Patience` repeats calls that AWS refuses because there are too many.
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    user_agent_extra="ecr-crossaccount",
)

SETTINGS_ASIDE = SETTINGS.merge(Config(retries={"mode": "standard", "total_max_attempts": 4}))
"""For a service that nothing else must wait for: a few retries at boto3's rate, which take some seconds in all."""

_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def until(deadline: Deadline) -> Iterator[None]:
    """Make no retries in the block when the deadline is near."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def in_time() -> bool:
    """Return whether there is time for another attempt."""
    deadline = _deadline.get()
    return deadline is None or deadline.remaining() > _ATTEMPT


def give_up_in_time(
    operation: OperationModel,
    response: tuple[Any, Any] | None,
    caught_exception: Exception | None,
    **_: object,
) -> None:
    """Raise the error of an attempt if there is no time for another. This is a handler of botocore's `needs-retry`."""
    if in_time():
        return
    if caught_exception is not None:
        raise caught_exception
    if response is not None and response[0].status_code >= _LEAST_FAILURE:
        raise ClientError(response[1], operation.name)


class NothingGetsThroughError(ClientError):
    """AWS has throttled every call of an operation for a while."""


class Patience:
    """The behavior of a client when AWS throttles a call: it slows down and repeats the call.

    AWS publishes no rate limit for these calls, so the rate is measured, for each operation separately.
    """

    def __init__(self) -> None:
        self._paces: defaultdict[str, Pace] = defaultdict(Pace)
        self._queues: defaultdict[str, Lock] = defaultdict(Lock)
        self._refusal = ThrottlingErrorDetector(RetryEventAdapter())

    def attend(self, client: BaseClient) -> None:
        """Handle the calls of a client."""
        client.meta.events.register("before-send", self._wait)
        # The first handler of `needs-retry` that returns something counts. Those of the service come before all others.
        service = client.meta.service_model.service_id.hyphenize()
        events: Any = client.meta.events  # the stubs have no handler that returns something
        events.register_first(f"needs-retry.{service}", self._again)

    def _wait(self, event_name: str, **_: object) -> None:
        """Wait for a turn before a request is sent.

        Only one waits at a time, so that the next one uses the current rate.
        """
        operation = event_name.rpartition(".")[2]
        with self._queues[operation]:
            seconds = self._paces[operation].turn(now())
            if seconds:
                time.sleep(seconds)

    def _again(self, operation: OperationModel, attempts: int, request_dict: Any, **found: Any) -> float | None:  # noqa: ANN401 - botocore's
        """Return the seconds before a refused call is repeated, or None for any other answer.

        Raises ClientError if it is not repeated.
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
        """Return whether AWS, or a proxy before it, asked to slow down."""
        if response is not None and response[0].status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return True
        return bool(self._refusal.is_throttling_error(response=response, **found))


def _alone(context: MutableMapping[str, Any], accepted: int) -> int:
    """Return how often in a row a call was refused while no other succeeded. `accepted` is how many have so far."""
    before, times = context.get("patience", (accepted, 0))
    times = times + 1 if before == accepted else 1
    context["patience"] = (accepted, times)
    return times


def now() -> float:
    """Return the seconds of a monotonic clock."""
    return time.monotonic()
