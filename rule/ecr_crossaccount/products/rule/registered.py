"""Adds the trust register that a rule names to its lists. Logs it, and counts problems with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...sources.aws import log, metrics
from ...sources.aws.clients import client_of
from ...sources.register.lists import together
from ...sources.register.location import Location
from ...sources.register.reader import RegisterReader
from ...sources.register.shelf import EACH_TIME
from .parameters import Parameters

_SOON = 30
"""The days before its last day in which an approval is logged."""
_WEEK = 7
"""The days before its last day in which an approval is counted, for an alarm."""
_NOTED = 100
"""The most entries that a line of the log names."""


class Registers:
    """The registers of the rules that a container serves. `now` returns the time in UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._reader = RegisterReader(client, now, EACH_TIME)

    def applied(self, parameters: Parameters, location: Location) -> Parameters:
        """Return the parameters with the register's trust added. It counts only while the register is usable."""
        held = self._reader.current(location, timedelta(hours=parameters.keep_hours), parameters.members)
        if not held.is_current:
            metrics.count(metrics.Metric.REGISTER)
            log.warning(str(held.lacks or held.stale), register=str(location), reason=held.detail)
        trust = together(parameters.trust.entries, held.trust, parameters.trust.today)
        return replace(
            parameters, trust=trust, trusts_self=trust.names_self, problem=held.lacks, provenance=held.provenance
        )

    def tell_ending(self, trust: Trust) -> None:
        """Log the approvals that end soon, the earliest first, if there are any. Count those that end within a week."""
        metrics.count(metrics.Metric.ENDING, len(trust.expiring(_WEEK)))
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
    """Return the client of a service that stores registers. Its calls are counted."""
    found = client_of(service)
    found.meta.events.register("request-created", metrics.count_call, unique_id="ecr-crossaccount-count")
    return found
