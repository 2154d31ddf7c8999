"""The searches of one judgement: one for each set of actions that the policy and trust treat equally.

First come the outsiders to whom an Allow certainly gives access, with a witness for each, then those whose access
cannot be determined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from ...documents.principals import Principals
from ..conditions.clause import Roles
from ..conditions.operators import Mode
from ..context.request import SOME_ACCOUNT, SOME_ORGANIZATION, PrincipalType, RepositoryContext, Tagging
from ..values.trust import Circle
from ..values.verdict import Kind, Witness
from .allow_search import AllowSearch, SearchContext
from .assignments import JudgementCache
from .callers import TrustScopedSearch, trusted_identities_of
from .candidates import CALLERS, FRESH_ACCOUNT, FRESH_ORGANIZATION
from .denies import Deny, action_classes
from .problem import ANY_ACCOUNT, FROM_NETWORK, Allow, Doubt, Found, Incomplete, PrincipalMatch, most_telling
from .search import Search


class GrantSearch(Search):
    """The search for outsiders who certainly have access."""

    mode = Mode.MUST

    def public(self) -> Found | None:
        """Return someone of a new account that the policy does not name, if needed from a network that it names."""
        anybody, anywhere = self.allow_search.anybody(FRESH_ACCOUNT), self.allow_search.from_anywhere
        for match in (anybody,) if anywhere is None else (anywhere, anybody):
            found = self.enter(match, self._callers.fresh_memberships)
            if isinstance(found, Witness):
                grantee = FROM_NETWORK if anywhere is not None and match is anybody else ANY_ACCOUNT
                return Found(Kind.ANY, grantee, (FRESH_ACCOUNT, None), found)
        return None

    def organizations(self) -> Iterator[Found]:
        """Yield new accounts of organizations that the policy distinguishes."""
        if not self.allow_search.mentions(CALLERS.organizations):
            return
        for organization in [*self._callers.organizations, FRESH_ORGANIZATION]:
            found = self.enter(self.allow_search.anybody(FRESH_ACCOUNT), ((organization, False),))
            if isinstance(found, Witness):
                name = organization
                if organization in (FRESH_ORGANIZATION, SOME_ORGANIZATION):
                    name = f"an organization such as {found.context.get('aws:PrincipalOrgID')}"
                yield Found(Kind.ORGANIZATION, name, (FRESH_ACCOUNT, organization), found)

    def accounts(self) -> Iterator[Found]:
        """Yield accounts that the policy distinguishes, under a wildcard principal."""
        if self.allow_search.mentions(CALLERS.accounts):
            for account in self._callers.accounts:
                yield from self.named(self.allow_search.anybody(account))

    def named(self, match: PrincipalMatch) -> Iterator[Found]:
        """Yield the account of a principal that is outside."""
        found = self.enter(match, self._callers.memberships)
        if isinstance(found, Witness):
            account = match.account
            if account == SOME_ACCOUNT:
                account = str(found.context["aws:PrincipalAccount"])
            yield Found(Kind.ACCOUNT, account, (match.account, None), found)


def findings_of(search: GrantSearch) -> Iterator[Found]:
    """Yield the outsiders to whom an Allow certainly gives access, the most public first."""
    allow_search = search.allow_search
    if allow_search.admits_anyone and not allow_search.leaves_nobody:
        public = search.public()
        if public is not None:
            yield public
        elif not search.is_hopeless:
            yield from search.organizations()
            yield from search.accounts()
    if search.entries and not (allow_search.allow.statement.principals.negated or search.is_hopeless):
        for match in search.entries:
            yield from search.named(match)
    names = allow_search.services
    if names is None or names:
        for service in search.services(names):
            if isinstance(service, Found):
                yield service


class DoubtSearch(Search):
    """The search for someone outside who may have access."""

    mode = Mode.MAY

    @property
    def has_hope(self) -> bool:
        """Whether any AWS principal may have access."""
        return self.allow_search.has_hope(self.mode)

    def doubt(self, known: Iterable[Found]) -> Doubt | None:
        """Return someone, besides the known findings, who may have access through a wildcard principal."""
        if not self.has_hope:
            return None
        tried = {found.tried for found in known}
        organizations = {organization for account, organization in tried if account == FRESH_ACCOUNT}
        for account in [FRESH_ACCOUNT, *self._callers.accounts]:
            if account == FRESH_ACCOUNT or (account, None) not in tried:
                every = self._callers.memberships
                memberships = tuple([one for one in every if one[0] not in organizations])
                found = self.enter(self.allow_search.anybody(account), memberships)
                if isinstance(found, Doubt):
                    return found
        return None

    def named_doubt(self, match: PrincipalMatch) -> Doubt | None:
        """Return a doubt if the account of an outside principal may have access."""
        found = self.enter(match, self._callers.memberships)
        return found if isinstance(found, Doubt) else None

    def unknown_doubt(self, principal_types: tuple[PrincipalType, ...]) -> Doubt | None:
        """Return a doubt if a principal of an unknown account may have access. It tries each class of accounts."""
        accounts = [FRESH_ACCOUNT, *self._callers.accounts]
        doubts = (self.named_doubt(self.allow_search.anybody(account, principal_types)) for account in accounts)
        return next((found for found in doubts if found is not None), None)


def doubt_of(search: DoubtSearch, known: Sequence[Found]) -> Doubt | Incomplete | None:
    """Return a doubt about someone, besides the known findings, who may have access."""
    allow_search, principals = search.allow_search, search.allow_search.allow.statement.principals
    kinds = {found.kind for found in known}
    if allow_search.admits_anyone and Kind.ANY not in kinds and not allow_search.leaves_nobody:
        found = search.doubt(known)
        if found is not None:
            return found
    if search.entries and not (principals.negated or search.is_hopeless):
        accounts = {found.grantee for found in known if found.kind is Kind.ACCOUNT}
        for match in search.entries:
            found = None if match.account in accounts else search.named_doubt(match)
            if found is not None:
                return found
    for principal_types in _unknown_types(principals) if principals.ids or principals.unknown else ():
        found = search.unknown_doubt(principal_types)
        if found is not None:
            return found
    return _service_doubt(search, principals, known)


def _unknown_types(principals: Principals) -> Iterator[tuple[PrincipalType, ...]]:
    """Yield the types of principals in unknown accounts: sessions of a role, or a user and its federated sessions."""
    if principals.negated:
        return
    for one in principals.ids:
        yield (PrincipalType.ROLE,) if one.id.startswith("AROA") else (PrincipalType.USER, PrincipalType.FEDERATED)
    if principals.unknown:
        yield (PrincipalType.ROLE, PrincipalType.USER, PrincipalType.FEDERATED, PrincipalType.ROOT)


def _service_doubt(search: DoubtSearch, principals: Principals, known: Sequence[Found]) -> Doubt | Incomplete | None:
    names = search.allow_search.services
    if names is not None and not (names or principals.unknown_services):
        return None
    acting = {found.tried[0] for found in known if found.kind is Kind.SERVICE}
    if names is None and (acting or any(found.public for found in known)):
        return None  # if everyone has access, access through a service adds nothing
    if names is not None:
        names = [name for name in names if name not in acting]
    if principals.unknown_services:
        names = None
    if names is None or names:
        return most_telling(one for one in search.services(names) if not isinstance(one, Found))
    return None


S = TypeVar("S", bound=Search)
_Case = tuple[int, TrustScopedSearch, frozenset[Deny], str]
"""A set of actions, the scope of its search, the Denies that count, and the action that a witness shows."""
STEPS = 50_000
"""The work budget of one judgement, in steps of the search. Each takes 1 to 5 µs, so that a judgement takes 250 ms.

