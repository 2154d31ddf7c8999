"""Reads the resource control policies that a rule names, as a register is read. They count only while readable.

No earlier version counts after that, because a detached policy must not keep a repository compliant.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ...documents.problems import first_of
from ...judgement.control import control_statements
from ...sources.aws import log, metrics
from ...sources.register.location import Location, RegisterError
from ...sources.register.shelf import EACH_TIME, Shelf
from .beneath import ControlPolicies
from .parameters import Parameters
from .registered import client

_NOT_KEPT = timedelta()
_NAMED = 3
"""The most problems that the log names."""


class ControlPolicyReader:
    """Resource control policies by location. Keep it for the life of a container. `now` returns UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._shelves: dict[Location, Shelf[tuple[str, ...]]] = {}

    def applied(self, parameters: Parameters, location: Location) -> Parameters:
        """Return the parameters with the policies at a location. Never raises because of unreadable policies."""
        found = self._current(location)
        provenance = {**parameters.provenance, **found.provenance}
        return replace(parameters, control_policies=found, provenance=provenance)

    def _current(self, location: Location) -> ControlPolicies:
        moment = self._now()
        shelf = self._shelves.setdefault(location, Shelf(location, texts_of, fresh=EACH_TIME))
        shelf.look(client, moment)
        read = shelf.counting(moment, _NOT_KEPT)
        if read is not None:
            return ControlPolicies(location, read.value, read.content.version, read.content.digest)
        metrics.count(metrics.Metric.REGISTER)
        log.warning("resource control policies cannot be used", place=str(location), reason=str(shelf.reason))
        return ControlPolicies(location, problem=shelf.reason.short)


def texts_of(value: object) -> tuple[str, ...]:
    """Return the policies in a JSON value, which is one or an array. Raises RegisterError for an invalid policy."""
    found = value if isinstance(value, list) else [value]
    texts = tuple(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in found)
    if not texts:
        raise RegisterError("it holds no resource control policy")
    _, invalid = control_statements(texts)
    if invalid:
        faults = first_of([f"{one.at}: {one.reason}" for one in invalid], _NAMED)
        raise RegisterError(f"it is not valid: {faults}", "it is not valid")
    return texts
