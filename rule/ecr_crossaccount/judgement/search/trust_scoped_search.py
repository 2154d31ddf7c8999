"""One Allow under one trust: the accounts, organizations, types of principals and network paths to try."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import partial

from ...documents.conditions import Quantifier
from ...documents.document import Effect
from ...memo import once
from ..conditions.clause import Clause, clause, like
from ..conditions.operators import Mode
from ..context.keys import FORWARDED, OF_TRUST, ROUTED
from ..context.request import (
    NOBODY_NAMED,
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    NamedIdentities,
    NetworkPath,
    PrincipalRequest,
    PrincipalType,
    RequestKind,
    ServiceRequest,
    TrustedIdentities,
    principal_request,
)
from ..values.trust import Circle
from .allow_search import AllowSearch
from .caller_classes import CallerClasses
from .candidates import FRESH_ACCOUNT
from .principal_match import ALONE, DIRECT, Membership, PrincipalMatch

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


class TrustScopedSearch:
    """The searches for one Allow under one trust. They share answers with other trusts that make no difference."""

    def __init__(self, allow_search: AllowSearch, circle: Circle, trusted: TrustedIdentities) -> None:
        self.allow_search = allow_search
        self.circle = circle
        self.callers = CallerClasses(allow_search, circle, trusted)
        self.entries = [one for one in allow_search.entries if one.account not in trusted.accounts]
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
        self._network_paths: dict[Mode, list[NetworkPath]] = {}
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
        """Whether several accounts may be tried."""
        return len({*self.callers.accounts, *[one.account for one in self.entries]}) > 1

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

    def network_paths(self, mode: Mode) -> list[NetworkPath]:
        """Return the network paths that can meet the clauses of the Allow about the network alone."""
        known = self._network_paths.get(mode)
        if known is None:
            asked = self.allow_search.of_network
            known = self._network_paths[mode] = [
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
        return known

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
            known = (clause(like(key, paths, quantifier=Quantifier.ANY), Effect.ALLOW),) if paths else ()
            self._trusted_paths[organization, key] = known
        return found + known

    @once
    def _trusted_ways(self) -> tuple[Clause, ...]:
        ways = {"aws:sourcevpc": self.circle.vpcs, "aws:sourcevpce": self.circle.endpoints}
        return tuple(clause(like(key, sorted(names)), Effect.ALLOW) for key, names in ways.items() if names)

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
