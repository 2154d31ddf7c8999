"""Whom the register trusts at the moment of a call, and what keeps it from saying more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .. import Trust
from ..config_rule.lists import trust_of
from ..config_rule.organizations import Organizations
from .live import Clients


@dataclass(frozen=True, slots=True)
class Trusted:
    """A register for one account. `organization`: the account's own; `problem`: why less is trusted than is written."""

    trust: Trust
    organization: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class _Factory:
    """The clients, as the rule's own look-up of an organization asks for them."""

    clients: Clients

    def build_client(self, service: str) -> object:
        """Return the client of a service."""
        return self.clients(service)


class Trusting:
    """The register, read for each call: its last days end at midnight. To be kept for the life of a container."""

    def __init__(self, lists: Mapping[str, object], clients: Clients) -> None:
        self._lists = lists
        self._clients = _Factory(clients)
        self._organizations = Organizations()

    def of(self, account: str, today: date) -> Trusted:
        """Return whom the register trusts with an account's repositories. Raises TrustError, ClientError."""
        trust = trust_of(self._lists, today)
        if not trust.names_self:
            return Trusted(trust, None, None)
        found = self._organizations.of(account, self._clients)
        return Trusted(trust, found.organization, found.problem)
