"""Errors of AWS calls, in words that say what to do about them."""

from __future__ import annotations

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
from botocore.exceptions import (
    ConnectionError as NoConnectionError,
)

from .errors import code_of, is_refusal
from .retries import NothingGetsThroughError

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
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

NO_CREDENTIALS = "no AWS credentials: give --profile, or set them as for the AWS CLI"

AwsError = (ClientError, BotoCoreError)
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
    if code in _EXPIRED:
        return f"the credentials have expired ({code}): renew them, then run again"
    if code in _UNKNOWN:
        return f"AWS does not know these credentials here ({code}): they are wrong, or the Region is not enabled"
    if is_refusal(code):
        return f"{error.operation_name} was refused ({code}): {one_line(said)}"
    if code in _THROTTLED:
        what_next = "run again later, an audit with a lower --concurrency"
        return f"{error.operation_name} was throttled repeatedly ({code}): {what_next}"
    return f"{error.operation_name} failed ({code}): {one_line(said)}"


def lasts(error: ClientError | BotoCoreError) -> int | None:
    """Return after how many such failures in a row every further call in the Region would fail too, or None."""
    if isinstance(error, (NothingGetsThroughError, *OUT_OF_REACH)):
        return _FOR_GOOD
    if isinstance(error, ClientError):
        return 1 if code_of(error) in _EXPIRED | _UNKNOWN else None
    return 1 if isinstance(error, (*_SIGNED_OUT, *_NO_CREDENTIALS)) else None


def one_line(text: str) -> str:
    """Return a message of AWS or boto3 as part of a sentence."""
    return " ".join(text.split()).rstrip(".")
