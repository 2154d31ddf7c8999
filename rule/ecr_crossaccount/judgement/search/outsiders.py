"""The core of the judgement on one page: from the Allows of a policy to a witness.

- `examine` tries all Allows: first who *must* have access, in every one of them, and only then who *may* have it.
- `outsiders` yields those to whom one Allow gives access, for actions with the same trust and the same Denies.
- `Search.callers` lists whom the statements can tell apart, the most public first. One of each class stands for all.
- `Search.enter` tries the requests that a caller can send: by organization, type of principal and network path.
- `constrain` writes down what it must meet: each clause of the Allow, a way around each Deny, no way that trust covers.
- `solve` finds values for the keys that the outsider can choose. `choose` backtracks over the ways around the Denies.
- `witness` (in `witness.py`) writes the values as a request, and replays it before it is believed.

A witness proves access. If mode MAY finds nothing, nobody has access. Everything else is undecided, never compliant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ...documents.document import Principals
from ..conditions.operators import Clause, Demand, Mode, Truth
from ..context.domains import Values
from ..context.request import SOME_ACCOUNT, SOME_ORGANIZATION, PrincipalRequest, PrincipalType, RequestKind
from ..patterns.automaton import BudgetSpentError
from ..values.verdict import Kind, Witness
from .callers import Case, Searches
from .candidates import CALLERS, FRESH_ACCOUNT, FRESH_ORGANIZATION
from .constraints import (
    ANY_ACCOUNT,
    FROM_NETWORK,
    Allow,
    ByDomain,
    Constraints,
    DenyPart,
    DomainConstraint,
    Doubt,
    Found,
    JudgementCache,
    Membership,
    NotExhausted,
    PrincipalMatch,
    in_place_of,
    most_telling,
    problem_of,
    propagate,
    with_constraint,
)
from .denies import Deny, against_service, left_of
from .services import ServiceSearch
from .solver import Solver
from .witness import witness

# --- judge: all Allows, all that is certain before any doubt ---


@dataclass(slots=True)
class Examined:
    """An Allow, who certainly has access through it, each with the actions, and what cannot be determined."""

    allow: Allow
    found: list[tuple[int, Found]] = field(default_factory=list)
    doubt: Doubt | NotExhausted | None = None


def examine(allows: Iterable[Allow], searches: Searches, everybodys: int, price: int) -> list[Examined]:
    """Search Allows for outsiders.

    `everybodys` are the actions that are open to everyone anyway: a doubt about them adds nothing. `price`: the steps
    that it takes to explain a finding.
    """
    examined = [Examined(allow) for allow in allows]
    for mode in (Mode.MUST, Mode.MAY):
        for one in examined:
            try:
                if mode is Mode.MUST:
                    _find(one, searches, price)
                elif one.doubt is None:
                    one.doubt = _doubt(one, searches, everybodys)
            except BudgetSpentError:
                one.doubt = NotExhausted()
    return examined


def _find(one: Examined, searches: Searches, price: int) -> None:
    """Find everyone who certainly has access. Through an Allow with holes, nobody has."""
    if not one.allow.statement.holes:
        for case in searches.cases(one.allow, one.allow.actions, Mode.MUST):
            for found in certain(case):
                searches.cache.budget.spend(price)
                one.found.append((case.actions, found))


def _doubt(one: Examined, searches: Searches, everybodys: int) -> Doubt | NotExhausted | None:
    left = one.allow.perhaps & ~everybodys
    for case in searches.cases(one.allow, left, Mode.MAY) if left else ():
        doubt = possible(case, [found for held, found in one.found if not case.actions & ~held])
        if doubt is not None:
            return doubt
    return None


# --- outsiders: one Allow, one class of actions ---


def certain(case: Case) -> Iterator[Found]:
    """Yield the outsiders who certainly have access, the most public first."""
    return (outsider for outsider in outsiders(Search(case, Mode.MUST)) if isinstance(outsider, Found))


def possible(case: Case, known: Sequence[Found]) -> Doubt | NotExhausted | None:
    """Return someone, besides the known findings, who may have access. NotExhausted if not everyone could be tried."""
    return most_telling(
        outsider for outsider in outsiders(Search(case, Mode.MAY), known) if not isinstance(outsider, Found)
    )


def outsiders(search: Search, known: Sequence[Found] = ()) -> Iterator[Found | Doubt | NotExhausted]:
    """Yield who outside has access, besides those `known`: certainly (`Found`) or perhaps (`Doubt`)."""
    found = list(known)
    for caller in search.callers(found):
        entered = search.enter(caller.match, caller.memberships)
        if isinstance(entered, Witness):
            found.append(Found(caller.kind, _grantee(caller, entered), caller.tried, entered))
            yield found[-1]
        elif entered is not None:
            yield entered
    yield from search.services(known)


class Caller(NamedTuple):
    """A caller to try, in some organizations, and how a finding names it. One stands for all that are like it."""

    kind: Kind
    name: str
    match: PrincipalMatch
    memberships: tuple[Membership, ...]
    organization: str | None = None

    @property
    def tried(self) -> tuple[str, str | None]:
        """The account and organization that stand for all that are like the caller."""
        return self.match.account, self.organization


def _grantee(caller: Caller, shown: Witness) -> str:
    """Return the name of a caller. For one that the policy does not name, it is an example."""
    if caller.name in (FRESH_ORGANIZATION, SOME_ORGANIZATION):
        return f"an organization such as {shown.context.get('aws:PrincipalOrgID')}"
    return str(shown.context["aws:PrincipalAccount"]) if caller.name == SOME_ACCOUNT else caller.name


class Search:
    """A search for outside requests that an Allow allows and certain Denies do not stop.

    In mode MUST its answers are witnesses, in mode MAY doubts.
    """

    def __init__(self, case: Case, mode: Mode) -> None:
        self.mode = mode
        self._scoped = case.scoped
        self.allow_search = case.scoped.allow_search
        self._callers = case.scoped.callers
        self._denies = case.denies
        self._action = case.action

    # --- callers: whom the statements can tell apart ---

    def callers(self, found: Sequence[Found]) -> Iterator[Caller]:
        """Yield the callers to try, the most public first, without those that `found` covers by now."""
        allow_search, principals = self.allow_search, self.allow_search.allow.statement.principals
        if principals.is_wild is not principals.negated:  # NotPrincipal `*` excludes everyone
            yield from self._anybody(found) if self.mode is Mode.MUST else self._perhaps_anybody(found)
        if principals.negated:
            return
        accounts = {one.grantee for one in found if one.kind is Kind.ACCOUNT} if self.mode is Mode.MAY else ()
        for match in self._scoped.entries:
            if match.account not in accounts:
                yield self._account(match)
        for principal_types in _unknown_types(principals) if self.mode is Mode.MAY else ():
            for account in [FRESH_ACCOUNT, *self._callers.accounts]:
                yield self._account(allow_search.anybody(account, principal_types))

    def _anybody(self, found: Sequence[Found]) -> Iterator[Caller]:
        """Yield anyone, else each organization and each account. If anyone has access, the others add nothing."""
        allow_search, callers = self.allow_search, self._callers
        anybody, anywhere = allow_search.anybody(FRESH_ACCOUNT), allow_search.from_anywhere
        if anywhere is not None:
            yield Caller(Kind.ANY, ANY_ACCOUNT, anywhere, callers.fresh_memberships)
        if not _is_open(found):
            name = ANY_ACCOUNT if anywhere is None else FROM_NETWORK
            yield Caller(Kind.ANY, name, anybody, callers.fresh_memberships)
        if _is_open(found):
            return
        if allow_search.mentions(CALLERS.organizations):
            for name in [*callers.organizations, FRESH_ORGANIZATION]:
                yield Caller(Kind.ORGANIZATION, name, anybody, ((name, False),), name)
        if allow_search.mentions(CALLERS.accounts):
            yield from map(self._account, map(allow_search.anybody, callers.accounts))

    def _perhaps_anybody(self, found: Sequence[Found]) -> Iterator[Caller]:
        """Yield a new account and each account, in the organizations that were not found."""
        if _is_open(found):
            return
        tried = {one.tried for one in found}
        organizations = {organization for account, organization in tried if account == FRESH_ACCOUNT}
        left = tuple([membership for membership in self._callers.memberships if membership[0] not in organizations])
        for account in [FRESH_ACCOUNT, *self._callers.accounts]:
            if account == FRESH_ACCOUNT or (account, None) not in tried:
                yield Caller(Kind.ACCOUNT, account, self.allow_search.anybody(account), left)

    def _account(self, match: PrincipalMatch) -> Caller:
        return Caller(Kind.ACCOUNT, match.account, match, self._callers.memberships)

    def services(self, known: Sequence[Found]) -> Iterator[Found | Doubt | NotExhausted]:
        """Yield the services that have access, for the accounts that they act for."""
        principals, names = self.allow_search.allow.statement.principals, self.allow_search.services
        if self.mode is Mode.MAY:
            acting = {one.tried[0] for one in known if one.kind is Kind.SERVICE}
            if names is None and (acting or any(one.public for one in known)):
                return  # if everyone has access, access through a service adds nothing
            left = [name for name in names or () if name not in acting]
            names = None if names is None or principals.unknown_services else left
        if names is None or names:
            yield from ServiceSearch(self._scoped, self._denies, self.mode, self._act).outsiders(names)

    # --- requests: the ways of one caller ---

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
            parts = [
                part
                for deny in allow_search.in_order(denies)
                for part in allow_search.ways_of_deny(deny, match.account)
            ]
            parts += allow_search.exempt(match.account)
            clauses = (*match.clauses, *allow_search.allow.clauses)
            whole = problem_of((clauses, self._counting(parts), (), None))
            return _first(self._try_ways(match, membership, whole) for membership in memberships)

        return self._recall_answer(self._scoped.question(match, match.account, memberships, mode), answer)

    def _act(self, name: str, account: str, memberships: tuple[Membership, ...]) -> Witness | Doubt | None:
        allow_search, scoped = self.allow_search, self._scoped

        def answer(denies: frozenset[Deny]) -> Witness | Doubt | None:
            parts = [part for deny in allow_search.in_order(denies) for part in against_service(deny, name)]
            allow_search.cache.budget.spend(1 + len(denies) // 4)
            requests = (scoped.service_request(name, account, membership) for membership in memberships)
            return _first(self._try_service(request, parts) for request in requests)

        return self._recall_answer(scoped.question(name, account, memberships, self.mode), answer)

    def _recall_answer(
        self, question: object, answer: Callable[[frozenset[Deny]], Witness | Doubt | None]
    ) -> Witness | Doubt | None:
        """Return the answer, which may be from a search for other actions, with this search's action in a witness."""
        found = self.allow_search.ask(question, self._denies, answer)
        return found.calling(self._action) if isinstance(found, Witness) else found

    def _counting(self, parts: Iterable[DenyPart]) -> tuple[DenyPart, ...]:
        """Return the parts of Denies that count. In mode MAY, parts with unknown values do not."""
        return tuple(parts if self.mode is Mode.MUST else [part for part in parts if not part.holed])

    def _try_ways(self, match: PrincipalMatch, membership: Membership, whole: Constraints) -> Witness | Doubt | None:
        failed: list[tuple[Solver, Constraints]] = []
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
        problem: Constraints | None = None
        for request in self._ways(match, membership):
            solver = self._solver(request)
            problem = problem or left_of(solver, whole)
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

    def _solver(self, request: RequestKind) -> Solver:
        return Solver(request, self.mode, self.allow_search.cache)

    def _outside(self, request: RequestKind, problem: Constraints, besides: tuple[Clause, ...] = ()) -> Constraints:
        """Return the problem with the clauses that must not be true of this kind of request."""
        outside = (*self._scoped.left_outside(request), *besides)
        return problem._replace(outside=outside) if outside else problem

    def _try_service(self, request: RequestKind, parts: Sequence[DenyPart]) -> Witness | Doubt | None:
        whole = Constraints(self.allow_search.allow.clauses, self._counting(parts))
        # If account and organization decide a Deny, its policy variables need not be tried.
        solver = self._solver(request)
        problem = left_of(solver, whole) if self.allow_search.varies else whole
        return None if problem is None else self._try(solver, self._outside(request, problem))

    def _try_for(self, match: PrincipalMatch, solver: Solver, problem: Constraints) -> Witness | Doubt | None:
        found = self._try(solver, problem)
        return found.by(match.session) if isinstance(found, Witness) and match.session else found

    def _try(self, solver: Solver, problem: Constraints) -> Witness | Doubt | None:
        values = solve(solver, problem)
        if values is None:
            return None
        if self.mode is Mode.MAY:
            return Doubt(_unsure(solver.request, self.allow_search.allow.clauses, solver.cache), solver.request)
        return witness(solver, problem, values, self._action, self.allow_search)


