"""How long the credentials of a run are valid: it ends its steps in time, so that the teardown still has them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import boto3
from botocore.credentials import RefreshableCredentials

from .clock import Clock
from .errors import AcceptanceError, RefusedError

TEARDOWN = timedelta(minutes=45)
"""How long a teardown takes at most, as a rule: half an hour for the stack, and the rest."""
_EXPIRATION = "AWS_CREDENTIAL_EXPIRATION"
"""The variable that `aws configure export-credentials --format env` writes."""
_UNKNOWN = (
    "the credentials are temporary and do not say when they end: give `--until TIME`, such as 2026-12-01T17:30Z; a run "
    "takes hours, and without credentials it cannot remove what it has created"
)


class EndingError(AcceptanceError):
    """The credentials end soon."""


def end_of(session: boto3.Session, until: str | None, environment: Mapping[str, str] = os.environ) -> datetime | None:
    """Return when the credentials end, or None if they do not or are renewed. Raises RefusedError if it is unknown."""
    given = until or environment.get(_EXPIRATION)
    if given:
        return _moment(given)
    credentials = session.get_credentials()
    if isinstance(credentials, RefreshableCredentials) or credentials is None or not credentials.token:
        return None
    raise RefusedError([_UNKNOWN])


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError([f"`{text}` is not a time: expected a form such as 2026-12-01T17:30Z"]) from None
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class UntilTeardown:
    """A clock that ends a run's waiting when only the time for the teardown is left."""

    clock: Clock
    end: datetime | None

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds. Raises EndingError."""
        self.check()
        self.clock.sleep(seconds)

    def check(self) -> None:
        """Raise EndingError if only the time for the teardown is left."""
        if self.end is not None and self.now() >= self.end - TEARDOWN:
            raise EndingError(f"the credentials end at {self.end:%H:%M} UTC, and the teardown needs them")
