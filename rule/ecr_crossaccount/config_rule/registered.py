"""The trust register that a rule names, put beside its lists; told in the log, and counted where it cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from .. import Trust
from ..access.trust import Entry
from ..register.clients import client_of
from ..register.location import Location
from ..register.reader import RegisterReader
from . import log, metrics
from .lists import together
from .parameters import Parameters

_SOON = 30
"""Days before its last day from which an approval is noted."""
_NOTED = 100
"""Entries that a line of the log names."""


class Registers:
    """The registers of the rules that a container serves. `now` returns the time in UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._reader = RegisterReader(client, now)

    def applied(self, parameters: Parameters, location: Location) -> Parameters:
        """Return parameters that trust what the register trusts besides; who only it trusts, only while it is good."""
        held = self._reader.current(location, timedelta(hours=parameters.keep_hours), parameters.members)
        if not held.is_current:
            metrics.count(metrics.Metric.REGISTER)
            log.warning(str(held.lacks or held.stale), register=str(location), reason=held.detail)
        trust = together(parameters.trust.entries, held.trust, parameters.trust.today)
        return replace(
            parameters, trust=trust, trusts_self=trust.names_self, problem=held.lacks, provenance=held.provenance
        )

    def tell_ending(self, trust: Trust) -> None:
        """Write which approvals end soon, the first ones first, where there are any."""
        ending = sorted(trust.expiring(_SOON), key=lambda entry: str(entry.expires))
        if ending:
            told = [_told(one) for one in ending[:_NOTED]]
            log.info(f"approvals end within {_SOON} days", number=len(ending), ending=told)


def _told(entry: Entry) -> Mapping[str, object]:
    return {
        "subject": entry.subject.value,
        "name": entry.name,
        "access": entry.access.value,
        "repositories": entry.repositories,
        "owner": entry.owner,
        "expires": str(entry.expires),
    }


def client(service: str) -> Any:  # noqa: ANN401 - see `client_of`
    """Return the client of a service that holds registers, whose calls are counted."""
    found = client_of(service)
    found.meta.events.register("request-created", metrics.count_call, unique_id="ecr-crossaccount-count")
    return found
