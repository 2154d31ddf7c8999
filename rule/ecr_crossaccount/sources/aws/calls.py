"""Calls to AWS: concurrent up to a limit, with answers in order, and page by page."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from .errors import MalformedAnswerError

_AHEAD = 4
"""The number of waiting calls for each running one, so that a slow answer does not leave the other threads idle."""

T = TypeVar("T")
P = ParamSpec("P")


class Calls:
    """Runs at most `at_once` calls at the same time."""

    def __init__(self, at_once: int) -> None:
        self._executor = ThreadPoolExecutor(at_once)
        self._most_waiting = at_once * _AHEAD

    def begin(self, call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> Future[T]:
        """Start a call as soon as a thread is free."""
        return self._executor.submit(call, *arguments, **named)

    def close(self) -> None:
        """Start no more calls. Running calls are not interrupted."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def each(self, call: Callable[[str], T], names: Iterable[str]) -> Iterator[T]:
        """Yield the answer for each name, in order."""
        waiting: deque[Future[T]] = deque()
        try:
            for name in names:
                waiting.append(self.begin(call, name))
                if len(waiting) > self._most_waiting:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # If the caller stops early, calls that have not started are canceled.
            for future in waiting:
                future.cancel()


def pages(
    call: Callable[..., Mapping[str, Any]], service: str, operation: str, token: str, **request: object
) -> Iterator[Mapping[str, Any]]:
    """Yield every page of a list, including empty ones before the last.

    `token` is the service's name for the page token.

    Raises the errors of `call`, and MalformedAnswerError for a list without end.
    """
    while True:
        page = call(**request)
        yield page
        following = page.get(token)
        if not following:
            return
        if following == request.get(token):
            raise MalformedAnswerError(service, operation, "the next page is the same one")
        request[token] = following
