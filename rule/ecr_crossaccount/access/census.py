"""Whom a search asks for: the accounts, organizations and services that an Allow and its Denies tell apart."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache

from .candidates import (
    SOURCES,
    Services,
    account_classes,
    bearing,
    named_accounts,
    named_organizations,
    organization_classes,
    services,
)
from .ground import Ground
from .scene import SOME_ACCOUNT, SOME_ORGANIZATION, Apart, Inside, Place
from .trust import Circle


class Census:
    """Whom a search for one Allow asks for; `inside` are those of whom it does not.

    `complete` turns False once a class of accounts, organizations or services had to be left out.
    """

    def __init__(self, ground: Ground, circle: Circle, inside: Inside) -> None:
        self._ground = ground
        self._circle = circle
        self._inside = inside
        self.complete = True

    @cached_property
    def apart(self) -> Apart:
        """Those who are asked for one by one."""
        return Apart(tuple(self._named_accounts), tuple(self._named_organizations))

    @cached_property
    def _named_accounts(self) -> list[str]:
        """The outside accounts that the Allow and its Denies write out for callers."""
        return [account for account in self._ground.accounts if account not in self._inside.accounts]

    @cached_property
    def _named_organizations(self) -> list[str]:
        """The outside organizations that the Allow and its Denies write out, and those that trust knows in part."""
        own = self._ground.place.organization
        partly = [path.partition("/")[0] for path in self._circle.paths]
        every = dict.fromkeys([*self._ground.organizations, *([own] if own else []), *partly])
        return [name for name in every if name not in self._circle.organizations]

    @cached_property
    def accounts(self) -> list[str]:
        """The outside accounts to ask for: those written out, and some other where wildcards tell it apart."""
        return [*self._named_accounts, *([SOME_ACCOUNT] if self._ground.tells_accounts_apart else [])]

    @cached_property
    def organizations(self) -> list[str]:
        """The outside organizations to ask for: those written out, and some other where wildcards tell it apart."""
        some = self._ground.tells_organizations_apart
        return [*self._named_organizations, *([SOME_ORGANIZATION] if some else [])]

    @cached_property
    def source_accounts(self) -> list[str]:
        """The outside accounts that a service may act for and that the Allow and its Denies tell apart."""
        ground, inside = self._ground, self._inside.accounts
        clauses = bearing(ground.clauses, SOURCES.accounts)
        sampled, complete = account_classes(clauses, SOURCES, inside, ground.place.partition, ground.memo.budget)
        self.complete &= complete
        return [one for one in dict.fromkeys([*named_accounts(clauses), *sampled]) if one not in inside]

    @cached_property
    def source_organizations(self) -> list[str]:
        """The outside organizations that a service may act for and that the Allow and its Denies tell apart."""
        ground, own = self._ground, self._ground.place.organization
        clauses = bearing(ground.clauses, SOURCES.organizations)
        sampled, complete = organization_classes(clauses, SOURCES, self._inside.organizations, ground.memo.budget)
        self.complete &= complete
        every = dict.fromkeys([*named_organizations(clauses), *([own] if own else []), *sampled])
        return [name for name in every if name not in self._circle.organizations]

    def services(self, *, possibly: bool) -> list[str]:
        """The services to try where the Allow admits any; with `possibly`, those too that may exist."""
        found = self._services
        return [name for name in (*found.known, *(found.odd if possibly else ())) if name not in self._excluded]

    @cached_property
    def _excluded(self) -> tuple[str, ...]:
        principals = self._ground.allow.statement.principals
        return principals.services if principals.negated else ()

    @cached_property
    def _services(self) -> Services:
        ground = self._ground
        denied = [name for deny in ground.denies for name in deny.statement.principals.services]
        trusted = sorted(self._circle.services)
        found = services(ground.clauses, [*denied, *self._excluded], trusted, ground.memo.budget)
        self.complete &= found.complete
        return found


def insides_of(place: Place, circles: Iterable[Circle]) -> tuple[Inside, ...]:
    """Return those inside under each circle of trust."""
    return tuple([_inside(place.owner, place.organization, circle) for circle in circles])


@lru_cache(maxsize=256)
def _inside(owner: str, organization: str | None, circle: Circle) -> Inside:
    organizations = ([organization] if organization else []) + sorted(circle.organizations)
    return Inside((owner, *sorted(circle.accounts)), tuple(organizations), circle.paths)
