"""What was read of one location: kept for minutes, tried again soon after a failure, given up in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ..errors import TrustError
from ..policy.problems import first_of
from .content import LARGEST, Content, content_of
from .location import Location, RegisterError
from .stores import Clients, fetched_from

FRESH = timedelta(minutes=5)
"""For how long what was read is used without looking again."""
RETRY = timedelta(seconds=30)
"""After what time a location that could not be read is tried again."""
_NAMED = 3
"""Faults that a message names."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A version that was read and valid, and when."""

    value: T
    content: Content
    at: datetime


@dataclass(slots=True)
class Shelf(Generic[T]):
    """One location; `parse` makes what is wanted of the JSON value there, and raises TrustError.

    `good`: the last version that was read and valid. `error`: why there is no newer one, None if it is current.
    """

    location: Location
    parse: Callable[[object], T]
    largest: int = LARGEST
    good: Read[T] | None = None
    error: RegisterError | None = None
    _checked: datetime | None = field(default=None, init=False)
    _due: datetime | None = field(default=None, init=False)

    def look(self, clients: Clients, moment: datetime) -> None:
        """Read what is there if it is time to; a clock that is set back makes it time."""
        if self._checked is not None and self._due is not None and self._checked <= moment < self._due:
            return
        self._checked = moment
        try:
            content = content_of(fetched_from(self.location, clients, self.largest), self.largest)
            # The same content stays the same object: verdicts are remembered by it.
            known = self.good is not None and self.good.content.digest == content.digest
            value = self.good.value if self.good is not None and known else self.parse(content.value)
        except (RegisterError, TrustError) as error:
            self.error, self._due = _named(error), moment + RETRY
            return
        self.good, self.error, self._due = Read(value, content, moment), None, moment + FRESH

    def counting(self, moment: datetime, kept: timedelta) -> Read[T] | None:
        """Return the version that counts: the current one, or the last good one if it is not older than `kept`.

        By a clock that was set back, a version may be of a time yet to come: nobody knows how old it is then.
        """
        if self.good is None or (self.error is not None and abs(moment - self.good.at) > kept):
            return None
        return self.good

    @property
    def reason(self) -> RegisterError:
        """Why it cannot be read."""
        return self.error or RegisterError("it was not read")


def _named(error: RegisterError | TrustError) -> RegisterError:
    if isinstance(error, RegisterError):
        return error
    faults = first_of([f"{at}: {reason}" for at, reason in error.problems], _NAMED)
    return RegisterError(f"it is not valid: {faults}", "it is not valid")
