"""The settings that the stack gives the function, and the trust that the register gives at the time of a call.

Problems of the register limit that trust.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Self

from ...judgement.values.trust import Trust
from ...memo import by_value
from ...sources.aws import log
from ...sources.aws.owner import Membership, membership_of
from ...sources.register.lists import TrustNow, TrustSource
from ...sources.register.memory import InTable
from ...sources.register.stores import FRESH, Clients, Held


class Writes(Enum):
    """The writes from outside that are reported."""

    NONE = "None"
    UNTRUSTED = "Untrusted"
    ALL = "All"


@by_value
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


@by_value
class AccountTrust(TrustNow):
    """The trust for one account. `organization` is its own, and `problems` are reasons why too little may be trusted.

    `unread` is the reason why the register cannot be used now, even if an earlier version counts.
    """

    organization: str | None = None
    problems: tuple[str, ...] = ()
    unread: str | None = None


class TrustByAccount:
    """The trust of the stack for each account. Keep it for the life of a container. `now` returns the time in UTC."""

    def __init__(self, settings: Settings, clients: Clients, now: Callable[[], datetime]) -> None:
        self._clients = clients
        self._now = now
        self._looked_up: dict[str, tuple[datetime, Membership]] = {}
        store = partial(InTable, clients, settings.table)
        self._source = TrustSource(settings.parameters, now, store, clients=clients, kept=settings.keep)

    def trust_of_account(self, account: str) -> AccountTrust:
        """Return the current trust for an account's repositories. Raises TrustError, ClientError."""
        found = self._source.now()
        if found.held is not None:
            log.info("register read", **found.held.provenance, reason=found.held.detail)
        unread = None if found.held is None else _unread(found.held)
        own = self._membership(account) if found.trust.names_self else Membership(None)
        problems = tuple(text for text in (unread, own.problem) if text)
        return AccountTrust(found.trust, found.told, found.held, found.memory, own.organization, problems, unread)

    def _membership(self, account: str) -> Membership:
        """Return the organization of `self`, as it was read in the last minutes.

        A denied lookup is not kept, so that a new permission counts at once.
        """
        moment, known = self._now(), self._looked_up.get(account)
        if known is not None and known[0] <= moment < known[0] + FRESH:
            return known[1]
        found = membership_of(self._clients("organizations"))
        if found.problem is None:
            self._looked_up[account] = moment, found
        return found


def _unread(held: Held[Trust]) -> str | None:
    """Return why a register may be incomplete or outdated, or None if it is complete."""
    if held.problem is not None:
        return f"{held.problem}, so nobody is trusted by it"
    return held.unlisted or held.stale
