"""The content of one location: read again when it is no longer fresh, and dropped if that fails for too long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from ...documents.problems import first_of
from ...errors import TrustError
from .content import LARGEST, Content, content_of
from .location import Location, RegisterError
from .stores import Clients, fetched_from

FRESH = timedelta(minutes=5)
"""How long content is used before it is read again."""
EACH_TIME = timedelta()
"""The same for content that is read each time, because AWS Config keeps a result longer than any content is fresh."""
RETRY = timedelta(seconds=30)
"""How long after a failure a location is read again, if it is not read each time."""
_NAMED = 3
"""The most faults that a message names."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A valid version, and when it was read."""

    value: T
    content: Content
    at: datetime


class UncertainError(RegisterError):
    """It cannot be determined whether a version is the newest one."""


class Keeper(Protocol[T]):
    """Remembers the version that counts, and refuses an older one."""

    def admit(self, value: T, content: Content, moment: datetime) -> None:
        """Remember a version that was read. Raises UncertainError, and RegisterError if it must not be used."""

    def last(self, good: Read[T] | None, moment: datetime) -> Read[T] | None:
        """Return the version to use instead of one that cannot be used. `good` is the last one that was used here."""


@dataclass(slots=True)
class Shelf(Generic[T]):
    """One location. `parse` converts its JSON value, and raises TrustError.

    `fresh` is how long a version is used before it is read again. `good` is the last valid version. `error` is why
    there is no newer one, or why it is not known whether there is, or None if it is current.
    """

    location: Location
    parse: Callable[[object], T]
    largest: int = LARGEST
    fresh: timedelta = FRESH
    keeper: Keeper[T] | None = None
    good: Read[T] | None = None
    error: RegisterError | None = None
    _checked: datetime | None = field(default=None, init=False)
    _due: datetime | None = field(default=None, init=False)

    def look(self, clients: Clients, moment: datetime) -> None:
        """Read the location if it is due. A clock that is set back makes it due."""
        if self._checked is not None and self._due is not None and self._checked <= moment < self._due:
            return
        self._checked = moment
        try:
            read, self.error = self._read(clients, moment)
        except (RegisterError, TrustError) as error:
            self.error, self._due = _named(error), moment + min(RETRY, self.fresh)
            self.good = self.good if self.keeper is None else self.keeper.last(self.good, moment)
            return
        self.good, self._due = read, moment + (self.fresh if self.error is None else min(RETRY, self.fresh))

    def _read(self, clients: Clients, moment: datetime) -> tuple[Read[T], RegisterError | None]:
        """Return the version at the location, and why it may not be the newest. Raises RegisterError, TrustError."""
        known = None if self.good is None else self.good.content
        content = content_of(fetched_from(self.location, clients, self.largest), self.largest, known)
        # The same content stays the same object, because verdicts are cached by it.
        is_known = self.good is not None and self.good.content.digest == content.digest
        value = self.good.value if self.good is not None and is_known else self.parse(content.value)
        read = Read(value, content, moment)
        try:
            if self.keeper is not None:
                self.keeper.admit(value, content, moment)
        except UncertainError as error:
            return read, error
        return read, None

    def counting(self, moment: datetime, kept: timedelta) -> Read[T] | None:
        """Return the version in use: the current one, or the last good one if it is not older than `kept`.

        If the clock was set back, a version may have a time in the future, and its age is unknown.
        """
        if self.good is None or (self.error is not None and abs(moment - self.good.at) > kept):
            return None
        return self.good

    @property
    def reason(self) -> RegisterError:
        """Why the location cannot be read."""
        return self.error or RegisterError("it was not read")


def _named(error: RegisterError | TrustError) -> RegisterError:
    if isinstance(error, RegisterError):
        return error
    faults = first_of([f"{at}: {reason}" for at, reason in error.problems], _NAMED)
    return RegisterError(f"it is not valid: {faults}", "it is not valid")
