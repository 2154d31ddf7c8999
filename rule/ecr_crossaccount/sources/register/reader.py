"""The register in use: read, validated, and dropped if it cannot be read for too long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from ...judgement.values.members import Members
from ...judgement.values.trust import Trust
from .content import Location
from .stores import FRESH, Clients, Read, Shelf

if TYPE_CHECKING:
    from .memory import Memory  # only those that remember import it

KEPT = timedelta(hours=24)
"""The default for how long the last good version stays in use."""
LARGEST_MEMBERS = 16 * 1_048_576
"""The most bytes of a list of members, unpacked. 50,000 accounts take about 6,000,000."""


@dataclass(frozen=True, slots=True)
class Held:
    """The register's content at a moment. `trust` trusts no one if there is a `problem`.

    - `problem`: why the register cannot be used, short enough for an annotation.
    - `stale`: why the register cannot be read now, while the last good version is still in use.
    - `unlisted`: why no account is covered as a member of an organization.
    - `detail`: more about these, for the log.

    Each of the first three is a reason for an alarm.

    - `memory`: what is remembered of the register, or None if readers remember nothing.
    """

    location: Location
    trust: Trust
    version: str | None = None
    digest: str | None = None
    problem: str | None = None
    stale: str | None = None
    unlisted: str | None = None
    detail: str | None = None
    memory: Memory | None = None

    @property
    def is_current(self) -> bool:
        """Return whether this is everything that is published now, up to a delay of some minutes."""
        return self.problem is None and self.stale is None and self.unlisted is None

    @property
    def lacks(self) -> str | None:
        """Why less may be trusted than the register says, or None if nothing is missing."""
        return self.problem or self.unlisted

    @property
    def provenance(self) -> Mapping[str, object]:
        """The register's fields in every line of the log."""
        return {"register": str(self.location), "registerVersion": self.version, "registerSha256": self.digest}


class RegisterReader:
    """Registers by their location. `now` returns the time in UTC. Keep one instance for the life of a container.

    `fresh` is how long a version is used before it is read again. `memory_of` returns the memory of a location. Without
    it, registers are not remembered.
    """

    def __init__(
        self,
        clients: Clients,
        now: Callable[[], datetime],
        fresh: timedelta = FRESH,
        memory_of: Callable[[Location], Memory] | None = None,
    ) -> None:
        self._clients = clients
        self._now = now
        self._fresh = fresh
        self._memory_of = memory_of
        self._memories: dict[Location, Memory] = {}
        self._registers: dict[Location, Shelf[Trust]] = {}
        self._lists: dict[Location, Shelf[Members]] = {}

    def current(self, location: Location, kept: timedelta = KEPT, members: Location | None = None) -> Held:
        """Return the content of a register now. Never raises for a register that cannot be read.

        `kept` is how long the last valid version stays in use after reading fails. Its entries still expire. `members`
        is the location of the list of the organization's accounts, which is read only if an entry asks for members.
        """
        moment = self._now()
        shelf = self._registers.get(location)
        if shelf is None:
            shelf = self._registers[location] = Shelf(location, Trust.parse, fresh=self._fresh)
            if self._memory_of is not None:
                shelf.keeper = self._memories[location] = self._memory_of(location)
        shelf.look(self._clients, moment)
        held = replace(_held(shelf, moment, kept), memory=self._memories.get(location))
        if not held.trust.asks_for_members:
            return held
        return held if members is None else self.with_members(held, members, kept)

    def with_members(self, held: Held, location: Location, kept: timedelta = KEPT) -> Held:
        """Return the content of a register with the list of the organization's accounts at a location."""
        moment = self._now()
        shelf = self._lists.setdefault(location, Shelf(location, Members.parse, LARGEST_MEMBERS, self._fresh))
        shelf.look(self._clients, moment)
        read = shelf.counting(moment, kept)
        problem = str(shelf.reason) if read is None else read.value.problem(moment)
        if read is None or problem is not None:
            aged = "it is too old" if read is None or read.value.listed < moment else "it is from the future"
            short = shelf.reason.short if read is None else aged
            unlisted = f"the list of members cannot be used ({short})"
            return replace(held, unlisted=unlisted, detail=_joined(held.detail, f"{location}: {problem}"))
        trust = _knowing(held.trust, read.value)
        if shelf.error is None:
            return replace(held, trust=trust)
        stale = f"the list of members cannot be read ({shelf.error.short}); that of {_time(read)} counts"
        detail = _joined(held.detail, f"{location}: {shelf.error}")
        return replace(held, trust=trust, stale=held.stale or stale, detail=detail)


def _held(shelf: Shelf[Trust], moment: datetime, kept: timedelta) -> Held:
    read = shelf.counting(moment, kept)
    if read is None:
        problem = f"the trust register cannot be used ({shelf.reason.short})"
        return Held(shelf.location, Trust((), moment.date()), problem=problem, detail=str(shelf.reason))
    held = Held(shelf.location, _on(read.value, moment.date()), read.content.version, read.content.digest)
    if shelf.error is None:
        return held
    stale = f"the trust register cannot be used ({shelf.error.short}); its version of {_time(read)} counts"
    return replace(held, stale=stale, detail=str(shelf.error))


def _time(read: Read[Trust] | Read[Members]) -> str:
    return f"{read.at:%Y-%m-%dT%H:%MZ}"


def _joined(*details: str | None) -> str:
    return "; ".join(one for one in details if one)


@lru_cache(maxsize=8)
def _on(trust: Trust, today: date) -> Trust:
    """Return a register as of a day. The same arguments return the same object, because verdicts are cached by it."""
    return replace(trust, today=today)


@lru_cache(maxsize=8)
def _knowing(trust: Trust, members: Members) -> Trust:
    """Return a register with members. The same arguments return the same object."""
    return replace(trust, members=members)