def _first(answers: Iterable[Witness | Doubt | None]) -> Witness | Doubt | None:
    return next((found for found in answers if found is not None), None)


def _is_open(found: Iterable[Found]) -> bool:
    """Return whether anyone was found, perhaps from a network."""
    return any(one.kind is Kind.ANY for one in found)


def _unknown_types(principals: Principals) -> Iterator[tuple[PrincipalType, ...]]:
    """Yield the types of principals in unknown accounts: sessions of a role, or a user and its federated sessions."""
    for identifier in principals.ids:
        yield (
            (PrincipalType.ROLE,) if identifier.id.startswith("AROA") else (PrincipalType.USER, PrincipalType.FEDERATED)
        )
    if principals.unknown:
        yield (PrincipalType.ROLE, PrincipalType.USER, PrincipalType.FEDERATED, PrincipalType.ROOT)


def _fares_like_one_of(failed: Iterable[tuple[Solver, Constraints]], solver: Solver, asked: Constraints) -> bool:
    """Return whether every key of a problem has the same meaning in a kind of request that was already tried."""
    keys = asked.keys
    return any(
        asked.outside == other.outside and all(solver.meanings[key] is one.meanings[key] for key in keys)
        for one, other in failed
    )


def _unsure(request: RequestKind, clauses: Sequence[Clause], cache: JudgementCache) -> tuple[Clause, ...]:
    """Return the clauses of an Allow that a request cannot certainly meet, alone or together.

    Empty if only a Deny is in doubt.
    """
    certain = Solver(request, Mode.MUST, cache)
    alone = tuple([clause for clause in clauses if certain.can_meet((clause,)) is not Truth.YES])
    return alone if alone or certain.can_meet(clauses) is Truth.YES else tuple(clauses)


