"""The settings that the stack gives the function, and the trust that the register gives at the time of a call.

Problems of the register limit that trust.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Self

from ...judgement.values.trust import Trust
from ...sources.aws import log
from ...sources.aws.organizations import Membership, membership_of
from ...sources.register.content import Location
from ...sources.register.lists import TRUST_MEMBERS, TRUST_REGISTER, in_words, together, trust_of
from ...sources.register.memory import InTable, Memory
from ...sources.register.reader import Held, RegisterReader
from ...sources.register.stores import FRESH
from .memory import Clients


class Writes(Enum):
    """The writes from outside that are reported."""

    NONE = "None"
    UNTRUSTED = "Untrusted"
    ALL = "All"


@dataclass(frozen=True, slots=True)
class Settings:
    """The function's settings. `parameters` are those of the rule, because rule and alarms must trust the same.

    `keep` is how long the last good version of the trust register counts while it cannot be read.
    """

    topic: str
    table: str
    parameters: Mapping[str, object]
    writes: Writes
    window: timedelta
    keep: timedelta

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> Self:
        """Read the environment. Raises KeyError or ValueError if the stack and the function do not match."""
        return cls(
            environment["TOPIC_ARN"],
            environment["TABLE_NAME"],
            json.loads(environment["RULE_PARAMETERS"]),
            Writes(environment["WRITES"]),
            timedelta(minutes=int(environment["WRITE_WINDOW_MINUTES"])),
            timedelta(hours=int(environment["TRUST_REGISTER_KEEP_HOURS"])),
        )


@dataclass(frozen=True, slots=True)
class Trusted:
    """The trust for one account. `organization` is its own, and `problems` are reasons why too little may be trusted.

    `unread` is the reason why the register cannot be used now, even if an earlier version counts. `held` is what was
    read, or None if the stack names no register. `told` is the trust in words.
    """

    trust: Trust
    organization: str | None
    problems: tuple[str, ...]
    unread: str | None
    held: Held | None = None
    told: str = "nobody"


@dataclass(frozen=True, slots=True)
class _Factory:
    """The clients, in the form that the rule's lookup of an organization needs."""

    clients: Clients

    def build_client(self, service: str) -> object:
        """Return the client of a service."""
        return self.clients(service)


class Trusting:
    """The lists and the register of the stack, read as the rule reads them. Keep it for the life of a container."""

    def __init__(self, settings: Settings, clients: Clients, now: Callable[[], datetime]) -> None:
        self._parameters = settings.parameters
        self._keep = settings.keep
        self._clients = _Factory(clients)
        self._now = now
        self._looked_up: dict[str, tuple[datetime, Membership]] = {}
        self._reader = RegisterReader(clients, now, memory_of=Memory.kept_in(InTable(clients, settings.table)))

    def of(self, account: str) -> Trusted:
        """Return the current trust for an account's repositories. Raises TrustError, ClientError."""
        lists = trust_of(self._parameters, self._now().date())
        held = self._held()
        trust = lists if held is None else together(lists.entries, held.trust, lists.today)
        unread = None if held is None else _unread(held)
        own = self._membership(account) if trust.names_self else Membership(None)
        problems = tuple(one for one in (unread, own.problem) if one)
        return Trusted(trust, own.organization, problems, unread, held, in_words(lists.entries, held))

    def _held(self) -> Held | None:
        """Return the content of the register, or None if the stack names none. Raises RegisterError."""
        register, members = self._location(TRUST_REGISTER), self._location(TRUST_MEMBERS)
        if register is None:
            return None
        held = self._reader.current(register, self._keep, members)
        log.info("register read", **held.provenance, reason=held.detail)
        return held

    def _location(self, parameter: str) -> Location | None:
        named = str(self._parameters.get(parameter) or "").strip()
        return Location.parse(named) if named else None

    def _membership(self, account: str) -> Membership:
        """Return the organization of `self`, as it was read in the last minutes.

        A denied lookup is not kept, so that a new permission counts at once.
        """
        moment, known = self._now(), self._looked_up.get(account)
        if known is not None and known[0] <= moment < known[0] + FRESH:
            return known[1]
        found = membership_of(self._clients)
        if found.problem is None:
            self._looked_up[account] = moment, found
        return found


def _unread(held: Held) -> str | None:
    """Return why a register may be incomplete or outdated, or None if it is complete."""
    if held.problem is not None:
        return f"{held.problem}, so nobody is trusted by it"
    return held.unlisted or held.stale
