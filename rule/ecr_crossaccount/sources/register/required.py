"""The statements that an organization requires, read from the same stores as a register, and validated before use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ...documents.problems import first_of
from ...errors import RequiredError
from ...questions.plan.required import Required
from .content import Location, RegisterError
from .stores import EACH_TIME, Clients, Held, Shelf, Wording

T = TypeVar("T")

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


_WORDING = Wording(
    "requiredStatements",
    "the required statements cannot be used ({})",
    "the required statements cannot be read ({}); their version of {} counts",
)


def required_reader(clients: Clients, now: Callable[[], datetime]) -> Reader[Required | None]:
    """Return a reader of required statements. Their value is None if they cannot be used."""
    return Reader(clients, now, _required_in, _WORDING, None)


def _required_in(value: object) -> Required | None:
    """Return the required statements in a JSON value. Raises RegisterError with the first faults."""
    try:
        return Required.parse(value)
    except RequiredError as error:
        faults = first_of([f"{at}: {reason}" for at, reason in error.problems], _NAMED)
        raise RegisterError(f"it is not valid: {faults}", "it is not valid") from None
