"""The trust of the planning function, and its required statements, from the rule's parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...errors import InputError
from ...judgement.values.trust import Trust
from ...sources.aws import log
from ...sources.register.lists import REQUIRED_STATEMENTS, TrustSource

if TYPE_CHECKING:
    from ...questions.plan.required import Required
    from ...sources.register.memory import Store
    from ...sources.register.reader import Reader
    from ...sources.register.stores import Held


def source_of(parameters: Mapping[str, object], clock: Callable[[], datetime]) -> TrustSource:
    """Return the source of the trust in the rule's parameters. The register is read each time."""
    return TrustSource(parameters, clock, _store, fresh=timedelta())


def _store() -> Store | None:
    from ...sources.aws.clients import client_of
    from ...sources.register.memory import store_in_environment

    return store_in_environment(client_of, writes=False)


def trust_now(source: TrustSource) -> Trust:
    """Return the trust of the rule. Raises InputError if the register cannot be used now, or a loss waits.

    In the first case, the rule treats access that only the register trusts as outside, or uses an older version.
    Neither may cut anyone off. Nor may a register that takes much trust away at once, before you confirm it.
    """
    found = source.now()
    if found.held is None:
        return found.trust
    if not found.held.is_current:
        raise InputError(f"{found.held.lacks or found.held.stale}: {found.held.detail}")
    waits = found.memory and found.memory.waits(source.clock())
    if waits:
        raise InputError(f"the trust register has changed: {waits} (parameter RemediationConfirmedRegister)")
    return found.trust


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
