"""What ends a run, or a step of it."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import BotoCoreError, ClientError
from ecr_crossaccount.errors import EcrCrossAccountError

AWS_ERRORS = (BotoCoreError, ClientError)
"""What a call to AWS raises."""


class AcceptanceError(EcrCrossAccountError):
    """The root of what this package raises; its text is for the report."""


class RefusedError(AcceptanceError):
    """The account is not one that a run may be made in. Nothing was created. `reasons`: a line each."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


class DeploymentError(AcceptanceError):
    """The stack could not be built or deployed."""


class TimedOutError(AcceptanceError):
    """AWS did not get there in the time that a step has."""


class MissingError(AcceptanceError):
    """AWS answered, but not with what a step needs."""


def code_of(error: Exception) -> str:
    """Return the code of AWS's answer, the name of the exception where there was none."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__


def one_line(error: BaseException) -> str:
    """Return an error's text on one line."""
    return " ".join(str(error).split()) or type(error).__name__
