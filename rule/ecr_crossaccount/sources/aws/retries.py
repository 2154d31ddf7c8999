"""Retries of calls to AWS: with back-off and jitter, at a rate that AWS accepts, and never after the deadline.

boto3 counts attempts and has no deadline. It would wait for the next attempt until Lambda ends the invocation, which
then reports a timeout and not the failure. Its mode `adaptive` almost stops if there are several concurrent calls and
AWS refuses some of them. Its mode `standard` does not slow down.

Here, calls are made at the rate that AWS recently accepted. From time to time, a trial uses a higher rate for a moment.
If more calls succeed, the higher rate is kept. So few calls are refused at a limit, and refusals that do not depend on
the rate do not lower it. boto3's mode `adaptive` lowers its rate by three tenths for each refusal. With several
concurrent calls, that ends at one call every two seconds.

Time is an argument of the rate, in seconds of a monotonic clock. Concurrent calls have a limit, and their answers are
in order.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from http import HTTPStatus
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypeVar

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.retries.standard import RetryEventAdapter, ThrottlingErrorDetector

from ...errors import AwsError, OutOfTimeError
from ...memo import by_value
from .errors import MalformedAnswerError

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.model import OperationModel


_RESERVE = 90.0
"""Seconds kept for work in progress near the deadline: to report results and hand over the rest, with retries."""
_SHARE = 0.1
"""The largest share of an invocation's time for the reserve, so that a short one has time for its work."""

T = TypeVar("T")


@by_value
class Deadline:
    """The end of an invocation. `remaining` returns the seconds until then, and `reserve` of them must stay unused."""

    remaining: Callable[[], float]
    reserve: float

    @classmethod
    def from_context(cls, context: object) -> Self:
        """Return the deadline in Lambda's context. Without a context there is none."""
        milliseconds = getattr(context, "get_remaining_time_in_millis", None)
        if milliseconds is None:
            return cls(lambda: inf, 0.0)
        return cls(lambda: milliseconds() / 1000, min(_RESERVE, milliseconds() / 1000 * _SHARE))

    def nears(self) -> bool:
        """Return whether only the reserve is left."""
        return self.remaining() <= self.reserve

    def check(self) -> None:
        """Raise OutOfTimeError if only the reserve is left."""
        if self.nears():
            raise OutOfTimeError

    def during(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items one by one. Raises OutOfTimeError if only the reserve is left."""
        for item in items:
            self.check()
            yield item


_MORE = 1.6
"""The rate of a trial, as a multiple of the usual rate."""
_PAYS = 1.25
"""A trial keeps its rate only if more calls a second succeed than this multiple of the usual number."""
_SECONDS, _ANSWERS = 0.25, 10
"""The least seconds and the least answers of a trial. It is compared with three times as much at the usual rate."""
_USUAL = 3
_LONGEST = 5.0
"""The longest time of either, in seconds, with any number of answers."""
_SLOWEST = 1.0
"""The lowest rate, in calls a second."""


class Pace:
    """The turns of all calls of one operation, in all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._usual: float | None = None
        """Calls a second, or None until AWS has refused one and the rate of its answers is known."""
        self._tried: float | None = None
        """Calls a second that succeeded in the last trial, or None during a trial."""
        self._next = self._since = 0.0
        self._measures = False
        self._answers = self._accepted = 0
        self.accepted = 0
        """All calls so far that were not refused."""

    def turn(self, now: float) -> float:
        """Take the next turn, and return the seconds until it begins.

        Take one turn at a time, because turns that are taken keep their distance when the rate changes.
        """
        with self._lock:
            if self._usual is None:
                return 0.0
            begins = max(now, self._next)
            self._next = begins + 1 / (self._usual if self._tried is not None else self._usual * _MORE)
            return begins - now

    def took(self, now: float) -> None:
        """Record that AWS accepted a call, with any answer."""
        with self._lock:
            self.accepted += 1
            self._accepted += 1
            self._count(now)

    def note_refusal(self, now: float) -> None:
        """Record that AWS asked to slow down."""
        with self._lock:
            if not self._measures:
                self._measures = True
                self._begin(now)
            self._count(now)

    def _count(self, now: float) -> None:
        """Count an answer, and change the rate after enough answers. Nothing is measured before the first refusal."""
        self._answers += 1
        seconds, times = now - self._since, 1 if self._tried is None else _USUAL
        enough = seconds >= _SECONDS * times and self._answers >= _ANSWERS * times
        if self._measures and (enough or seconds >= _LONGEST):
            self._go_on(self._accepted / seconds)
            self._begin(now)

    def _go_on(self, measured: float) -> None:
        """Begin or end a trial. `measured` is the number of calls a second that succeeded since the last time."""
        if self._usual is None:
            self._usual = max(measured, _SLOWEST)
        elif self._tried is None:
            self._tried = measured
        else:
            pays = self._tried > measured * _PAYS
            self._usual = max(self._usual * _MORE if pays else max(self._tried, measured), _SLOWEST)
            self._tried = None

    def _begin(self, now: float) -> None:
        self._since, self._answers, self._accepted = now, 0, 0


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
def limit_retries(deadline: Deadline) -> Iterator[None]:
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


class NothingGetsThroughError(AwsError, ClientError):
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
        pace.note_refusal(now())
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


_WINDOW = 100
"""The most answers that wait in memory."""


def at_once(read: Callable[[str], T], names: Sequence[str], deadline: Deadline) -> Iterator[tuple[str, Future[T]]]:
    """Yield the answer or exception of `read` for each name. Uses as many threads as a client has connections.

    Raises OutOfTimeError before a window of calls if the deadline is near, as does a call that has not begun then.
    """

    def in_time(name: str) -> T:
        deadline.check()
        return read(name)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for start in range(0, len(names), _WINDOW):
            deadline.check()
            window = names[start : start + _WINDOW]
            # Each call has its own copy: it has the log's fields, and a context cannot be entered twice at a time.
            yield from [(name, pool.submit(copy_context().run, in_time, name)) for name in window]


def pages(
    call: Callable[..., Mapping[str, Any]],
    service: str,
    operation: str,
    token: str,
    following: str | None = None,
    /,
    **request: object,
) -> Iterator[Mapping[str, Any]]:
    """Yield every page of a list, including empty ones before the last.

    `token` is the service's name for the token of a page, and `following` its name in an answer, if it differs.

    Raises the errors of `call`, and MalformedAnswerError for a list without end.
    """
    while True:
        page = call(**request)
        yield page
        more = page.get(following or token)
        if not more:
            return
        if more == request.get(token):
            raise MalformedAnswerError(service, operation, "the next page is the same one")
        request[token] = more