`make climb` looks for documents that take longer.
"""


class Searches:
    """The searches of one judgement. They share a budget and all results.

    `circles`: the identities that trust covers, by rank of access. `telling` chooses the action of a set that a witness
    shows. `cache`: their budget, and what they know.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what the searches share, all of it
        self,
        repository: RepositoryContext,
        circles: Sequence[Circle],
        denies: Sequence[Deny],
        roles: Roles,
        telling: Callable[[int], str],
        cache: JudgementCache,
    ) -> None:
        self._repository = repository
        self._circles = circles
        self._denies = denies
        self._roles = roles
        self._telling = telling
        self._trusted = trusted_identities_of(repository, circles)
        self._cache = cache
        self._known: dict[tuple[Allow, bool], list[_Case]] = {}
        self._allow_searches: dict[tuple[Allow, Tagging, tuple[Deny, ...]], AllowSearch] = {}
        self._scoped: dict[tuple[AllowSearch, int], TrustScopedSearch] = {}

    def of(self, allow: Allow, mask: int, kind: type[S]) -> list[tuple[int, S]]:
        """Return one search for each set of actions that the policy and trust treat equally."""
        cases = self._cases(allow, mask, kind.mode)
        return [(one, kind(scoped, denies, action)) for one, scoped, denies, action in cases]

    def _cases(self, allow: Allow, mask: int, mode: Mode) -> list[_Case]:
        """Return the cases for an Allow. They are the same in both modes if no hole distinguishes actions."""
        hitting = [deny for deny in self._denies if deny.perhaps & mask]
        key = (allow, mode is Mode.MAY and (mask != allow.actions or any(d.perhaps != d.actions for d in hitting)))
        known = self._known.get(key)
        if known is None:
            cases = action_classes(mask, self._circles, hitting, allow.clauses, mode)
            ordered = sorted(cases, key=lambda action_class: -len(action_class.denies))
            self._cache.budget.spend(len(ordered) * (1 + len(hitting) // 4))
            touching = tuple(hitting)
            scopes: dict[tuple[int, Tagging], TrustScopedSearch] = {}
            known = self._known[key] = []
            for actions, circle, denies, tagging in ordered:
                scoped = scopes.get((circle, tagging))
                if scoped is None:
                    scoped = scopes[circle, tagging] = self._scope(allow, touching, circle, tagging)
                known.append((actions, scoped, frozenset(denies), self._telling(actions)))
        return known

    def _scope(self, allow: Allow, hitting: tuple[Deny, ...], circle: int, tagging: Tagging) -> TrustScopedSearch:
        allow_search = self._allow_search(allow, hitting, tagging)
        scoped = self._scoped.get((allow_search, circle))
        if scoped is None:
            scoped = TrustScopedSearch(allow_search, self._circles[circle], self._trusted[circle])
            self._scoped[allow_search, circle] = scoped
        return scoped

    def _allow_search(self, allow: Allow, hitting: tuple[Deny, ...], tagging: Tagging) -> AllowSearch:
        key = (allow, tagging, hitting)
        known = self._allow_searches.get(key)
        if known is None:
            setting = SearchContext(self._repository, self._trusted, tagging, self._roles)
            known = self._allow_searches[key] = AllowSearch(setting, allow, hitting, self._cache)
        return known
