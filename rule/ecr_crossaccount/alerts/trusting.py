"""Whom the register trusts at the moment of a call, and what keeps it from saying more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .. import Trust
from ..config_rule import log
from ..config_rule.lists import TRUST_MEMBERS, TRUST_REGISTER, together, trust_of
from ..config_rule.organizations import Organizations
from ..register.location import Location
from ..register.reader import FRESH, Held, RegisterReader
from .live import Clients
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Trusted:
    """A register for one account. `organization`: the account's own; `problems`: why less may be trusted than should.

    `unread`: why the register itself cannot be read now, whether or not an older version of it counts.
    """

    trust: Trust
    organization: str | None
    problems: tuple[str, ...]
    unread: str | None


@dataclass(frozen=True, slots=True)
class _Factory:
    """The clients, as the rule's own look-up of an organization asks for them."""

    clients: Clients

    def build_client(self, service: str) -> object:
        """Return the client of a service."""
        return self.clients(service)


class Trusting:
    """Lists and register of the stack, as the rule reads them. To be kept for the life of a container."""

    def __init__(self, settings: Settings, clients: Clients, now: Callable[[], datetime]) -> None:
        self._parameters = settings.parameters
        self._keep = settings.keep
        self._clients = _Factory(clients)
        self._now = now
        self._organizations = Organizations()
        self._looked_up: dict[str, datetime] = {}
        self._reader = RegisterReader(clients, now)

    def of(self, account: str) -> Trusted:
        """Return whom the register trusts now with an account's repositories. Raises TrustError, ClientError."""
        lists = trust_of(self._parameters, self._now().date())
        held = self._held()
        trust = lists if held is None else together(lists.entries, held.trust, lists.today)
        unread = None if held is None else _unread(held)
        organization, problem = self._organization(account) if trust.names_self else (None, None)
        return Trusted(trust, organization, tuple(one for one in (unread, problem) if one), unread)

    def _held(self) -> Held | None:
        """Return what the register says, None where the stack names none. Raises RegisterError."""
        register, members = self._location(TRUST_REGISTER), self._location(TRUST_MEMBERS)
        if register is None:
            return None
        held = self._reader.current(register, self._keep, members)
        log.info("register read", **held.provenance, reason=held.detail)
        return held

    def _location(self, parameter: str) -> Location | None:
        named = str(self._parameters.get(parameter) or "").strip()
        return Location.parse(named) if named else None

    def _organization(self, account: str) -> tuple[str | None, str | None]:
        """Return what `self` stands for; an account may leave its organization while a container lives."""
        moment, last = self._now(), self._looked_up.get(account)
        if last is None or not last <= moment < last + FRESH:
            self._organizations.forget(account)
            self._looked_up[account] = moment
        found = self._organizations.of(account, self._clients)
        return found.organization, found.problem


def _unread(held: Held) -> str | None:
    """Return why a register says less than it should, or what it said some time ago; None if it is all there."""
    if held.problem is not None:
        return f"{held.problem}, so nobody is trusted by it"
    return held.unlisted or held.stale
