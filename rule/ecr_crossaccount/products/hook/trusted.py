"""The trust of the hook: the lists of its stack, and the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ...judgement.values.trust import Trust
from ...sources.aws import log
from ...sources.register.lists import together, trust_of
from .settings import Settings

if TYPE_CHECKING:
    from ...sources.register.reader import Held, RegisterReader


@dataclass(frozen=True, slots=True)
class Trusted:
    """`problem` is why the register trusts no one. `stale` is why an older version of it counts.

    `provenance` are the log fields about the register.
    """

    trust: Trust
    problem: str | None = None
    stale: str | None = None
    provenance: Mapping[str, object] = field(default_factory=dict)


class Registered:
    """The trust in the settings. Keep it for the life of a container. `clock` returns the time in UTC."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._reader: RegisterReader | None = None

    def now(self) -> Trusted:
        """Return the current trust. Never raises because of an unreadable register."""
        today = self._clock().date()
        lists = trust_of(self._settings.lists, today)
        if not self._settings.register:
            return Trusted(lists)
        held = self._held()
        if not held.is_current:
            log.warning(str(held.lacks or held.stale), register=str(held.location), reason=held.detail)
        return Trusted(together(lists.entries, held.trust, today), held.lacks, held.stale, held.provenance)

    def _held(self) -> Held:
        from ...sources.aws.clients import client_of  # noqa: PLC0415 - without a register, the SDK is not imported
        from ...sources.register.location import Location  # noqa: PLC0415
        from ...sources.register.reader import RegisterReader  # noqa: PLC0415

        if self._reader is None:
            self._reader = RegisterReader(client_of, self._clock)
        listed = self._settings.members
        members = Location.parse(listed) if listed else None
        return self._reader.current(Location.parse(self._settings.register), self._settings.keep, members)
