"""The callers that a search tries: accounts, organizations and services that an Allow and its Denies distinguish."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ...memo import once
from ..conditions.operators import Mode
from ..context.request import SOME_ACCOUNT, SOME_ORGANIZATION, NamedIdentities, RepositoryContext, TrustedIdentities
from ..values.trust import Circle
from .allow_search import AllowSearch
from .candidates import (
    CALLERS,
    FRESH_ORGANIZATION,
    SOURCES,
    Classes,
    Services,
    account_classes,
    bearing,
    named_accounts,
    named_organizations,
    organization_classes,
    services,
)
from .principal_match import ALONE, Membership


class CallerClasses:
    """The callers that a search for one Allow tries. `trusted` are excluded."""

    def __init__(self, allow_search: AllowSearch, circle: Circle, trusted: TrustedIdentities) -> None:
        self._allow_search = allow_search
        self._circle = circle
        self._trusted = trusted
        asks = allow_search.mentions(CALLERS.organizations)
        self.fresh_memberships: tuple[Membership, ...] = (ALONE, (FRESH_ORGANIZATION, True)) if asks else (ALONE,)
        """The organizations, or none, that an account the policy does not name can be in, as far as it matters."""

    @once
    def named_apart(self) -> NamedIdentities:
        """The identities that are tried one by one."""
        return NamedIdentities(tuple(self._named_accounts), tuple(self._named_organizations))

    @once
    def _named_accounts(self) -> list[str]:
        """The outside accounts that the Allow and its Denies name for callers."""
        return [account for account in self._allow_search.accounts if account not in self._trusted.accounts]

    @once
    def _named_organizations(self) -> list[str]:
        """The outside organizations that the Allow and its Denies name, and those that trust covers in part."""
        own = self._allow_search.repository.organization
        partly = [path.partition("/")[0] for path in self._circle.paths]
        every = dict.fromkeys([*self._allow_search.organizations, *([own] if own else []), *partly])
        return [name for name in every if name not in self._circle.organizations]

    @once
    def accounts(self) -> list[str]:
        """The outside accounts to try: those named, and "some other account" if wildcards distinguish it."""
        return [*self._named_accounts, *([SOME_ACCOUNT] if self._allow_search.tells_accounts_apart else [])]

    @once
    def organizations(self) -> list[str]:
        """The outside organizations to try: those named, and "some other organization" if wildcards distinguish it."""
        some = self._allow_search.tells_organizations_apart
        return [*self._named_organizations, *([SOME_ORGANIZATION] if some else [])]

    @once
    def memberships(self) -> tuple[Membership, ...]:
        """The organizations that an account may be in, as far as they matter."""
        if not self._allow_search.mentions(CALLERS.organizations):
            return (ALONE,)
        named = [(name, False) for name in (*self.organizations, FRESH_ORGANIZATION)]
        return (*self.fresh_memberships, *named)

    @once
    def source_accounts(self) -> Classes:
        """The outside accounts that a service may act for and that the Allow and its Denies distinguish."""
        allow_search, trusted = self._allow_search, self._trusted.accounts
        clauses = bearing(allow_search.clauses, SOURCES.accounts)
        sampled = account_classes(
            clauses, SOURCES, trusted, allow_search.repository.partition, allow_search.cache.budget
        )
        every = dict.fromkeys([*named_accounts(clauses), *sampled.names])
        return Classes(tuple([one for one in every if one not in trusted]), sampled.complete)

    @once
    def source_organizations(self) -> Classes:
        """The outside organizations that a service may act for and that the Allow and its Denies distinguish."""
        allow_search, own = self._allow_search, self._allow_search.repository.organization
        clauses = bearing(allow_search.clauses, SOURCES.organizations)
        sampled = organization_classes(clauses, SOURCES, self._trusted.organizations, allow_search.cache.budget)
        every = dict.fromkeys([*named_organizations(clauses), *([own] if own else []), *sampled.names])
        names = tuple([name for name in every if name not in self._circle.organizations])
        return Classes(names, sampled.complete)

    @property
    def tells_all_sources_apart(self) -> bool:
        """Whether the search tries all classes of accounts and organizations that a service may act for."""
        mentions = self._allow_search.mentions
        return (self.source_accounts.complete or not mentions(SOURCES.accounts)) and (
            self.source_organizations.complete or not mentions(SOURCES.organizations)
        )

    def services(self, mode: Mode) -> Classes:
        """Return the services to try if the Allow includes any service. In mode MAY, add services that may exist."""
        found = self._services
        every = (*found.known, *(found.odd if mode is Mode.MAY else ()))
        return Classes(tuple([name for name in every if name not in self._excluded]), found.complete)

    @once
    def _excluded(self) -> tuple[str, ...]:
        principals = self._allow_search.allow.statement.principals
        return principals.services if principals.negated else ()

    @once
    def _services(self) -> Services:
        allow_search = self._allow_search
        denied = [name for deny in allow_search.denies for name in deny.statement.principals.services]
        trusted = sorted(self._circle.services)
        return services(allow_search.clauses, [*denied, *self._excluded], trusted, allow_search.cache.budget)


def trusted_identities_of(repository: RepositoryContext, circles: Iterable[Circle]) -> tuple[TrustedIdentities, ...]:
    """Return the identities inside, for each circle of trust."""
    return tuple([_trusted(repository.owner, repository.organization, circle) for circle in circles])


@lru_cache(maxsize=256)
def _trusted(owner: str, organization: str | None, circle: Circle) -> TrustedIdentities:
    organizations = ([organization] if organization else []) + sorted(circle.organizations)
    return TrustedIdentities((owner, *sorted(circle.accounts)), tuple(organizations), circle.paths)
