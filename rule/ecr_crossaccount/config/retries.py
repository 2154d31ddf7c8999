"""How long a call to AWS is tried again: eight times, with back-off and jitter, and never past the deadline.

boto3 counts attempts and knows no deadline. It would wait for the next attempt until Lambda ends the invocation, which
then says that time was up and not what failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from .deadline import Deadline

if TYPE_CHECKING:
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

SETTINGS = Config(
    max_pool_connections=CONNECTIONS,
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    # AWS publishes no rate limit for any of these calls: slow down when told to, and give up only after eight attempts.
    retries={"mode": "adaptive", "total_max_attempts": 8},
    user_agent_extra="ecr-crossaccount",
)

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
