"""The statements that an organization requires, read from the same stores as a register, and validated before use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ...documents.problems import first_of
from ...errors import RequiredError
from ...questions.plan.required import Required
from .content import RegisterError
from .stores import Clients, Reader, Wording

_NAMED = 3
"""The most faults that a message names."""


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
