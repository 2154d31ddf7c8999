"""The errors between AWS Config and the judgement. Lambda sees all of them, so that the event is tried again."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from ...errors import AwsError, InputError

_REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")


class EventError(InputError):
    """An event does not have the shape that AWS Config documents."""


class AccountNotServedError(InputError):
    """An event is about an account that this function does not serve."""


class MalformedAnswerError(AwsError, BotoCoreError):
    """AWS gave an answer that its documentation does not allow.

    Also a BotoCoreError, so that it is handled like one.
    """

    def __init__(self, service: str, operation: str, problem: str) -> None:
        Exception.__init__(self, f"the answer of {service} to {operation} cannot be read: {problem}")

    def __reduce__(self) -> tuple[type[Exception], tuple[str]]:
        """Make it copyable like any other exception. The method of BotoCoreError needs keywords."""
        return Exception, (str(self),)


class RepositoryGoneError(AwsError):
    """ECR does not know the repository, or no longer knows it."""


def is_refusal(code: str) -> bool:
    """Return whether the code of an AWS error means that a permission is missing, or that a policy denies it."""
    return code in _REFUSED


def is_expired(code: str) -> bool:
    """Return whether the code of an AWS error means that the credentials have expired."""
    return code in _EXPIRED


def code_of(error: ClientError) -> str:
    """Return the code of an AWS error, for instance `ThrottlingException`."""
    return str(error.response.get("Error", {}).get("Code", ""))
