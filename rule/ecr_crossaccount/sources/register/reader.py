"""The register in use, and required statements: read, validated, and dropped if they cannot be read for too long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

from ...documents.problems import first_of
from ...errors import RequiredError
from ...judgement.values.members import Members
from ...judgement.values.trust import Trust
from .content import Location, RegisterError
from .stores import EACH_TIME, FRESH, Clients, Held, Shelf, Wording

if TYPE_CHECKING:
    from ...questions.plan.required import Required
    from .memory import Memory  # only those that remember import it

T = TypeVar("T")

KEPT = timedelta(hours=24)
"""The default for how long the last good version stays in use."""
LARGEST_MEMBERS = 16 * 1_048_576
"""The most bytes of a list of members, unpacked. 50,000 accounts take about 6,000,000."""


_REGISTER = Wording(
    "register",
    "the trust register cannot be used ({})",
    "the trust register cannot be used ({}); its version of {} counts",
)


class RegisterReader:
    """Registers by their location. `now` returns the time in UTC. Keep one instance for the life of a container.

    `fresh` is how long a version is used before it is read again. `memory_of` returns the memory of a location. Without
    it, registers are not remembered. `memories` has those of the locations that were read.
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
        self.memories: dict[Location, Memory] = {}
        self._registers: dict[Location, Shelf[Trust]] = {}
        self._lists: dict[Location, Shelf[Members]] = {}

    def current(self, location: Location, kept: timedelta = KEPT, members: Location | None = None) -> Held[Trust]:
        """Return the content of a register now. Never raises for a register that cannot be read.

        `kept` is how long the last valid version stays in use after reading fails. Its entries still expire. `members`
        is the location of the list of the organization's accounts, which is read only if an entry asks for members.
        """
        moment = self._now()
        shelf = self._registers.get(location)
        if shelf is None:
            shelf = self._registers[location] = Shelf(location, Trust.parse, fresh=self._fresh)
            if self._memory_of is not None:
                shelf.keeper = self.memories[location] = self._memory_of(location)
        held = shelf.current(self._clients, moment, kept, _REGISTER, Trust(()))
        held = replace(held, value=_trust_on_day(held.value, moment.date()))
        if not held.value.asks_for_members:
            return held
        return held if members is None else self.with_members(held, members, kept)

    def with_members(self, held: Held[Trust], location: Location, kept: timedelta = KEPT) -> Held[Trust]:
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
            return replace(held, unlisted=unlisted, detail=_join_details(held.detail, f"{location}: {problem}"))
        trust = _knowing(held.value, read.value)
        if shelf.error is None:
            return replace(held, value=trust)
        stale = f"the list of members cannot be read ({shelf.error.short}); that of {read.time} counts"
        detail = _join_details(held.detail, f"{location}: {shelf.error}")
        return replace(held, value=trust, stale=held.stale or stale, detail=detail)


def _join_details(*details: str | None) -> str:
    return "; ".join(detail for detail in details if detail)


@lru_cache(maxsize=8)
def _trust_on_day(trust: Trust, today: date) -> Trust:
    """Return a register as of a day. The same arguments return the same object, because verdicts are cached by it."""
    return replace(trust, today=today)


@lru_cache(maxsize=8)
def _knowing(trust: Trust, members: Members) -> Trust:
    """Return a register with members. The same arguments return the same object."""
    return replace(trust, members=members)


_NAMED = 3
"""The most faults that a message names."""


class Reader(Generic[T]):
    """Content by its location, read each time. `now` returns the time in UTC. Keep one instance per container.

    `parse` converts a JSON value, and raises RegisterError. `nothing` counts if the content cannot be used.
    """

    def __init__(
        self, clients: Clients, now: Callable[[], datetime], parse: Callable[[object], T], wording: Wording, nothing: T
    ) -> None:
        self._clients = clients
        self._now = now
        self._parse = parse
        self._wording = wording
        self._nothing = nothing
        self._shelves: dict[Location, Shelf[T]] = {}

    def current(self, location: Location, kept: timedelta) -> Held[T]:
        """Return the content of a location now. Never raises for content that cannot be read.

        `kept` is how long the last valid version stays in use after reading fails.
        """
        shelf = self._shelves.setdefault(location, Shelf(location, self._parse, fresh=EACH_TIME))
        return shelf.current(self._clients, self._now(), kept, self._wording, self._nothing)


_REQUIRED = Wording(
    "requiredStatements",
    "the required statements cannot be used ({})",
    "the required statements cannot be read ({}); their version of {} counts",
)


def required_reader(clients: Clients, now: Callable[[], datetime]) -> Reader[Required | None]:
    """Return a reader of required statements. Their value is None if they cannot be used."""
    return Reader(clients, now, _required_in, _REQUIRED, None)


def _required_in(value: object) -> Required | None:
    from ...questions.plan.required import Required  # noqa: PLC0415 - few read statements

    try:
        return Required.parse(value)
    except RequiredError as error:
        faults = first_of([f"{at}: {reason}" for at, reason in error.problems], _NAMED)
        raise RegisterError(f"it is not valid: {faults}", "it is not valid") from None
