"""The settings in the hook's stack, and the trust that they give: lists and the register.

They say where the hook runs, its organization, and what fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ...judgement.values.trust import Trust
from ...sources.aws import log
from ...sources.register.lists import in_words, together, trust_of

if TYPE_CHECKING:
    from ...sources.register.reader import Held, RegisterReader


class Fails(StrEnum):
    """The grants that fail a deployment: all, or only those that the previous policy did not give."""

    ALL = "all"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings for every request.

    - `organization`: the organization of `self`.
    - `lists`: the trust in the stack's own parameters.
    - `register`: where the trust register is, or "" if there is none.
    - `keep`: how long the last good version of the register counts.
    - `members`: where the list of the organization's accounts is, or "" if there is none.
    - `docs`: where the documentation is published, or "".
    - `judges_resources`: whether the hook is called for the resources of stacks, and not only for change sets and the
      Cloud Control API.
    - `table`: the table that remembers the register, or "". It has the function's name.
    """

    region: str
    organization: str | None = None
    fails: Fails = Fails.ALL
    lists: Mapping[str, object] = field(default_factory=dict)
    docs: str = ""
    register: str = ""
    keep: timedelta = timedelta(hours=24)
    members: str = ""
    judges_resources: bool = False
    table: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """Read the function's environment.

        Raises KeyError or ValueError, because an incomplete function must not answer.
        """
        return cls(
            environment["AWS_REGION"],
            environment.get("ORGANIZATION") or None,
            Fails(environment.get("HOOK_FAILS", Fails.ALL)),
            json.loads(environment.get("RULE_PARAMETERS", "{}")),
            environment.get("ECR_CROSSACCOUNT_DOCS_URL", "").rstrip("/"),
            environment.get("TRUST_REGISTER", ""),
            timedelta(hours=int(environment.get("TRUST_REGISTER_KEEP_HOURS", "24"))),
            environment.get("TRUST_MEMBERS", ""),
            "RESOURCE" in [one.strip() for one in environment.get("HOOK_OPERATIONS", "").split(",")],
            environment.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        )


@dataclass(frozen=True, slots=True)
class Trusted:
    """`problem` is why the register trusts no one. `stale` is why an older version of it counts.

    `provenance` are the log fields about the register. `told` is the trust in words.
    """

    trust: Trust
    problem: str | None = None
    stale: str | None = None
    provenance: Mapping[str, object] = field(default_factory=dict)
    told: str = "nobody"


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
            return Trusted(lists, told=in_words(lists.entries, None))
        held = self._held()
        if not held.is_current:
            log.warning(str(held.lacks or held.stale), register=str(held.location), reason=held.detail)
        trust = together(lists.entries, held.trust, today)
        return Trusted(trust, held.lacks, held.stale, held.provenance, in_words(lists.entries, held))

    def _held(self) -> Held:
        from ...sources.aws.clients import client_of  # noqa: PLC0415 - without a register, the SDK is not imported
        from ...sources.register.content import Location  # noqa: PLC0415
        from ...sources.register.memory import InTable, Memory  # noqa: PLC0415
        from ...sources.register.reader import RegisterReader  # noqa: PLC0415

        if self._reader is None:
            store = InTable(client_of, self._settings.table) if self._settings.table else None
            self._reader = RegisterReader(client_of, self._clock, memory_of=Memory.kept_in(store))
        listed = self._settings.members
        members = Location.parse(listed) if listed else None
        return self._reader.current(Location.parse(self._settings.register), self._settings.keep, members)