# --- constrain and solve: one request ---

_Choices = list[list[DomainConstraint]]
"""For each Deny, the constraints that avoid it. Meeting any of them is enough."""


def constrain(solver: Solver, problem: Constraints) -> tuple[list[DomainConstraint], _Choices] | None:
    """Return what a request must meet, and for each Deny the ways around it. Return None if no request can.

    A clause on a key that the request settles is answered at once. Any other is a constraint on the domain of its key.
    """
    firm: list[DomainConstraint] = []
    choices: _Choices = []
    demands = [(clause, solver.hold) for clause in problem.allow] + [
        (clause, Demand.MAY_NOT) for clause in problem.outside
    ]
    for one, want in demands:
        meaning = solver.meaning(one, want)
        if isinstance(meaning, DomainConstraint):
            firm.append(meaning)
        elif not want.met_by(meaning):
            return None
    for part in problem.denies:
        choice = solver.escapes(part)
        if choice is None:
            continue
        if not choice:
            return None
        choices.append(choice)
    return [*firm, *solver.pins()], choices


def solve(solver: Solver, problem: Constraints) -> dict[str, Values] | None:
    """Return values of keys that make the request a witness, or None if there are none."""
    clauses = problem.clauses
    solver.cache.budget.spend(10 + 2 * len(clauses))
    free = solver.free_variables(clauses)
    if free and solver.mode is Mode.MUST and solve(solver.like_this(Mode.MAY), problem) is None:
        return None  # without a possible result there is no certain one
    for pinned, each in solver.pinnings(problem, free):
        constraints = constrain(pinned, each)
        values = None if constraints is None else _values(pinned, *constraints)
        if values is not None:
            return values
    return None


def _values(solver: Solver, firm: Sequence[DomainConstraint], choices: _Choices) -> dict[str, Values] | None:
    """Return values that meet all firm constraints and one of each choice, or None."""
    constraints = propagate(firm, solver.cache, solver.mode)
    chosen = None if constraints is None else choose(constraints, sorted(choices, key=len), solver)
    if chosen is None:
        return None
    values: dict[str, Values] = {}
    for domain, every in chosen.values():
        values |= solver.cache.assign(domain, every, solver.mode) or {}
    return values


def choose(constraints: ByDomain, choices: Sequence[Sequence[DomainConstraint]], solver: Solver) -> ByDomain | None:
    """Return the constraints with one of each choice, so that each domain still has values, or None."""
    if not choices:
        return constraints
    for domain, asked in choices[0]:
        solver.cache.budget.spend(1)
        every = with_constraint(constraints, domain, asked)
        if solver.cache.assign(*every, solver.mode) is not None:
            found = choose({**constraints, id(domain): every}, choices[1:], solver)
            if found is not None:
                return found
    return None
