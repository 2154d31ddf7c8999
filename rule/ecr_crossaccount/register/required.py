"""The statements that an organization requires, read where a register can be, and validated before they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..errors import RequiredError
from ..policy.problems import first_of
from ..remedy.required import Required
from .location import Location, RegisterError
from .shelf import Shelf
from .stores import Clients

_NAMED = 3
"""Faults that a message names."""


@dataclass(frozen=True, slots=True)
class HeldStatements:
    """What is required now; `required` is None where there is a `problem`.

    `problem`: why it cannot be used, short enough for an annotation. `stale`: why it cannot be read now, while the last
    good version still counts. `detail` says more, for the log.
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
        """What every line of the log says of them."""
        return {
            "requiredStatements": str(self.location),
            "requiredStatementsVersion": self.version,
            "requiredStatementsSha256": self.digest,
        }

    def __str__(self) -> str:
        """Say for a person which version this is."""
        return f"`{self.location}`, version {self.version or 'unknown'}, SHA-256 {self.digest or 'unknown'}"


class RequiredReader:
    """Required statements by their location. `now` returns the time in UTC; to be kept for the life of a container."""

    def __init__(self, clients: Clients, now: Callable[[], datetime]) -> None:
        self._clients = clients
        self._now = now
        self._shelves: dict[Location, Shelf[Required]] = {}

    def current(self, location: Location, kept: timedelta) -> HeldStatements:
        """Return what is required now; never raises for what cannot be read.

        `kept`: for how long the last version that was read and valid counts once that fails.
        """
        moment = self._now()
        shelf = self._shelves.setdefault(location, Shelf(location, _required_in))
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
    """Return what a JSON value requires. Raises RegisterError that names the first faults."""
    try:
        return Required.parse(value)
    except RequiredError as error:
        faults = first_of([f"{at}: {reason}" for at, reason in error.problems], _NAMED)
        raise RegisterError(f"it is not valid: {faults}", "it is not valid") from None
