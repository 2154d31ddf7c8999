"""Finds who has access through one Allow. It tries the kinds of outside requests one after another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import ClassVar

from ...memo import once
from ..conditions.clause import Clause
from ..conditions.operators import Answer, Mode
from ..context.call import is_well_known
from ..context.keys import SERVICES, is_of_service
from ..context.request import PrincipalRequest, RequestKind, ServiceRequest
from ..values.verdict import Kind, Witness
from .assignments import JudgementCache
from .callers import TrustScopedSearch
from .candidates import FRESH_ACCOUNT, FRESH_ORGANIZATION, SOURCES
from .denies import Deny, against_service, left_to_escape, left_to_hold
from .problem import (
    ALONE,
    ANY_SERVICE,
    DenyPart,
    Doubt,
    Found,
    Incomplete,
    Membership,
    PrincipalMatch,
    Problem,
    most_telling,
    problem_of,
)
from .solver import Solver
from .twins import in_place_of
from .witness import witness


class Search:
    """A search for outside requests that an Allow allows and certain Denies do not stop.

    In mode MUST its answers are witnesses, in mode MAY doubts. `action` is the action that a witness shows.
    """

    mode: ClassVar[Mode]

    def __init__(self, scoped: TrustScopedSearch, denies: frozenset[Deny], action: str) -> None:
        self._scoped = scoped
        self.allow_search = scoped.allow_search
        self._callers = scoped.callers
        self._denies = denies
        self._action = action
        self.entries = scoped.entries

    @once
    def _fruitless(self) -> set[Hashable]:
        """The sorts of services that have no access, whatever account they act for."""
        return set()

    @once
    def _open_sources(self) -> list[_Source]:
        """The sources that a service may act for, as far as they are known."""
        return []

    @property
    def is_hopeless(self) -> bool:
        """Whether it is already known that no AWS principal can have access."""
        return self.allow_search.hopes.get(self.mode) is False

    # --- AWS principals ---

    def enter(self, match: PrincipalMatch, memberships: tuple[Membership, ...]) -> Witness | Doubt | None:
        """Try all ways for principals of an account: by organization, then by type of principal and network path."""
        allow_search, mode = self.allow_search, self.mode
        hope = allow_search.hopes.get(mode)
        if hope is None:
            # The first request nearly always succeeds if any does. So try it before checking what any request can meet.
            hope = (mode is Mode.MUST and allow_search.is_promising) or allow_search.has_hope(mode)
        if not hope:
            return None
        twin = self._scoped.twin(match)
        if twin is not None:
            return in_place_of(self.enter(twin, memberships), twin.account, match.account)

        def answer(denies: frozenset[Deny]) -> Witness | Doubt | None:
            whole = self._whole(match, denies)
            for one in memberships:
                found = self._try_ways(match, one, whole)
                if found is not None:
                    return found
            return None

        question = self._scoped.question(match, match.account, memberships, self.mode)
        return self._remembered(question, answer)

    def _remembered(
        self, question: object, answer: Callable[[frozenset[Deny]], Witness | Doubt | None]
    ) -> Witness | Doubt | None:
        """Return the answer, which may be from a search for other actions, with this search's action in a witness."""
        found = self.allow_search.ask(question, self._denies, answer)
        return found.calling(self._action) if isinstance(found, Witness) else found

    def _try_ways(self, match: PrincipalMatch, membership: Membership, whole: Problem) -> Witness | Doubt | None:
        failed: list[tuple[Solver, Problem]] = []
        if self.mode is Mode.MUST and self.allow_search.is_promising:
            solver = self._solver(self._scoped.request(match.account, membership, match.principal_types[0]))
            asked = self._outside(solver.request, whole, match.besides)
            found = self._try_for(match, solver, asked)
            if found is not None:
                return found
            self.allow_search.count_failure()
            # A caller who cannot possibly have access cannot certainly have it. The later search in mode MAY needs this
            # answer in any case.
            if not (self.allow_search.has_hope(Mode.MAY) and self.allow_search.has_hope(self.mode)):
                return None
            failed.append((solver, asked))
        problem: Problem | None = None
        for request in self._ways(match, membership):
            solver = self._solver(request)
            problem = problem or self._left(solver, whole)
            if problem is None:
                return None
            asked = self._outside(request, problem, match.besides)
            self.allow_search.cache.budget.spend(1 + len(failed) // 2)
            if failed and _fares_like_one_of(failed, solver, asked):
                continue
            found = self._try_for(match, solver, asked)
            if found is not None:
                return found
            failed.append((solver, asked))
        return None

    def _ways(self, match: PrincipalMatch, membership: Membership) -> Iterator[PrincipalRequest]:
        """Yield the kinds of requests that principals of an account can send, by type of principal and network path."""
        if not self._scoped.admits(membership, self.mode):
            return
        for principal_type in self._scoped.principal_types(match, self.mode):
            for network_path in self._scoped.network_paths(self.mode):
                yield self._scoped.request(match.account, membership, principal_type, network_path)

    def _whole(self, match: PrincipalMatch, denies: frozenset[Deny]) -> Problem:
        """Return what the matching principals must meet, in any kind of request."""
        allow_search, account = self.allow_search, match.account
        parts = [part for deny in allow_search.in_order(denies) for part in allow_search.against(deny, account)]
        parts += allow_search.exempt(account)
        return problem_of(((*match.clauses, *allow_search.allow.clauses), self._counting(parts), (), None))

    def _counting(self, parts: Iterable[DenyPart]) -> tuple[DenyPart, ...]:
        """Return the parts of Denies that count. In mode MAY, parts with unknown values do not."""
        return tuple(parts if self.mode is Mode.MUST else [part for part in parts if not part.holed])

    def _solver(self, request: RequestKind) -> Solver:
        return Solver(request, self.mode, self.allow_search.cache)

    def _left(self, solver: Solver, whole: Problem) -> Problem | None:
        """Return what is left to meet after account and organization are decided.

        Returns None if they already decide against it.
        """
        self.allow_search.cache.budget.spend(1 + (len(whole.allow) + len(whole.denies)) // 3)
        allow = left_to_hold(solver, whole.allow)
        denies = None if allow is None else left_to_escape(solver, whole.denies)
        return None if allow is None or denies is None else problem_of((allow, denies, (), whole))

    def _outside(self, request: RequestKind, problem: Problem, besides: tuple[Clause, ...] = ()) -> Problem:
        """Return the problem with the clauses that must not be true of this kind of request."""
        outside = (*self._scoped.left_outside(request), *besides)
        return problem._replace(outside=outside) if outside else problem

    def _try_for(self, match: PrincipalMatch, solver: Solver, problem: Problem) -> Witness | Doubt | None:
        found = self._try(solver, problem)
        if isinstance(found, Witness) and match.session:
            return found.by(match.session)
        return found

    def _try(self, solver: Solver, problem: Problem) -> Witness | Doubt | None:
        values = solver.solve(problem)
        if values is None:
            return None
        if self.mode is Mode.MAY:
            request = solver.request
            return Doubt(_unsure(request, self.allow_search.allow.clauses, self.allow_search.cache), request)
        return witness(solver, problem, values, self._action, self.allow_search)

    # --- services ---

    def services(self, names: Sequence[str] | None) -> Iterator[Found | Doubt | Incomplete]:
        """Yield answers for services that act for outside accounts. None means any service."""
        if not self.allow_search.has_hope_for_others(self.mode):
            return
        if names is not None:
            for name in names:
                yield from self._service(name, name)
            return
        tried = self._callers.services(self.mode)
        answers = (found for name in tried.names for found in self._service(name, ANY_SERVICE))
        found: Found | Doubt | Incomplete | None = most_telling(answers)
        if found is not None:
            yield found
        elif not tried.complete:
            yield Incomplete()

    def _service(self, name: str, shown: str) -> Iterator[Found | Doubt | Incomplete]:
        if self._is_out_of_question(name):
            return
        sort, fruitless = self._sort_of(name), True
        for account, memberships, public in () if sort in self._fruitless else self._sources():
            found = self._act(name, account, memberships)
            if isinstance(found, Doubt):
                yield found
            elif found is not None:
                whom = "any account" if public else _acted_for(account, memberships[0][0], found)
                yield Found(Kind.SERVICE, f"{shown} for {whom}", (name, account), found)
                if public:
                    return
            fruitless = fruitless and found is None
        if fruitless:
            self._fruitless.add(sort)
        if not self._callers.tells_all_sources_apart:
            yield Incomplete()

    def _sort_of(self, name: str) -> Hashable:
        """Return what decides about a service, whatever account it acts for.

        It is the name if a condition is about it.
        """
        if self.allow_search.mentions(SERVICES):
            return name
        return is_well_known(name), tuple([name in deny.statement.principals.services for deny in self._denies])

    def _is_out_of_question(self, name: str) -> bool:
        """Return whether a service need not be tried.

        Either trust covers it, or it cannot meet the clauses of the Allow that are not about the source.
        """
        if name in self._scoped.circle.services or (self.mode is Mode.MAY and self._asks_for_trusted_network()):
            return True
        return not self.allow_search.has_hope_for(name, self.mode)

    def _act(self, name: str, account: str, memberships: tuple[Membership, ...]) -> Witness | Doubt | None:
        def answer(denies: frozenset[Deny]) -> Witness | Doubt | None:
            parts = [part for deny in self.allow_search.in_order(denies) for part in against_service(deny, name)]
            self.allow_search.cache.budget.spend(1 + len(denies) // 4)
            for one in memberships:
                found = self._try_service(self._service_request(name, account, one), parts)
                if found is not None:
                    return found
            return None

        question = self._scoped.question(name, account, memberships, self.mode)
        return self._remembered(question, answer)

    def _try_service(self, request: ServiceRequest, parts: Sequence[DenyPart]) -> Witness | Doubt | None:
        whole = Problem(self.allow_search.allow.clauses, self._counting(parts))
        # If account and organization decide a Deny, its policy variables need not be tried.
        solver = self._solver(request)
        problem = self._left(solver, whole) if self.allow_search.varies else whole
        return None if problem is None else self._try(solver, self._outside(request, problem))

    def _asks_for_trusted_network(self) -> bool:
        """Return whether the Allow applies only to network paths that trust covers."""
        circle = self._scoped.circle
        trusted = {"aws:sourcevpc": circle.vpcs, "aws:sourcevpce": circle.endpoints}
        return any(_holds_only_for(one, trusted.get(one.key, frozenset())) for one in self.allow_search.allow.clauses)

    def _sources(self) -> Iterator[_Source]:
        """Yield the accounts that a service may act for, with their organizations, and whether it is any account.

        Those that no service can act for are left out. This is found out once for all services, as far as it is needed.
        """
        yield from self._open_sources
        for account, memberships, public in self._further_sources:
            left = tuple([one for one in memberships if self._is_open(account, one)])
            if left:
                self._open_sources.append((account, left, public))
                yield account, left, public

    @once
    def _further_sources(self) -> Iterator[_Source]:
        """Yield the accounts that the Allow and its Denies distinguish. A new account is first."""
        fresh: tuple[Membership, ...] = (ALONE,)
        named: tuple[Membership, ...] = ()
        if self.allow_search.mentions(SOURCES.organizations):
            fresh = (ALONE, (FRESH_ORGANIZATION, True))
            named = tuple([(name, False) for name in (*self._callers.source_organizations.names, FRESH_ORGANIZATION)])
        yield FRESH_ACCOUNT, fresh, True
        for membership in named:
            yield FRESH_ACCOUNT, (membership,), False
        if self.allow_search.mentions(SOURCES.accounts):
            for account in self._callers.source_accounts.names:
                yield account, (*fresh, *named), False

    def _is_open(self, account: str, membership: Membership) -> bool:
        """Return whether account and organization do not already decide against every service.

        That is not asked where services are tried by their sort.
        """
        if not self.allow_search.mentions(SERVICES):
            return True
        whole = self._of_every_service
        return self._left(self._solver(self._service_request("", account, membership)), whole) is not None

    @once
    def _of_every_service(self) -> Problem:
        """What every service must meet, whatever its name."""
        allow = tuple([one for one in self.allow_search.allow.clauses if not _is_of_service(one)])
        denies = [
            DenyPart(deny.clauses)
            for deny in self.allow_search.in_order(self._denies)
            if deny.statement.principals.everyone
            and not (deny.statement.principals.negated or deny.holed or any(map(_is_of_service, deny.clauses)))
        ]
        return Problem(allow, tuple(denies))

    def _service_request(self, name: str, account: str, membership: Membership) -> ServiceRequest:
        return ServiceRequest(self.allow_search.repository, name, account, *membership, self.allow_search.tagging)


_Source = tuple[str, tuple[Membership, ...], bool]


def _is_of_service(one: Clause) -> bool:
    return any(map(is_of_service, (one.key, *one.variables)))


def _fares_like_one_of(failed: Iterable[tuple[Solver, Problem]], solver: Solver, asked: Problem) -> bool:
    """Return whether every key of a problem has the same meaning in a kind of request that was already tried."""
    keys = asked.keys
    return any(
        asked.outside == other.outside and all(solver.meanings[key] is one.meanings[key] for key in keys)
        for one, other in failed
    )


def _acted_for(account: str, organization: str | None, found: Witness) -> str:
    """Return the account or organization that a service acts for.

    For one that the policy does not name, return an example.
    """
    if account != FRESH_ACCOUNT:
        return account
    if organization != FRESH_ORGANIZATION:
        return str(organization)
    # A new organization differs from others only in its path. The witness shows the path.
    return f"an organization such as {''.join(found.values('aws:SourceOrgPaths')).partition('/')[0]}"


def _unsure(request: RequestKind, clauses: Sequence[Clause], cache: JudgementCache) -> tuple[Clause, ...]:
    """Return the clauses of an Allow that a request cannot certainly meet, alone or together.

    Empty if only a Deny is in doubt.
    """
    certain = Solver(request, Mode.MUST, cache)
    alone = tuple([one for one in clauses if certain.can_meet((one,)) is not Answer.YES])
    return alone if alone or certain.can_meet(clauses) is Answer.YES else tuple(clauses)


def _holds_only_for(one: Clause, names: frozenset[str]) -> bool:
    """Return whether a clause is true only for some of `names`."""
    operator = one.condition.operator
    if one.test is None or operator.negated or operator.if_exists or operator.quantifier:
        return False
    compared = one.test.comparisons  # always of strings
    return bool(compared) and all(each.text in names for each in compared)
