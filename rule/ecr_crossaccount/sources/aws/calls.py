"""Calls to AWS: concurrent up to a limit, page by page, and errors in words that say what to do.

Answers are in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.exceptions import ConnectionError as NoConnectionError

from .errors import code_of, is_expired, is_refusal
from .retries import NothingGetsThroughError

_UNKNOWN = frozenset(
    {
        "AuthFailure",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_FOR_GOOD = 3
"""The number of consecutive failures, each after retries, that show that AWS throttles all calls or is out of reach."""
_SIGNED_OUT = (SSOTokenLoadError, TokenRetrievalError, UnauthorizedSSOTokenError)
OUT_OF_REACH = (NoConnectionError, HTTPClientError)
"""The errors of calls without any response."""
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError)

NO_CREDENTIALS = "no AWS credentials: set AWS_PROFILE, or others as for the AWS CLI"

AWS_ERRORS = (ClientError, BotoCoreError)
"""All errors that an AWS call raises."""


def reason_of(error: ClientError | BotoCoreError) -> str:
    """Return in one line what went wrong, and what would be right."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, _SIGNED_OUT):
        return "the session of AWS IAM Identity Center has ended: run `aws sso login`, then again"
    if isinstance(error, _NO_CREDENTIALS):
        return NO_CREDENTIALS
    if isinstance(error, OUT_OF_REACH):
        return f"cannot reach AWS: {one_line(str(error))}; is the Region's name right?"
    return one_line(str(error))


def _refusal(error: ClientError) -> str:
    code = code_of(error)
    said = str(error.response.get("Error", {}).get("Message") or "no reason given").strip()
    if is_expired(code):
        return f"the credentials have expired ({code}): renew them, then run again"
    if code in _UNKNOWN:
        return f"AWS does not know these credentials here ({code}): they are wrong, or the Region is not enabled"
    if is_refusal(code):
        return f"{error.operation_name} was refused ({code}): {one_line(said)}"
    if code in _THROTTLED:
        what_next = "run again later, an audit with a lower `concurrency:` in ecr-crossaccount.yaml"
        return f"{error.operation_name} was throttled repeatedly ({code}): {what_next}"
    return f"{error.operation_name} failed ({code}): {one_line(said)}"


def lasts(error: ClientError | BotoCoreError) -> int | None:
    """Return after how many such failures in a row every further call in the Region would fail too, or None."""
    if isinstance(error, (NothingGetsThroughError, *OUT_OF_REACH)):
        return _FOR_GOOD
    if isinstance(error, ClientError):
        return 1 if is_expired(code_of(error)) or code_of(error) in _UNKNOWN else None
    return 1 if isinstance(error, (*_SIGNED_OUT, *_NO_CREDENTIALS)) else None


def one_line(text: str) -> str:
    """Return a message of AWS or boto3 as part of a sentence."""
    return " ".join(text.split()).rstrip(".")


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
