"""Reads the statements that a rule requires of every policy, as a register is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ...sources.aws import log, metrics
from ...sources.register.location import Location
from ...sources.register.required import RequiredReader
from .parameters import Parameters
from .registered import client


class Requirements:
    """Required statements by location. Keep it for the life of a container. `now` returns UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._reader = RequiredReader(client, now)

    def applied(self, parameters: Parameters, location: Location) -> Parameters:
        """Return the parameters with the statements at a location. Never raises because of unreadable statements."""
        held = self._reader.current(location, timedelta(hours=parameters.keep_hours))
        if held.problem or held.stale:
            metrics.count(metrics.Metric.REGISTER)
            log.warning(str(held.problem or held.stale), place=str(location), reason=held.detail)
        provenance = {**parameters.provenance, **held.provenance}
        return replace(parameters, required=held, provenance=provenance)
