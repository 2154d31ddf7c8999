"""Who gets in by one Allow: the kinds of outside requests, tried one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from .attempt import Attempt, DenyPart, Problem
from .candidates import (
    CALLERS,
    FRESH_ACCOUNT,
    FRESH_ORGANIZATION,
    SOURCES,
)
from .clause import Clause
from .comparisons import STRINGS
from .denials import Deny, against_service, left_to_escape, left_to_hold
from .entrances import Entrance, Membership
from .findings import ANY_ACCOUNT, ANY_SERVICE, FROM_NETWORK, Doubt, Found
from .memo import Memo
from .reach import Reach
from .scene import SOME_ACCOUNT, SOME_ORGANIZATION, Deputy, Outsider, Scene, Sort
from .verdict import Kind, Witness
from .witness import witness


class Search:
    """The search for outside requests that an Allow lets in, past certain Denies; `action` is the one to show."""

    def __init__(self, reach: Reach, denies: Iterable[Deny], action: str) -> None:
        self._reach = reach
        self._ground = reach.ground
        self._place = reach.ground.place
        self._memo = reach.ground.memo
        self._denies = frozenset(denies)
        self._action = action
        self.entries = reach.entries

    @property
    def complete(self) -> bool:
        """Whether every account, organization and service that the policy tells apart was tried."""
        return self._reach.census.complete

    # --- AWS principals ---

    def public(self) -> Found | None:
        """Somebody of a fresh account that the policy does not name, if need be from a network that it names."""
        anybody, anywhere = self._ground.anybody(FRESH_ACCOUNT), self._ground.from_anywhere
        for entrance in (anybody,) if anywhere is None else (anywhere, anybody):
            found = self._enter(entrance, self._fresh_memberships(), possibly=False)
            if isinstance(found, Witness):
                grantee = FROM_NETWORK if anywhere is not None and entrance is anybody else ANY_ACCOUNT
                return Found(Kind.ANY, grantee, (FRESH_ACCOUNT, None), found)
        return None

    def organizations(self) -> Iterator[Found]:
        """Fresh accounts of organizations that the policy tells apart."""
        if not self._ground.mentions(CALLERS.organizations):
            return
        for organization in [*self._reach.census.organizations, FRESH_ORGANIZATION]:
            found = self._enter(self._ground.anybody(FRESH_ACCOUNT), [(organization, False)], possibly=False)
            if isinstance(found, Witness):
                name = organization
                if organization in (FRESH_ORGANIZATION, SOME_ORGANIZATION):
                    name = f"an organization such as {found.context.get('aws:PrincipalOrgID')}"
                yield Found(Kind.ORGANIZATION, name, (FRESH_ACCOUNT, organization), found)

    def accounts(self) -> Iterator[Found]:
        """Accounts that the policy tells apart, under a wildcard principal."""
        if self._ground.mentions(CALLERS.accounts):
            for account in self._reach.census.accounts:
                yield from self.named(self._ground.anybody(account))

    def named(self, entrance: Entrance) -> Iterator[Found]:
        """The account of a principal that is outside."""
        found = self._enter(entrance, self._memberships(), possibly=False)
        if isinstance(found, Witness):
            account = entrance.account
            if account == SOME_ACCOUNT:
                account = str(found.context["aws:PrincipalAccount"])
            yield Found(Kind.ACCOUNT, account, (entrance.account, None), found)

    def doubt(self, known: Iterable[Found]) -> Doubt | None:
        """Somebody besides those known who perhaps gets in under a wildcard principal."""
        tried = {found.tried for found in known}
        organizations = {organization for account, organization in tried if account == FRESH_ACCOUNT}
        for account in [FRESH_ACCOUNT, *self._reach.census.accounts]:
            if account == FRESH_ACCOUNT or (account, None) not in tried:
                memberships = [one for one in self._memberships() if one[0] is None or one[0] not in organizations]
                found = self._enter(self._ground.anybody(account), memberships, possibly=True)
                if isinstance(found, Doubt):
                    return found
        return None

    def named_doubt(self, entrance: Entrance) -> Doubt | None:
        """Whether the account of a principal that is outside perhaps gets in."""
        found = self._enter(entrance, self._memberships(), possibly=True)
        return found if isinstance(found, Doubt) else None

    def unknown_doubt(self, sorts: tuple[Sort, ...]) -> Doubt | None:
        """Whether a principal of an account that is not known perhaps gets in: any of those told apart."""
        accounts = [FRESH_ACCOUNT, *self._reach.census.accounts]
        doubts = (self.named_doubt(self._ground.anybody(account, sorts)) for account in accounts)
        return next((found for found in doubts if found is not None), None)

    def _fresh_memberships(self) -> list[Membership]:
        if not self._ground.mentions(CALLERS.organizations):
            return [(None, True)]
        return [(None, True), (FRESH_ORGANIZATION, True)]

    def _memberships(self) -> list[Membership]:
        """The organizations that an account may be in, as far as they matter."""
        if not self._ground.mentions(CALLERS.organizations):
            return [(None, True)]
        named = [*self._reach.census.organizations, FRESH_ORGANIZATION]
        return [*self._fresh_memberships(), *((name, False) for name in named)]

    def _enter(
        self, entrance: Entrance, memberships: Sequence[Membership], *, possibly: bool
    ) -> Witness | Doubt | None:
        """Try all ways for principals of an account: organizations first, then sorts, then routes."""
        if not self._ground.has_hope(possibly=possibly):
            return None

        def answer(denies: frozenset[Deny]) -> Witness | Doubt | None:
            members = [one for one in memberships if self._reach.admits(one, possibly=possibly)]
            ways = (self._try_ways(entrance, one, denies, possibly=possibly) for one in members)
            return next((found for found in ways if found is not None), None)

        question = self._reach.question(entrance, entrance.account, memberships, possibly=possibly)
        return self._asked(question, answer)

    def _asked(
        self, question: object, answer: Callable[[frozenset[Deny]], Witness | Doubt | None]
    ) -> Witness | Doubt | None:
        """The answer, with this search's action in a witness: it was perhaps found for other actions."""
        found = self._ground.ask(question, self._denies, answer)
        return Witness(found.principal, self._action, found.context) if isinstance(found, Witness) else found

    def _try_ways(
        self, entrance: Entrance, membership: Membership, denies: frozenset[Deny], *, possibly: bool
    ) -> Witness | Doubt | None:
        problem: Problem | None = None
        for sort in self._reach.sorts(entrance, possibly=possibly):
            for route in self._reach.routes(possibly=possibly):
                scene = self._reach.scene(entrance.account, membership, sort, route)
                problem = problem or self._problem(entrance, scene, denies, possibly=possibly)
                found = None if problem is None else self._try(scene, problem, entrance.besides, possibly=possibly)
                if isinstance(found, Witness) and entrance.session:
                    return Witness(entrance.session, found.action, found.context)
                if problem is None or found is not None:
                    return found
        return None

    def _problem(
        self, entrance: Entrance, scene: Outsider, denies: Iterable[Deny], *, possibly: bool
    ) -> Problem | None:
        """What is left to meet once account and organization are settled; None if they already decide against it."""
        attempt = Attempt(scene, possibly, self._memo)
        clauses = (*entrance.clauses, *self._ground.allow.clauses)
        allow = left_to_hold(attempt, clauses)
        if allow is None:
            return None
        parts = [part for deny in _in_order(denies) for part in self._ground.against(deny, entrance.account)]
        parts += self._ground.exempt(entrance.account)
        left = left_to_escape(attempt, parts)
        return None if left is None else Problem(allow, left, whole=Problem(clauses, tuple(parts)))

    def _try(
        self, scene: Scene, problem: Problem, besides: tuple[Clause, ...] = (), *, possibly: bool
    ) -> Witness | Doubt | None:
        attempt = Attempt(scene, possibly, self._memo)
        outside = (*self._reach.left_outside(scene), *besides)
        problem = Problem(problem.allow, problem.denies, outside, problem.whole)
        values = attempt.solve(problem)
        if values is None:
            return None
        if possibly:
            return Doubt(_unsure(scene, self._ground.allow.clauses, self._memo) or problem.allow, scene)
        return witness(attempt, problem, values, self._action, self._ground)

    # --- services ---

    def deputies(self, names: Sequence[str] | None, *, possibly: bool) -> Iterator[Found | Doubt]:
        """Services that act for outside accounts; None stands for any service."""
        if names is None:
            found = self._any_deputy(possibly=possibly)
            if found is not None:
                yield found
            return
        for name in names:
            yield from self._deputy(name, name, possibly=possibly)

    def _any_deputy(self, *, possibly: bool) -> Found | Doubt | None:
        for name in self._reach.census.services(possibly=possibly):
            for found in self._deputy(name, ANY_SERVICE, possibly=possibly):
                return found
        return None

    def _deputy(self, name: str, shown: str, *, possibly: bool) -> Iterator[Found | Doubt]:
        if name in self._reach.circle.services or (possibly and self._asks_for_trusted_network()):
            return
        if not self._ground.has_hope_for(name, possibly=possibly):
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
            scenes = (Deputy(self._place, name, account, *one, self._ground.tagging) for one in memberships)
            ways = (self._try_deputy(scene, parts, possibly=possibly) for scene in scenes)
            return next((found for found in ways if found is not None), None)

        question = self._reach.question(name, account, memberships, possibly=possibly)
        return self._asked(question, answer)

    def _try_deputy(self, scene: Deputy, parts: Sequence[DenyPart], *, possibly: bool) -> Witness | Doubt | None:
        attempt = Attempt(scene, possibly, self._memo)
        allow = left_to_hold(attempt, self._ground.allow.clauses)
        denies = None if allow is None else left_to_escape(attempt, parts)
        if allow is None or denies is None:
            return None
        whole = Problem(self._ground.allow.clauses, tuple(parts))
        return self._try(scene, Problem(allow, denies, whole=whole), possibly=possibly)

    def _asks_for_trusted_network(self) -> bool:
        """Whether the Allow holds only where trust covers the way, whoever sends the request."""
        circle = self._reach.circle
        trusted = {"aws:sourcevpc": circle.vpcs, "aws:sourcevpce": circle.endpoints}
        return any(_holds_only_for(one, trusted.get(one.key, frozenset())) for one in self._ground.allow.clauses)

    def _sources(self) -> Iterator[tuple[str, list[Membership], bool]]:
        """The accounts that a service may act for, with their organizations; a fresh one first."""
        fresh: list[Membership] = [(None, True)]
        named: list[Membership] = []
        if self._ground.mentions(SOURCES.organizations):
            fresh.append((FRESH_ORGANIZATION, True))
            named = [(name, False) for name in [*self._reach.census.source_organizations, FRESH_ORGANIZATION]]
        yield FRESH_ACCOUNT, fresh, True
        for membership in named:
            yield FRESH_ACCOUNT, [membership], False
        if self._ground.mentions(SOURCES.accounts):
            for account in self._reach.census.source_accounts:
                yield account, [*fresh, *named], False


def _in_order(denies: Iterable[Deny]) -> list[Deny]:
    """Denies as the policy has them: a set of them has no order, and the same policy must get the same verdict."""
    return sorted(denies, key=lambda deny: deny.statement.number)


def _unsure(scene: Scene, clauses: Sequence[Clause], memo: Memo) -> tuple[Clause, ...]:
    """The clauses of an Allow that nobody can be sure to meet, not even one of them alone."""
    certain = Attempt(scene, possibly=False, memo=memo)
    return tuple(clauses) if len(clauses) == 1 else tuple([one for one in clauses if not certain.can_meet((one,))])


def _holds_only_for(one: Clause, names: frozenset[str]) -> bool:
    """Whether a clause holds for some of `names` alone."""
    operator = one.condition.operator
    positive = operator.base in STRINGS and not (operator.negated or operator.if_exists or operator.quantifier)
    if one.test is None or not positive or not one.test.comparisons:
        return False
    return all(compared.text in names for compared in one.test.comparisons)
