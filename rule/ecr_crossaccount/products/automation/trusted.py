"""The trust of the planning function: the lists and the register in the rule's parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...errors import InputError
from ...judgement.values.trust import Trust
from ...sources.register.lists import TrustSource

if TYPE_CHECKING:
    from ...sources.register.memory import Store


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
