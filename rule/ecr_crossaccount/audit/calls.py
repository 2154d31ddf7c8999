"""Calls to AWS: side by side, bounded, their answers in order; and page after page."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from ..config_rule.errors import MalformedAnswerError

_AHEAD = 4
"""Calls that wait for each that is under way, so that a slow answer does not leave the others idle."""

T = TypeVar("T")
P = ParamSpec("P")


class Calls:
    """At most `at_once` calls under way, whatever they ask."""

    def __init__(self, at_once: int) -> None:
        self._executor = ThreadPoolExecutor(at_once)
        self._most_waiting = at_once * _AHEAD

    def begin(self, call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> Future[T]:
        """Make a call as soon as its turn comes."""
        return self._executor.submit(call, *arguments, **named)

    def close(self) -> None:
        """Begin no more calls, and leave those alone that are under way."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def each(self, call: Callable[[str], T], names: Iterable[str]) -> Iterator[T]:
        """Yield the answer of each name in order."""
        waiting: deque[Future[T]] = deque()
        try:
            for name in names:
                waiting.append(self.begin(call, name))
                if len(waiting) > self._most_waiting:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # When nobody wants the rest any more: what has not begun is not begun.
            for future in waiting:
                future.cancel()


def pages(
    call: Callable[..., Mapping[str, Any]], service: str, operation: str, token: str, **request: object
) -> Iterator[Mapping[str, Any]]:
    """Yield every page of a list; an empty one may not be the last. `token` is what the service calls that of the next.

    Raises what `call` raises, and MalformedAnswerError for a list without end.
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
