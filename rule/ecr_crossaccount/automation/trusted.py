"""Whom the planning function trusts: what the rule's parameters say, lists and register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from .. import Trust
from ..config_rule.lists import TRUST_MEMBERS, TRUST_REGISTER, trust_of
from .planner import PlanningError

if TYPE_CHECKING:
    from ..register.reader import RegisterReader


class Trusted:
    """The trust that `parameters` say; to be kept for the life of a container. `clock` returns the time in UTC."""

    def __init__(self, parameters: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self.parameters = parameters
        self.clock = clock
        self._reader: RegisterReader | None = None

    def now(self) -> Trust:
        """Return whom the rule trusts. Raises PlanningError where the register cannot be read now.

        The rule then counts what only the register trusts as outside, or goes by an older version. Neither may cut
        anybody off.
        """
        lists = trust_of(self.parameters, self.clock().date())
        text = self.parameters.get(TRUST_REGISTER, "").strip()
        return self._with_register(lists, text) if text else lists

    def _with_register(self, lists: Trust, text: str) -> Trust:
        from ..register.clients import client_of
        from ..register.location import Location
        from ..register.reader import RegisterReader

        if self._reader is None:
            self._reader = RegisterReader(client_of, self.clock)
        members = self.parameters.get(TRUST_MEMBERS, "").strip()
        held = self._reader.current(Location.parse(text), members=Location.parse(members) if members else None)
        if not held.is_current:
            raise PlanningError(f"{held.lacks or held.stale}: {held.detail}")
        return replace(held.trust, entries=(*lists.entries, *held.trust.entries), today=lists.today)
