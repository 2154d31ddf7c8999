"""The trust of the planning function: the lists and the register in the rule's parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ...errors import InputError
from ...judgement.values.trust import Trust
from ...sources.register.lists import TRUST_MEMBERS, TRUST_REGISTER, trust_of

if TYPE_CHECKING:
    from ...sources.register.reader import RegisterReader


class Trusted:
    """The trust in `parameters`. Keep it for the life of a container. `clock` returns the time in UTC."""

    def __init__(self, parameters: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self.parameters = parameters
        self.clock = clock
        self._reader: RegisterReader | None = None

    def now(self) -> Trust:
        """Return the trust of the rule. Raises InputError if the register cannot be used now, or a loss waits.

        In the first case, the rule treats access that only the register trusts as outside, or uses an older version.
        Neither may cut anyone off. Nor may a register that takes much trust away at once, before you confirm it.
        """
        lists = trust_of(self.parameters, self.clock().date())
        text = self.parameters.get(TRUST_REGISTER, "").strip()
        return self._with_register(lists, text) if text else lists

    def _with_register(self, lists: Trust, text: str) -> Trust:
        from ...sources.aws.clients import client_of
        from ...sources.register.content import Location
        from ...sources.register.memory import Memory, store_in_environment
        from ...sources.register.reader import RegisterReader
        from ...sources.register.stores import EACH_TIME

        if self._reader is None:
            memory_of = Memory.kept_in(store_in_environment(client_of, writes=False))
            self._reader = RegisterReader(client_of, self.clock, EACH_TIME, memory_of)
        members = self.parameters.get(TRUST_MEMBERS, "").strip()
        held = self._reader.current(Location.parse(text), members=Location.parse(members) if members else None)
        if not held.is_current:
            raise InputError(f"{held.lacks or held.stale}: {held.detail}")
        waits = held.memory and held.memory.waits(self.clock())
        if waits:
            raise InputError(f"the trust register has changed: {waits} (parameter RemediationConfirmedRegister)")
        return replace(held.trust, entries=(*lists.entries, *held.trust.entries), today=lists.today)
