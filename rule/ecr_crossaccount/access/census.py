"""Whom a search asks for: the accounts, organizations and services that an Allow and its Denies tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

from .automaton import Budget
from .candidates import (
    CALLERS,
    SOURCES,
    account_classes,
    bearing,
    named_accounts,
    named_organizations,
    organization_classes,
    services,
    tell_accounts_apart,
    tell_organizations_apart,
)
from .denials import Deny
from .entrances import Allow
from .scene import SOME_ACCOUNT, SOME_ORGANIZATION, Apart, Inside, Place
from .trust import Circle


class Census:
    """Whom a search for one Allow asks for; `inside` are those of whom it does not.

    `complete` turns False once a class of accounts, organizations or services had to be left out.
    """

    def __init__(self, place: Place, circle: Circle, allow: Allow, denies: Sequence[Deny], budget: Budget) -> None:
        self._place = place
        self._circle = circle
        self._allow = allow
        self._denies = denies
        self._budget = budget
        self.complete = True
        self.inside = _inside(place.owner, place.organization, circle)
        self.clauses = (*allow.clauses, *(one for deny in denies for one in deny.clauses))

    @cached_property
    def apart(self) -> Apart:
        """Those who are asked for one by one."""
        return Apart(tuple(self.named_accounts), tuple(self.named_organizations))

    @cached_property
    def named_accounts(self) -> list[str]:
        """The outside accounts that the Allow and its Denies write out for callers."""
        principals = [deny.statement.principals for deny in self._denies]
        listed = [entry.account for one in principals for entry in one.named]
        named = named_accounts(bearing(self.clauses, CALLERS.accounts))
        return [account for account in dict.fromkeys([*named, *listed]) if account not in self.inside.accounts]

    @cached_property
    def named_organizations(self) -> list[str]:
        """The outside organizations that the Allow and its Denies write out, and those that trust knows in part."""
        own = [self._place.organization] if self._place.organization else []
        partly = [path.partition("/")[0] for path in self._circle.paths]
        named = named_organizations(bearing(self.clauses, CALLERS.organizations))
        return [name for name in dict.fromkeys([*named, *own, *partly]) if name not in self._circle.organizations]

    @cached_property
    def taken(self) -> frozenset[str]:
        """Accounts and organizations that a witness of "somebody else" must not show: those inside or named."""
        principals = [deny.statement.principals for deny in self._denies] + [self._allow.statement.principals]
        listed = [entry.account for one in principals for entry in one.named]
        written = [*named_accounts(self.clauses), *named_organizations(self.clauses)]
        heads = [path.partition("/")[0] for path in self.inside.paths]
        return frozenset([*self.inside.accounts, *self.inside.organizations, *heads, *listed, *written])

    @cached_property
    def accounts(self) -> list[str]:
        """The outside accounts to ask for: those written out, and some other where wildcards tell it apart."""
        some = tell_accounts_apart(self.clauses, self._place.partition)
        return [*self.named_accounts, *([SOME_ACCOUNT] if some else [])]

    @cached_property
    def organizations(self) -> list[str]:
        """The outside organizations to ask for: those written out, and some other where wildcards tell it apart."""
        some = tell_organizations_apart(self.clauses)
        return [*self.named_organizations, *([SOME_ORGANIZATION] if some else [])]

    @cached_property
    def source_accounts(self) -> list[str]:
        """The outside accounts that a service may act for and that the Allow and its Denies tell apart."""
        clauses = bearing(self.clauses, SOURCES.accounts)
        inside = self.inside.accounts
        sampled, complete = account_classes(clauses, SOURCES, inside, self._place.partition, self._budget)
        self.complete &= complete
        return [one for one in dict.fromkeys([*named_accounts(clauses), *sampled]) if one not in inside]

    @cached_property
    def source_organizations(self) -> list[str]:
        """The outside organizations that a service may act for and that the Allow and its Denies tell apart."""
        clauses = bearing(self.clauses, SOURCES.organizations)
        sampled, complete = organization_classes(clauses, SOURCES, self.inside.organizations, self._budget)
        self.complete &= complete
        own = [self._place.organization] if self._place.organization else []
        every = dict.fromkeys([*named_organizations(clauses), *own, *sampled])
        return [name for name in every if name not in self._circle.organizations]

    @cached_property
    def services(self) -> list[str]:
        """The services to try where the Allow admits any."""
        principals = self._allow.statement.principals
        excluded = principals.services if principals.negated else ()
        denied = [name for deny in self._denies for name in deny.statement.principals.services]
        trusted = sorted(self._circle.services)
        names, complete = services(self.clauses, [*denied, *excluded], trusted, self._budget)
        self.complete &= complete
        return [name for name in names if name not in excluded]


@lru_cache(maxsize=256)
def _inside(owner: str, organization: str | None, circle: Circle) -> Inside:
    organizations = ([organization] if organization else []) + sorted(circle.organizations)
    return Inside((owner, *sorted(circle.accounts)), tuple(organizations), circle.paths)
