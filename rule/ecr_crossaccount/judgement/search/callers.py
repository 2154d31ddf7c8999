"""The callers that a search tries for one Allow under one trust: accounts, organizations and services.

They are those that an Allow and its Denies distinguish, with the network paths to try. `Searches` has one case for each
set of actions that the policy and trust treat equally.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from ...documents.conditions import Quantifier
from ...documents.document import Effect
from ...memo import keep_results, once
from ..conditions.operators import Clause, Mode, Roles, clause, key_condition
from ..context.keys import FORWARDED, OF_TRUST, ROUTED
from ..context.request import (
    NOBODY_NAMED,
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    NamedIdentities,
    NetworkPath,
    PrincipalRequest,
    PrincipalType,
    RepositoryContext,
    RequestKind,
    ServiceRequest,
    Tagging,
    TrustedIdentities,
    principal_request,
)
from ..values.trust import TrustLevel
from .allow_context import AllowContext
from .candidates import (
    CALLERS,
    FRESH_ACCOUNT,
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
from .constraints import ALONE, DIRECT, Allow, JudgementCache, Membership, PrincipalMatch
from .denies import Deny, action_classes


class CallerClasses:
    """The callers that a search for one Allow tries. `trusted` are excluded."""

    def __init__(self, allow_search: AllowContext, circle: TrustLevel, trusted: TrustedIdentities) -> None:
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
        return Classes(tuple([text for text in every if text not in trusted]), sampled.complete)

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


def trusted_identities_of(
    repository: RepositoryContext, circles: Iterable[TrustLevel]
) -> tuple[TrustedIdentities, ...]:
    """Return the identities inside, for each circle of trust."""
    return tuple([_identities_of_circle(repository.owner, repository.organization, circle) for circle in circles])


@lru_cache(maxsize=256)
def _identities_of_circle(owner: str, organization: str | None, circle: TrustLevel) -> TrustedIdentities:
    organizations = ([organization] if organization else []) + sorted(circle.organizations)
    return TrustedIdentities((owner, *sorted(circle.accounts)), tuple(organizations), circle.paths)


_SOME_ORGANIZATIONS: Membership = (SOME_ORGANIZATION, False)
_PATHS = (DIRECT, NetworkPath(address=False, endpoint=True))
_FORWARDED_PATHS = (*_PATHS, *(network_path._replace(via=True) for network_path in _PATHS))
_UNSURE_PATHS = (NetworkPath(address=True, endpoint=True), NetworkPath(address=False, via=True))


def possible_paths(mentions: Callable[[frozenset[str]], object], mode: Mode) -> tuple[NetworkPath, ...]:
    """Return the network paths that statements distinguish.

    `mentions` returns whether they ask about any of the keys.
    """
    forwarded = mentions(FORWARDED)
    if not forwarded and not mentions(ROUTED):
        return (DIRECT,)
    if mode is Mode.MAY:
        return (*_FORWARDED_PATHS, *_UNSURE_PATHS)
    return _FORWARDED_PATHS if forwarded else _PATHS


class TrustedAllow:
    """The searches for one Allow under one trust. They share answers with other trusts that make no difference."""

    def __init__(self, allow_search: AllowContext, circle: TrustLevel, trusted: TrustedIdentities) -> None:
        self.allow_search = allow_search
        self.circle = circle
        self.callers = CallerClasses(allow_search, circle, trusted)
        self.entries = [entry for entry in allow_search.entries if entry.account not in trusted.accounts]
        self._trusted = trusted
        self._outlook = (
            circle.paths,
            circle.vpcs,
            circle.endpoints,
            trusted if allow_search.mentions(OF_TRUST) else None,
        )
        """The part of trust that a search depends on. Two trusts with the same outlook get the same answers."""
        self._trusted_paths: dict[tuple[str, str], tuple[Clause, ...]] = {}
        self._types: dict[tuple[PrincipalMatch, Mode], list[PrincipalType]] = {}
        self._first_twins: dict[Hashable, PrincipalMatch] = {}

    def twin(self, match: PrincipalMatch) -> PrincipalMatch | None:
        """Return the match of an earlier account that the statements cannot distinguish from this one.

        Returns None if there is none.
        """
        if match.clauses or match.account in (FRESH_ACCOUNT, SOME_ACCOUNT) or not self._asks_for_many:
            return None
        place = self.allow_search.twins.place_of(match.account)
        if place is None:
            return None
        first = self._first_twins.setdefault((place, match.principal_types), match)
        return None if first.account == match.account else first

    @once
    def _asks_for_many(self) -> bool:
        return len({*self.callers.accounts, *[entry.account for entry in self.entries]}) > 1

    def question(self, who: object, account: str, memberships: tuple[Membership, ...], mode: Mode) -> object:
        """Return the key of a question about an account in some organizations.

        Trusts with the same outlook share it.
        """
        is_some = account == SOME_ACCOUNT or _SOME_ORGANIZATIONS in memberships
        named_apart = self.callers.named_apart if is_some else None
        return (who, account, memberships, mode, self._outlook, named_apart)

    def _named_apart(self, *names: str | None) -> NamedIdentities | None:
        """Return the identities that "some other" excludes, if one of `names` is "some other"."""
        return self.callers.named_apart if SOME_ACCOUNT in names or SOME_ORGANIZATION in names else None

    def admits(self, membership: Membership, mode: Mode) -> bool:
        """Return whether this organization can meet the clauses of the Allow that depend only on the organization."""
        asked = self.allow_search.of_organization
        if not asked:
            return True
        question = (membership, self._named_apart(membership[0]))
        request = partial(self.request, FRESH_ACCOUNT, membership)
        return self.allow_search.can_meet(question, request, asked, mode)

    def principal_types(self, match: PrincipalMatch, mode: Mode) -> Iterator[PrincipalType]:
        """Yield the types of principals that can meet the clauses about the principal alone, as they are needed."""
        known = self._types.get((match, mode))
        if known is not None:
            yield from known
            return
        found: list[PrincipalType] = []
        asked = (*match.clauses, *self.allow_search.of_caller)
        named_apart = self._named_apart(match.account)
        for principal_type in (
            match.principal_types if self.allow_search.tells_types_apart or match.clauses else match.principal_types[:1]
        ):
            if not asked or self.allow_search.can_meet(
                (match, principal_type, named_apart),
                partial(self.request, match.account, ALONE, principal_type),
                asked,
                mode,
            ):
                found.append(principal_type)
                yield principal_type
        self._types[match, mode] = found

    @keep_results
    def network_paths(self, mode: Mode) -> list[NetworkPath]:
        """Return the network paths that can meet the clauses of the Allow about the network alone."""
        asked = self.allow_search.of_network
        return [
            network_path
            for network_path in possible_paths(self.allow_search.mentions, mode)
            if not asked
            or self.allow_search.can_meet(
                (network_path, self._outlook),
                partial(self.request, FRESH_ACCOUNT, ALONE, network_path=network_path),
                asked,
                mode,
            )
        ]

    def left_outside(self, request: RequestKind) -> tuple[Clause, ...]:
        """Return the clauses of trusted organization paths, VPCs and VPC endpoints.

        They must not be true of a witness.
        """
        found = self._trusted_ways if isinstance(request, PrincipalRequest) and request.network_path.endpoint else ()
        organization = request.organization
        if organization is None or request.fresh:
            return found
        key = "aws:sourceorgpaths" if isinstance(request, ServiceRequest) else "aws:principalorgpaths"
        known = self._trusted_paths.get((organization, key))
        if known is None:
            paths = [path for path in self.circle.paths if path.startswith(f"{organization}/")]
            known = (clause(key_condition(key, paths, quantifier=Quantifier.ANY), Effect.ALLOW),) if paths else ()
            self._trusted_paths[organization, key] = known
        return found + known

    @once
    def _trusted_ways(self) -> tuple[Clause, ...]:
        ways = {"aws:sourcevpc": self.circle.vpcs, "aws:sourcevpce": self.circle.endpoints}
        return tuple(clause(key_condition(key, sorted(names)), Effect.ALLOW) for key, names in ways.items() if names)

    def request(
        self,
        account: str,
        membership: Membership,
        principal_type: PrincipalType = PrincipalType.ROLE,
        network_path: NetworkPath = DIRECT,
    ) -> PrincipalRequest:
        """Return the kind of request that a principal of an account sends."""
        organization, fresh = membership
        allow_search = self.allow_search
        is_some = account == SOME_ACCOUNT or organization == SOME_ORGANIZATION
        return principal_request(
            (
                allow_search.repository,
                account,
                organization,
                fresh,
                principal_type,
                network_path,
                allow_search.tagging,
                self._trusted,
                self.callers.named_apart if is_some else NOBODY_NAMED,
            )
        )

    def service_request(self, name: str, account: str, membership: Membership) -> ServiceRequest:
        """Return the kind of request that a service sends for an account."""
        return ServiceRequest(self.allow_search.repository, name, account, *membership, self.allow_search.tagging)


class Case(NamedTuple):
    """A set of actions, the scope of its search, the Denies that count, and the action that a witness shows."""

    actions: int
    scoped: TrustedAllow
    denies: frozenset[Deny]
    action: str


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
        circles: Sequence[TrustLevel],
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
        self.cache = cache
        self._known: dict[tuple[Allow, bool], list[Case]] = {}

    def cases(self, allow: Allow, mask: int, mode: Mode) -> list[Case]:
        """Return one case for each set of actions that the policy and trust treat equally.

        They are the same in both modes if no hole distinguishes actions.
        """
        hitting = [deny for deny in self._denies if deny.perhaps & mask]
        key = (allow, mode is Mode.MAY and (mask != allow.actions or any(d.perhaps != d.actions for d in hitting)))
        known = self._known.get(key)
        if known is None:
            cases = action_classes(mask, self._circles, hitting, allow.clauses, mode)
            ordered = sorted(cases, key=lambda action_class: -len(action_class.denies))
            self.cache.budget.spend(len(ordered) * (1 + len(hitting) // 4))
            touching = tuple(hitting)
            known = self._known[key] = [
                Case(actions, self._scope(allow, touching, circle, tagging), frozenset(denies), self._telling(actions))
                for actions, circle, denies, tagging in ordered
            ]
        return known

    @keep_results
    def _scope(self, allow: Allow, hitting: tuple[Deny, ...], circle: int, tagging: Tagging) -> TrustedAllow:
        return TrustedAllow(self._allow_search(allow, hitting, tagging), self._circles[circle], self._trusted[circle])

    @keep_results
    def _allow_search(self, allow: Allow, hitting: tuple[Deny, ...], tagging: Tagging) -> AllowContext:
        return AllowContext(self._repository, self._trusted, tagging, self._roles, allow, hitting, self.cache)
