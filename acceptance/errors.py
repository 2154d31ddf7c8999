"""The errors that end a run or one of its steps."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import BotoCoreError, ClientError
from ecr_crossaccount.errors import EcrCrossAccountError

AWS_ERRORS = (BotoCoreError, ClientError)
"""The errors of a call to AWS."""


class AcceptanceError(EcrCrossAccountError):
    """The base class of this package's errors. The text is for the report."""


class RefusedError(AcceptanceError):
    """A run is not allowed in this account, and nothing was created. `reasons` has one reason a line."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


class DeploymentError(AcceptanceError):
    """The stack could not be built or deployed."""


class TimedOutError(AcceptanceError):
    """AWS took longer than a step allows."""


class MissingError(AcceptanceError):
    """The answer of AWS does not have what a step needs."""


def code_of(error: Exception) -> str:
    """Return the code in AWS's answer, or the name of the exception if there was none."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__


def one_line(error: BaseException) -> str:
    """Return an error's text on one line."""
    return " ".join(str(error).split()) or type(error).__name__
