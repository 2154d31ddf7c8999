"""The register in use: read, validated, kept for minutes, and given up when it cannot be read for too long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .. import Trust
from ..errors import TrustError
from ..policy.problems import first_of
from .content import Content, content_of
from .location import Location, RegisterError
from .stores import Clients, fetched_from

FRESH = timedelta(minutes=5)
"""For how long a register that was read is used without looking again."""
RETRY = timedelta(seconds=30)
"""After what time a register that could not be read is tried again."""
KEPT = timedelta(hours=24)
"""For how long the last good version counts, at most, where nothing else is said."""
_NAMED = 3
"""Faults of a register that a message names."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a register says now. `trust` trusts nobody where there is a `problem`.

    `problem`: why the register cannot be used, short enough for an annotation. `stale`: why it cannot be read now,
    while the last good version still counts. Either is worth an alarm; `detail` says more, for the log.
    """

    location: Location
    trust: Trust
    version: str | None = None
    digest: str | None = None
    problem: str | None = None
    stale: str | None = None
    detail: str | None = None

    @property
    def is_current(self) -> bool:
        """Tell whether this is what is published now, up to some minutes."""
        return self.problem is None and self.stale is None

    @property
    def provenance(self) -> Mapping[str, object]:
        """What every line of the log says of the register."""
        return {"register": str(self.location), "registerVersion": self.version, "registerSha256": self.digest}


@dataclass(slots=True)
class _Shelf:
    """What is known of one location."""

    checked: datetime
    due: datetime
    content: Content | None = None
    trust: Trust | None = None
    read: datetime | None = None
    error: RegisterError | None = None


class RegisterReader:
    """Registers by their location. `now` returns the time in UTC; to be kept for the life of a container."""

    def __init__(self, clients: Clients, now: Callable[[], datetime]) -> None:
        self._clients = clients
        self._now = now
        self._shelves: dict[Location, _Shelf] = {}

    def current(self, location: Location, kept: timedelta = KEPT) -> Held:
        """Return what a register says now; never raises for one that cannot be read.

        `kept`: for how long the last version that was read and valid counts once that fails. Its last days still end.
        """
        moment = self._now()
        shelf = self._shelves.get(location)
        if shelf is None:
            shelf = self._shelves[location] = _Shelf(moment, moment)
        if moment >= shelf.due or moment < shelf.checked:
            self._look(shelf, location, moment)
        return _held(shelf, location, moment, kept)

    def _look(self, shelf: _Shelf, location: Location, moment: datetime) -> None:
        shelf.checked = moment
        try:
            content = content_of(fetched_from(location, self._clients))
            trust = Trust.parse(content.value, today=moment.date())
        except (RegisterError, TrustError) as error:
            shelf.error, shelf.due = _named(error), moment + RETRY
            return
        if shelf.content is None or shelf.content.digest != content.digest:
            shelf.trust = trust  # the same register stays the same object: verdicts are remembered by it
        shelf.content, shelf.read, shelf.error, shelf.due = content, moment, None, moment + FRESH


def _named(error: RegisterError | TrustError) -> RegisterError:
    if isinstance(error, RegisterError):
        return error
    faults = first_of([f"{at}: {reason}" for at, reason in error.problems], _NAMED)
    return RegisterError(f"it is no register: {faults}", "it is no valid register")


def _held(shelf: _Shelf, location: Location, moment: datetime, kept: timedelta) -> Held:
    error, content, today = shelf.error, shelf.content, moment.date()
    if content is None or shelf.trust is None or shelf.read is None or (error and moment - shelf.read > kept):
        reason = error or RegisterError("it was not read")
        problem = f"the trust register cannot be used ({reason.short})"
        return Held(location, Trust((), today), problem=problem, detail=str(reason))
    if shelf.trust.today != today:
        shelf.trust = replace(shelf.trust, today=today)
    held = Held(location, shelf.trust, content.version, content.digest)
    if error is None:
        return held
    stale = f"the trust register cannot be read ({error.short}); its version of {shelf.read:%Y-%m-%dT%H:%MZ} counts"
    return replace(held, stale=stale, detail=str(error))
