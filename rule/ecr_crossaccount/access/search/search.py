"""Who gets in by one Allow: the kinds of outside requests, tried one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..conditions.clause import Clause
from ..conditions.comparisons import STRINGS
from ..context.request import (
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    PrincipalRequest,
    PrincipalType,
    RequestKind,
    ServiceRequest,
)
from ..verdict import Kind, Witness
from .cache import JudgementCache
from .candidates import CALLERS, FRESH_ACCOUNT, FRESH_ORGANIZATION, SOURCES
from .denies import Deny, against_service, left_to_escape, left_to_hold
from .findings import ANY_ACCOUNT, ANY_SERVICE, FROM_NETWORK, Doubt, Found
from .principal_match import Membership, PrincipalMatch
from .solver import DenyPart, Problem, Solver
from .trust_scoped_search import TrustScopedSearch
from .witness import witness


class Search:
    """The search for outside requests that an Allow lets in, past certain Denies; `action` is the one to show."""

    def __init__(self, scoped: TrustScopedSearch, denies: Iterable[Deny], action: str) -> None:
        self._scoped = scoped
        self._allow_search = scoped.allow_search
        self._repository = scoped.allow_search.repository
        self._cache = scoped.allow_search.cache
        self._denies = frozenset(denies)
        self._action = action
        self.entries = scoped.entries

    @property
    def complete(self) -> bool:
        """Whether every account, organization and service that the policy tells apart was tried."""
        return self._scoped.callers.complete

    # --- AWS principals ---

    def public(self) -> Found | None:
        """Somebody of a fresh account that the policy does not name, if need be from a network that it names."""
        anybody, anywhere = self._allow_search.anybody(FRESH_ACCOUNT), self._allow_search.from_anywhere
        for match in (anybody,) if anywhere is None else (anywhere, anybody):
            found = self._enter(match, self._fresh_memberships(), possibly=False)
            if isinstance(found, Witness):
                grantee = FROM_NETWORK if anywhere is not None and match is anybody else ANY_ACCOUNT
                return Found(Kind.ANY, grantee, (FRESH_ACCOUNT, None), found)
        return None

    def organizations(self) -> Iterator[Found]:
        """Fresh accounts of organizations that the policy tells apart."""
        if not self._allow_search.mentions(CALLERS.organizations):
            return
        for organization in [*self._scoped.callers.organizations, FRESH_ORGANIZATION]:
            found = self._enter(self._allow_search.anybody(FRESH_ACCOUNT), [(organization, False)], possibly=False)
            if isinstance(found, Witness):
                name = organization
                if organization in (FRESH_ORGANIZATION, SOME_ORGANIZATION):
                    name = f"an organization such as {found.context.get('aws:PrincipalOrgID')}"
                yield Found(Kind.ORGANIZATION, name, (FRESH_ACCOUNT, organization), found)

    def accounts(self) -> Iterator[Found]:
        """Accounts that the policy tells apart, under a wildcard principal."""
        if self._allow_search.mentions(CALLERS.accounts):
            for account in self._scoped.callers.accounts:
                yield from self.named(self._allow_search.anybody(account))

    def named(self, match: PrincipalMatch) -> Iterator[Found]:
        """The account of a principal that is outside."""
        found = self._enter(match, self._memberships(), possibly=False)
        if isinstance(found, Witness):
            account = match.account
            if account == SOME_ACCOUNT:
                account = str(found.context["aws:PrincipalAccount"])
            yield Found(Kind.ACCOUNT, account, (match.account, None), found)

    def doubt(self, known: Iterable[Found]) -> Doubt | None:
        """Somebody besides those known who perhaps gets in under a wildcard principal."""
        tried = {found.tried for found in known}
        organizations = {organization for account, organization in tried if account == FRESH_ACCOUNT}
        for account in [FRESH_ACCOUNT, *self._scoped.callers.accounts]:
            if account == FRESH_ACCOUNT or (account, None) not in tried:
                memberships = [one for one in self._memberships() if one[0] is None or one[0] not in organizations]
                found = self._enter(self._allow_search.anybody(account), memberships, possibly=True)
                if isinstance(found, Doubt):
                    return found
        return None

    def named_doubt(self, match: PrincipalMatch) -> Doubt | None:
        """Whether the account of a principal that is outside perhaps gets in."""
        found = self._enter(match, self._memberships(), possibly=True)
        return found if isinstance(found, Doubt) else None

    def unknown_doubt(self, principal_types: tuple[PrincipalType, ...]) -> Doubt | None:
        """Whether a principal of an account that is not known perhaps gets in: any of those told apart."""
        accounts = [FRESH_ACCOUNT, *self._scoped.callers.accounts]
        doubts = (self.named_doubt(self._allow_search.anybody(account, principal_types)) for account in accounts)
        return next((found for found in doubts if found is not None), None)

    def _fresh_memberships(self) -> list[Membership]:
        if not self._allow_search.mentions(CALLERS.organizations):
            return [(None, True)]
        return [(None, True), (FRESH_ORGANIZATION, True)]

    def _memberships(self) -> list[Membership]:
        """The organizations that an account may be in, as far as they matter."""
        if not self._allow_search.mentions(CALLERS.organizations):
            return [(None, True)]
        named = [*self._scoped.callers.organizations, FRESH_ORGANIZATION]
        return [*self._fresh_memberships(), *((name, False) for name in named)]

    def _enter(
        self, match: PrincipalMatch, memberships: Sequence[Membership], *, possibly: bool
    ) -> Witness | Doubt | None:
        """Try all ways for principals of an account: by organization, then by type of principal and network path."""
        if not self._allow_search.has_hope(possibly=possibly):
            return None

        def answer(denies: frozenset[Deny]) -> Witness | Doubt | None:
            members = [one for one in memberships if self._scoped.admits(one, possibly=possibly)]
            ways = (self._try_ways(match, one, denies, possibly=possibly) for one in members)
            return next((found for found in ways if found is not None), None)

        question = self._scoped.question(match, match.account, memberships, possibly=possibly)
        return self._remembered(question, answer)

    def _remembered(
        self, question: object, answer: Callable[[frozenset[Deny]], Witness | Doubt | None]
    ) -> Witness | Doubt | None:
        """The answer, with this search's action in a witness: it was perhaps found for other actions."""
        found = self._allow_search.ask(question, self._denies, answer)
        return Witness(found.principal, self._action, found.context) if isinstance(found, Witness) else found

    def _try_ways(
        self, match: PrincipalMatch, membership: Membership, denies: frozenset[Deny], *, possibly: bool
    ) -> Witness | Doubt | None:
        problem: Problem | None = None
        for principal_type in self._scoped.principal_types(match, possibly=possibly):
            for network_path in self._scoped.network_paths(possibly=possibly):
                request = self._scoped.request(match.account, membership, principal_type, network_path)
                problem = problem or self._problem(match, request, denies, possibly=possibly)
                found = None if problem is None else self._try(request, problem, match.besides, possibly=possibly)
                if isinstance(found, Witness) and match.session:
                    return Witness(match.session, found.action, found.context)
                if problem is None or found is not None:
                    return found
        return None

    def _problem(
        self, match: PrincipalMatch, request: PrincipalRequest, denies: Iterable[Deny], *, possibly: bool
    ) -> Problem | None:
        """What is left to meet once account and organization are settled; None if they already decide against it."""
        solver = Solver(request, possibly, self._cache)
        clauses = (*match.clauses, *self._allow_search.allow.clauses)
        allow = left_to_hold(solver, clauses)
        if allow is None:
            return None
        parts = [part for deny in _in_order(denies) for part in self._allow_search.against(deny, match.account)]
        parts += self._allow_search.exempt(match.account)
        left = left_to_escape(solver, parts)
        return None if left is None else Problem(allow, left, whole=Problem(clauses, tuple(parts)))

    def _try(
        self, request: RequestKind, problem: Problem, besides: tuple[Clause, ...] = (), *, possibly: bool
    ) -> Witness | Doubt | None:
        solver = Solver(request, possibly, self._cache)
        outside = (*self._scoped.left_outside(request), *besides)
        problem = Problem(problem.allow, problem.denies, outside, problem.whole)
        values = solver.solve(problem)
        if values is None:
            return None
        if possibly:
            return Doubt(_unsure(request, self._allow_search.allow.clauses, self._cache) or problem.allow, request)
        return witness(solver, problem, values, self._action, self._allow_search)

    # --- services ---

    def services(self, names: Sequence[str] | None, *, possibly: bool) -> Iterator[Found | Doubt]:
        """Services that act for outside accounts; None stands for any service."""
        if names is None:
            found = self._any_service(possibly=possibly)
            if found is not None:
                yield found
            return
        for name in names:
            yield from self._service(name, name, possibly=possibly)

    def _any_service(self, *, possibly: bool) -> Found | Doubt | None:
        for name in self._scoped.callers.services(possibly=possibly):
            for found in self._service(name, ANY_SERVICE, possibly=possibly):
                return found
        return None

    def _service(self, name: str, shown: str, *, possibly: bool) -> Iterator[Found | Doubt]:
        if name in self._scoped.circle.services or (possibly and self._asks_for_trusted_network()):
            return
        if not self._allow_search.has_hope_for(name, possibly=possibly):
            return
        for account, memberships, public in self._sources():
            found = self._act(name, account, memberships, possibly=possibly)
            if isinstance(found, Doubt):
                yield found
            elif found is not None:
                whom = "any account" if public else memberships[0][0] if account == FRESH_ACCOUNT else account
                yield Found(Kind.SERVICE, f"{shown} for {whom}", (name, account), found)
                if public:
                    return

    def _act(
        self, name: str, account: str, memberships: Sequence[Membership], *, possibly: bool
    ) -> Witness | Doubt | None:
        def answer(denies: frozenset[Deny]) -> Witness | Doubt | None:
            parts = [part for deny in _in_order(denies) for part in against_service(deny, name)]
            requests = (
                ServiceRequest(self._repository, name, account, *one, self._allow_search.tagging) for one in memberships
            )
            ways = (self._try_service(request, parts, possibly=possibly) for request in requests)
            return next((found for found in ways if found is not None), None)

        question = self._scoped.question(name, account, memberships, possibly=possibly)
        return self._remembered(question, answer)

    def _try_service(
        self, request: ServiceRequest, parts: Sequence[DenyPart], *, possibly: bool
    ) -> Witness | Doubt | None:
        solver = Solver(request, possibly, self._cache)
        allow = left_to_hold(solver, self._allow_search.allow.clauses)
        denies = None if allow is None else left_to_escape(solver, parts)
        if allow is None or denies is None:
            return None
        whole = Problem(self._allow_search.allow.clauses, tuple(parts))
        return self._try(request, Problem(allow, denies, whole=whole), possibly=possibly)

    def _asks_for_trusted_network(self) -> bool:
        """Whether the Allow holds only where trust covers the way, whoever sends the request."""
        circle = self._scoped.circle
        trusted = {"aws:sourcevpc": circle.vpcs, "aws:sourcevpce": circle.endpoints}
        return any(_holds_only_for(one, trusted.get(one.key, frozenset())) for one in self._allow_search.allow.clauses)

    def _sources(self) -> Iterator[tuple[str, list[Membership], bool]]:
        """The accounts that a service may act for, with their organizations; a fresh one first."""
        fresh: list[Membership] = [(None, True)]
        named: list[Membership] = []
        if self._allow_search.mentions(SOURCES.organizations):
            fresh.append((FRESH_ORGANIZATION, True))
            named = [(name, False) for name in [*self._scoped.callers.source_organizations, FRESH_ORGANIZATION]]
        yield FRESH_ACCOUNT, fresh, True
        for membership in named:
            yield FRESH_ACCOUNT, [membership], False
        if self._allow_search.mentions(SOURCES.accounts):
            for account in self._scoped.callers.source_accounts:
                yield account, [*fresh, *named], False


def _in_order(denies: Iterable[Deny]) -> list[Deny]:
    """Denies as the policy has them: a set of them has no order, and the same policy must get the same verdict."""
    return sorted(denies, key=lambda deny: deny.statement.number)


def _unsure(request: RequestKind, clauses: Sequence[Clause], cache: JudgementCache) -> tuple[Clause, ...]:
    """The clauses of an Allow that nobody can be sure to meet, not even one of them alone."""
    certain = Solver(request, possibly=False, cache=cache)
    return tuple(clauses) if len(clauses) == 1 else tuple([one for one in clauses if not certain.can_meet((one,))])


def _holds_only_for(one: Clause, names: frozenset[str]) -> bool:
    """Whether a clause holds for some of `names` alone."""
    operator = one.condition.operator
    positive = operator.base in STRINGS and not (operator.negated or operator.if_exists or operator.quantifier)
    if one.test is None or not positive or not one.test.comparisons:
        return False
    return all(compared.text in names for compared in one.test.comparisons)
