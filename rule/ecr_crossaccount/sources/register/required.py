"""The statements that an organization requires, read from the same stores as a register, and validated before use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...documents.problems import first_of
from ...errors import RequiredError
from ...questions.plan.required import Required
from .content import Location, RegisterError
from .stores import EACH_TIME, Clients, Shelf

_NAMED = 3
"""The most faults that a message names."""


@dataclass(frozen=True, slots=True)
class HeldStatements:
    """The required statements at a moment. `required` is None if there is a `problem`.

    `problem` is why they cannot be used, short enough for an annotation. `stale` is why they cannot be read now, while
    the last good version is still in use. `detail` has more about these, for the log.
    """

    location: Location
    required: Required | None
    version: str | None = None
    digest: str | None = None
    problem: str | None = None
    stale: str | None = None
    detail: str | None = None

    @property
    def provenance(self) -> Mapping[str, object]:
        """The fields of the required statements in every line of the log."""
        return {
            "requiredStatements": str(self.location),
            "requiredStatementsVersion": self.version,
            "requiredStatementsSha256": self.digest,
        }

    def __str__(self) -> str:
        """Return the location and version, for a person."""
        return f"`{self.location}`, version {self.version or 'unknown'}, SHA-256 {self.digest or 'unknown'}"


class RequiredReader:
    """Required statements by their location. `now` returns the time in UTC. Keep one instance per container."""

    def __init__(self, clients: Clients, now: Callable[[], datetime]) -> None:
        self._clients = clients
        self._now = now
        self._shelves: dict[Location, Shelf[Required]] = {}

    def current(self, location: Location, kept: timedelta) -> HeldStatements:
        """Return the statements that are required now. Never raises for statements that cannot be read.

        `kept` is how long the last valid version stays in use after reading fails.
        """
        moment = self._now()
        shelf = self._shelves.setdefault(location, Shelf(location, _required_in, fresh=EACH_TIME))
        shelf.look(self._clients, moment)
        read = shelf.counting(moment, kept)
        if read is None:
            problem = f"the required statements cannot be used ({shelf.reason.short})"
            return HeldStatements(location, None, problem=problem, detail=str(shelf.reason))
        held = HeldStatements(location, read.value, read.content.version, read.content.digest)
        if shelf.error is None:
            return held
        stale = f"the required statements cannot be read ({shelf.error.short}); their version of "
        stale += f"{read.at:%Y-%m-%dT%H:%MZ} counts"
        return HeldStatements(location, read.value, held.version, held.digest, stale=stale, detail=str(shelf.error))


def _required_in(value: object) -> Required:
    """Return the required statements in a JSON value. Raises RegisterError with the first faults."""
    try:
        return Required.parse(value)
    except RequiredError as error:
        faults = first_of([f"{at}: {reason}" for at, reason in error.problems], _NAMED)
        raise RegisterError(f"it is not valid: {faults}", "it is not valid") from None
