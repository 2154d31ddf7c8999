"""The required statements when the planning function plans, read from the place in the rule's parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...sources.aws import log
from ...sources.register.lists import REQUIRED_STATEMENTS

if TYPE_CHECKING:
    from ...questions.plan.required import Required
    from ...sources.register.reader import Reader
    from ...sources.register.stores import Held

_NOT_KEPT = timedelta()


class Requiring:
    """The statements that `parameters` require. Keep it for the life of a container. `clock` returns UTC."""

    def __init__(self, parameters: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self._place = parameters.get(REQUIRED_STATEMENTS, "").strip()
        self._clock = clock
        self._reader: Reader[Required | None] | None = None

    def now(self) -> Held[Required | None] | None:
        """Return the statements that are required now, or None if the parameters name no place.

        An earlier version never counts: only what can be read now may be added to policies.
        """
        if not self._place:
            return None
        from ...sources.aws.clients import client_of
        from ...sources.register.content import Location
        from ...sources.register.reader import required_reader

        if self._reader is None:
            self._reader = required_reader(client_of, self._clock)
        held = self._reader.current(Location.parse(self._place), _NOT_KEPT)
        if held.problem:
            log.warning(held.problem, place=self._place, reason=held.detail)
        else:
            log.info("required statements read", **held.provenance)
        return held
