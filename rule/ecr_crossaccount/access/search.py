"""Who gets in by one Allow: the kinds of outside requests, tried one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..policy.document import Effect, Statement
from ..policy.principals import Form, Named
from .attempt import Attempt, DenyPart, Memo, Problem
from .candidates import (
    CALLERS,
    FRESH_ACCOUNT,
    FRESH_ORGANIZATION,
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
from .clause import Clause, Roles, clause, identity, like
from .denials import Deny, against, against_service, exempt, left_to_escape, left_to_hold
from .keys import depends_on_sort, is_bound, is_of_caller, is_of_organization, is_of_route, is_of_source
from .operators import STRINGS
from .routes import FORWARDED, ROUTED
from .scene import SOME_ACCOUNT, SOME_ORGANIZATION, Apart, Deputy, Inside, Outsider, Place, Route, Scene, Sort, Tagging
from .trust import Circle
from .verdict import Kind, Witness
from .witness import witness


@dataclass(frozen=True, slots=True, eq=False)
class Allow:
    """An Allow, ready for searching; `perhaps` holds the actions that it allows if its holes are filled so."""

    statement: Statement
    clauses: tuple[Clause, ...]
    actions: int
    perhaps: int


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody outside whom an Allow lets in.

    `tried`: the account and organization of the request, or the service and its account, as the search knows
    them. `anybody`: any account gets in, or a service acting for any.
    """

    kind: Kind
    grantee: str
    anybody: bool
    tried: tuple[str, str | None]
    witness: Witness


@dataclass(frozen=True, slots=True)
class Doubt:
    """A kind of request of which nobody can tell whether an Allow lets it in; `clauses` are what it hangs on."""

    clauses: tuple[Clause, ...]
    scene: Scene


@dataclass(frozen=True, slots=True, eq=False)
class Entrance:
    """One way for AWS principals of an account to match the Allow's Principal."""

    account: str
    sorts: tuple[Sort, ...]
    clauses: tuple[Clause, ...] = ()
    session: str | None = None


Membership = tuple[str | None, bool]
"""An organization, or None, and whether its root and units are ones that no policy names."""

_ALL_SORTS = (Sort.ROLE, Sort.USER, Sort.FEDERATED, Sort.ROOT)
DIRECT = Route()
_ALONE: Membership = (None, True)
_ROUTES = (DIRECT, Route(address=False, endpoint=True))
_FORWARDED_ROUTES = (*_ROUTES, *(replace(route, via=True) for route in _ROUTES))
_UNSURE_ROUTES = (Route(address=True, endpoint=True), Route(address=False, via=True))
_SORTS_OF = {
    Form.ACCOUNT: _ALL_SORTS,
    Form.ROLE: (Sort.ROLE,),
    Form.SESSION: (Sort.ROLE,),
    Form.USER: (Sort.USER,),
    Form.FEDERATED: (Sort.FEDERATED,),
}


def entrances(entry: Named, roles: Roles) -> Iterator[Entrance]:
    """The ways in for one named principal: a user lets his federated sessions in as well."""
    session = entry.source if entry.form is Form.SESSION else None
    clauses = tuple(clause(condition, Effect.ALLOW) for condition in identity(entry, roles))
    yield Entrance(entry.account, _SORTS_OF[entry.form], clauses, session)
    if entry.form is Form.USER:
        yield Entrance(entry.account, (Sort.FEDERATED,))


class Reach:
    """What all searches for one Allow share, under one trust and for calls with the same tags.

    It remembers what was found under which Denies. More Denies never let anybody in: who fails under some fails under
    more, and who gets past some gets past fewer.
    """

    def __init__(
        self,
        place: Place,
        allow: Allow,
        denies: Sequence[Deny],
        circle: Circle,
        tagging: Tagging,
        roles: Roles,
        memo: Memo,
    ) -> None:
        self.place = place
        self.allow = allow
        self.circle = circle
        self.tagging = tagging
        self.memo = memo
        self.complete = True
        self.entries = [entrance for one in allow.statement.principals.named for entrance in entrances(one, roles)]
        self.inside = Inside(
            (place.owner, *sorted(circle.accounts)),
            tuple(filter(None, (place.organization, *sorted(circle.organizations)))),
            circle.paths,
        )
        self._roles = roles
        self._denies = denies
        self._clauses = (*allow.clauses, *(one for deny in denies for one in deny.clauses))
        self._mentioned = _mentioned(self._clauses)
        principals = [allow.statement.principals, *(deny.statement.principals for deny in denies)]
        if any(one.named for one in principals):
            self._mentioned.add("aws:principalarn")
        self._without_hope: dict[object, bool] = {}
        self._hits: dict[tuple[Deny, str | None], list[DenyPart]] = {}
        self._trusted_paths: dict[tuple[str, str], tuple[Clause, ...]] = {}
        self._sorts: dict[tuple[Entrance, bool], list[Sort]] = {}
        self._routes: dict[bool, list[Route]] = {}
        self._anybody: dict[tuple[str, tuple[Sort, ...]], Entrance] = {}
        self._failed: dict[object, list[frozenset[Deny]]] = {}
        self._passed: dict[object, list[tuple[frozenset[Deny], Witness | Doubt]]] = {}

    def ask(
        self, question: object, denies: frozenset[Deny], answer: Callable[[frozenset[Deny]], Witness | Doubt | None]
    ) -> Witness | Doubt | None:
        """Answer a question under some Denies, from what is known of fewer and of more where that suffices."""
        for passed, known in self._passed.get(question, ()):
            if denies <= passed:
                return known
        if any(failed <= denies for failed in self._failed.get(question, ())):
            return None
        if denies and self._asked_without_denies(question, answer) is None:
            return None
        found = answer(denies)
        if found is None:
            self._failed.setdefault(question, []).append(denies)
        else:
            self._passed.setdefault(question, []).append((denies, found))
        return found

    def _asked_without_denies(
        self, question: object, answer: Callable[[frozenset[Deny]], Witness | Doubt | None]
    ) -> Witness | Doubt | None:
        return self.ask(question, frozenset(), answer)

    def mentions(self, keys: frozenset[str]) -> bool:
        """Whether the Allow or a Deny that touches it asks about one of the keys."""
        return not self._mentioned.isdisjoint(keys)

    def admits(self, membership: Membership, *, possibly: bool) -> bool:
        """Whether what the Allow asks of the organization alone can be met in this one."""
        asked = [one for one in self.allow.clauses if not one.variables and is_of_organization(one.key)]
        scene = self.scene(FRESH_ACCOUNT, membership)
        return not self._is_unmet((membership, possibly), scene, asked, possibly=possibly)

    def sorts(self, entrance: Entrance, *, possibly: bool) -> list[Sort]:
        """The sorts of principals that can meet what the Allow asks of the principal alone."""
        known = self._sorts.get((entrance, possibly))
        if known is None:
            clauses = (*entrance.clauses, *self.allow.clauses)
            asked = [one for one in clauses if not one.variables and is_of_caller(one.key)]
            matters = any(map(depends_on_sort, self._mentioned)) or entrance.clauses
            known = self._sorts[entrance, possibly] = [
                sort
                for sort in (entrance.sorts if matters else entrance.sorts[:1])
                if self._is_met(self.scene(entrance.account, _ALONE, sort), asked, possibly=possibly)
            ]
        return known

    def routes(self, *, possibly: bool) -> list[Route]:
        """The routes that can meet what the Allow asks of the route alone."""
        known = self._routes.get(possibly)
        if known is None:
            asked = [one for one in self.allow.clauses if not one.variables and is_of_route(one.key)]
            known = self._routes[possibly] = [
                route
                for route in self._possible_routes(possibly=possibly)
                if self._is_met(self.scene(FRESH_ACCOUNT, _ALONE, route=route), asked, possibly=possibly)
            ]
        return known

    def _possible_routes(self, *, possibly: bool) -> tuple[Route, ...]:
        if self._mentioned.isdisjoint(ROUTED) and self._mentioned.isdisjoint(FORWARDED):
            return (DIRECT,)
        if possibly:
            return (*_FORWARDED_ROUTES, *_UNSURE_ROUTES)
        return _ROUTES if self._mentioned.isdisjoint(FORWARDED) else _FORWARDED_ROUTES

    def _is_met(self, scene: Scene, asked: Sequence[Clause], *, possibly: bool) -> bool:
        return Attempt(scene, possibly, self.memo).solve(Problem(tuple(asked), ())) is not None

    def is_hopeless(self, *, possibly: bool) -> bool:
        """Whether what the Allow asks of keys that are the same for every caller cannot be met by anybody."""
        scene = Outsider(self.place, FRESH_ACCOUNT, None, True, tagging=self.tagging)
        free = [one for one in self.allow.clauses if not (one.variables or is_bound(one.key))]
        return self._is_unmet(("caller", possibly), scene, free, possibly=possibly)

    def is_hopeless_for(self, name: str, *, possibly: bool) -> bool:
        """Whether what the Allow asks besides the source cannot be met by a service."""
        scene = Deputy(self.place, name, FRESH_ACCOUNT, None, True, self.tagging)
        free = [one for one in self.allow.clauses if not (one.variables or is_of_source(one.key))]
        return self._is_unmet((name, possibly), scene, free, possibly=possibly)

    def _is_unmet(self, place: object, scene: Scene, free: Sequence[Clause], *, possibly: bool) -> bool:
        known = self._without_hope.get(place)
        if known is None:
            known = self._without_hope[place] = not self._is_met(scene, free, possibly=possibly)
        return known

    def left_outside(self, scene: Scene) -> tuple[Clause, ...]:
        """What trust covers is no witness: organization paths, VPCs and VPC endpoints."""
        found = self._trusted_ways if isinstance(scene, Outsider) and scene.route.endpoint else ()
        organization = scene.organization
        if organization is None or scene.fresh:
            return found
        key = "aws:sourceorgpaths" if isinstance(scene, Deputy) else "aws:principalorgpaths"
        known = self._trusted_paths.get((organization, key))
        if known is None:
            paths = [path for path in self.circle.paths if path.startswith(f"{organization}/")]
            known = (clause(like(key, paths), Effect.ALLOW),) if paths else ()
            self._trusted_paths[organization, key] = known
        return found + known

    @cached_property
    def _trusted_ways(self) -> tuple[Clause, ...]:
        ways = {"aws:sourcevpc": self.circle.vpcs, "aws:sourcevpce": self.circle.endpoints}
        return tuple(clause(like(key, sorted(names)), Effect.ALLOW) for key, names in ways.items() if names)

    def against(self, deny: Deny, account: str) -> list[DenyPart]:
        """The ways in which a Deny hits an account's principals: the same for all accounts that it does not name."""
        named = any(entry.account == account for entry in deny.statement.principals.named)
        place = (deny, account if named else None)
        known = self._hits.get(place)
        if known is None:
            known = self._hits[place] = list(against(deny, account, self._roles))
        return known

    def exempt(self, account: str) -> Iterator[DenyPart]:
        """Those of an account whom the Allow's NotPrincipal leaves out."""
        principals = self.allow.statement.principals
        return exempt(principals, account, self._roles) if principals.negated else iter(())

    def anybody(self, account: str, sorts: tuple[Sort, ...] = _ALL_SORTS) -> Entrance:
        """The entrance of any principal of an account, of some sorts."""
        known = self._anybody.get((account, sorts))
        if known is None:
            known = self._anybody[account, sorts] = Entrance(account, sorts)
        return known

    def scene(self, account: str, membership: Membership, sort: Sort = Sort.ROLE, route: Route = DIRECT) -> Outsider:
        """Return the kind of request that a principal of an account sends."""
        organization, fresh = membership
        place, inside = self.place, self.inside
        return Outsider(place, account, organization, fresh, sort, route, self.tagging, inside, self._apart)

    @cached_property
    def _apart(self) -> Apart:
        return Apart(tuple(self.named_accounts), tuple(self.named_organizations))

    @cached_property
    def named_accounts(self) -> list[str]:
        """The outside accounts that the Allow and its Denies write out for callers."""
        principals = [deny.statement.principals for deny in self._denies]
        listed = [entry.account for one in principals for entry in one.named]
        named = named_accounts(bearing(self._clauses, CALLERS.accounts))
        return [account for account in dict.fromkeys([*named, *listed]) if account not in self.inside.accounts]

    @cached_property
    def named_organizations(self) -> list[str]:
        """The outside organizations that the Allow and its Denies write out, and those that trust knows in part."""
        own = [self.place.organization] if self.place.organization else []
        partly = [path.partition("/")[0] for path in self.circle.paths]
        named = named_organizations(bearing(self._clauses, CALLERS.organizations))
        return [name for name in dict.fromkeys([*named, *own, *partly]) if name not in self.circle.organizations]

    @cached_property
    def accounts(self) -> list[str]:
        """The outside accounts to ask for: those written out, and some other where wildcards tell it apart."""
        some = tell_accounts_apart(self._clauses, self.place.partition)
        return [*self.named_accounts, *([SOME_ACCOUNT] if some else [])]

    @cached_property
    def organizations(self) -> list[str]:
        """The outside organizations to ask for: those written out, and some other where wildcards tell it apart."""
        some = tell_organizations_apart(self._clauses)
        return [*self.named_organizations, *([SOME_ORGANIZATION] if some else [])]

    @cached_property
    def source_accounts(self) -> list[str]:
        """The outside accounts that a service may act for and that the Allow and its Denies tell apart."""
        clauses = bearing(self._clauses, SOURCES.accounts)
        inside = self.inside.accounts
        sampled, complete = account_classes(clauses, SOURCES, inside, self.place.partition, self.memo.budget)
        self.complete &= complete
        return [one for one in dict.fromkeys([*named_accounts(clauses), *sampled]) if one not in inside]

    @cached_property
    def source_organizations(self) -> list[str]:
        """The outside organizations that a service may act for and that the Allow and its Denies tell apart."""
        clauses = bearing(self._clauses, SOURCES.organizations)
        sampled, complete = organization_classes(clauses, SOURCES, self.inside.organizations, self.memo.budget)
        self.complete &= complete
        own = [self.place.organization] if self.place.organization else []
        every = dict.fromkeys([*named_organizations(clauses), *own, *sampled])
        return [name for name in every if name not in self.circle.organizations]

    def services(self) -> list[str]:
        """The services to try where the Allow admits any."""
        principals = self.allow.statement.principals
        excluded = principals.services if principals.negated else ()
        denied = [name for deny in self._denies for name in deny.statement.principals.services]
        trusted = sorted(self.circle.services)
        names, complete = services(self._clauses, [*denied, *excluded], trusted, self.memo.budget)
        self.complete &= complete
        return [name for name in names if name not in excluded]


class Search:
    """The search for outside requests that an Allow lets in, past certain Denies; `action` is the one to show."""

    def __init__(self, reach: Reach, denies: Iterable[Deny], action: str) -> None:
        self._reach = reach
        self._place = reach.place
        self._memo = reach.memo
        self._denies = frozenset(denies)
        self._action = action
        self.entries = reach.entries

    @property
    def complete(self) -> bool:
        """Whether every account, organization and service that the policy tells apart was tried."""
        return self._reach.complete

    # --- AWS principals ---

    def public(self) -> Found | None:
        """Somebody of a fresh account that the policy does not name."""
        found = self._enter(self._reach.anybody(FRESH_ACCOUNT), self._fresh_memberships(), possibly=False)
        if not isinstance(found, Witness):
            return None
        return Found(Kind.ANY, "any AWS account", True, (FRESH_ACCOUNT, None), found)

    def organizations(self) -> Iterator[Found]:
        """Fresh accounts of organizations that the policy tells apart."""
        if not self._reach.mentions(CALLERS.organizations):
            return
        for organization in [*self._reach.organizations, FRESH_ORGANIZATION]:
            found = self._enter(self._reach.anybody(FRESH_ACCOUNT), [(organization, False)], possibly=False)
            if isinstance(found, Witness):
                name = organization
                if organization in (FRESH_ORGANIZATION, SOME_ORGANIZATION):
                    name = f"an organization such as {found.context.get('aws:PrincipalOrgID')}"
                yield Found(Kind.ORGANIZATION, name, False, (FRESH_ACCOUNT, organization), found)

    def accounts(self) -> Iterator[Found]:
        """Accounts that the policy tells apart, under a wildcard principal."""
        if self._reach.mentions(CALLERS.accounts):
            for account in self._reach.accounts:
                yield from self.named(self._reach.anybody(account))

    def named(self, entrance: Entrance) -> Iterator[Found]:
        """The account of a named principal, if trust does not cover it."""
        if entrance.account not in self._reach.inside.accounts:
            found = self._enter(entrance, self._memberships(), possibly=False)
            if isinstance(found, Witness):
                account = entrance.account
                if account == SOME_ACCOUNT:
                    account = str(found.context["aws:PrincipalAccount"])
                yield Found(Kind.ACCOUNT, account, False, (entrance.account, None), found)

    def doubt(self, known: Iterable[Found]) -> Doubt | None:
        """Somebody besides those known who perhaps gets in under a wildcard principal."""
        tried = {found.tried for found in known}
        organizations = {organization for account, organization in tried if account == FRESH_ACCOUNT}
        for account in [FRESH_ACCOUNT, *self._reach.accounts]:
            if account == FRESH_ACCOUNT or (account, None) not in tried:
                memberships = [one for one in self._memberships() if one[0] is None or one[0] not in organizations]
                found = self._enter(self._reach.anybody(account), memberships, possibly=True)
                if isinstance(found, Doubt):
                    return found
        return None

    def named_doubt(self, entrance: Entrance) -> Doubt | None:
        """Whether the account of a named principal perhaps gets in."""
        if entrance.account in self._reach.inside.accounts:
            return None
        found = self._enter(entrance, self._memberships(), possibly=True)
        return found if isinstance(found, Doubt) else None

    def unknown_doubt(self, sorts: tuple[Sort, ...]) -> Doubt | None:
        """Whether a principal of an account that is not known perhaps gets in: any of those told apart."""
        for account in [FRESH_ACCOUNT, *self._reach.accounts]:
            found = self.named_doubt(self._reach.anybody(account, sorts))
            if found is not None:
                return found
        return None

    def _fresh_memberships(self) -> list[Membership]:
        if not self._reach.mentions(CALLERS.organizations):
            return [(None, True)]
        return [(None, True), (FRESH_ORGANIZATION, True)]

    def _memberships(self) -> list[Membership]:
        """The organizations that an account may be in, as far as they matter."""
        if not self._reach.mentions(CALLERS.organizations):
            return [(None, True)]
        named = [*self._reach.organizations, FRESH_ORGANIZATION]
        return [*self._fresh_memberships(), *((name, False) for name in named)]

    def _enter(
        self, entrance: Entrance, memberships: Sequence[Membership], *, possibly: bool
    ) -> Witness | Doubt | None:
        """Try all ways for principals of an account: organizations first, then sorts, then routes."""
        if self._reach.is_hopeless(possibly=possibly):
            return None

        def answer(denies: frozenset[Deny]) -> Witness | Doubt | None:
            members = [one for one in memberships if self._reach.admits(one, possibly=possibly)]
            ways = (self._try_ways(entrance, one, denies, possibly=possibly) for one in members)
            return next((found for found in ways if found is not None), None)

        found = self._reach.ask((entrance, tuple(memberships), possibly), self._denies, answer)
        return replace(found, action=self._action) if isinstance(found, Witness) else found

    def _try_ways(
        self, entrance: Entrance, membership: Membership, denies: frozenset[Deny], *, possibly: bool
    ) -> Witness | Doubt | None:
        problem: Problem | None = None
        for sort in self._reach.sorts(entrance, possibly=possibly):
            for route in self._reach.routes(possibly=possibly):
                scene = self._reach.scene(entrance.account, membership, sort, route)
                problem = problem or self._problem(entrance, scene, denies, possibly)
                found = None if problem is None else self._try(scene, problem, possibly)
                if isinstance(found, Witness) and entrance.session:
                    return replace(found, principal=entrance.session)
                if problem is None or found is not None:
                    return found
        return None

    def _problem(
        self, entrance: Entrance, scene: Outsider, denies: Iterable[Deny], possibly: bool
    ) -> Problem | None:
        """What is left to meet once account and organization are settled; None if they already decide against it."""
        attempt = Attempt(scene, possibly, self._memo)
        allow = left_to_hold(attempt, (*entrance.clauses, *self._reach.allow.clauses))
        if allow is None:
            return None
        parts = [part for deny in denies for part in self._reach.against(deny, entrance.account)]
        left = left_to_escape(attempt, [*parts, *self._reach.exempt(entrance.account)])
        return None if left is None else Problem(allow, left)

    def _try(self, scene: Scene, problem: Problem, possibly: bool) -> Witness | Doubt | None:
        attempt = Attempt(scene, possibly, self._memo)
        problem = replace(problem, outside=self._reach.left_outside(scene))
        values = attempt.solve(problem)
        if values is None:
            return None
        if possibly:
            return Doubt(problem.allow, scene)
        return witness(attempt, problem, values, self._action)

    # --- services ---

    def deputies(self, names: Sequence[str] | None, *, possibly: bool) -> Iterator[Found | Doubt]:
        """Services that act for outside accounts; None stands for any service."""
        if names is None:
            found = self._any_deputy(possibly)
            if found is not None:
                yield found
            return
        for name in names:
            yield from self._deputy(name, name, possibly)

    def _any_deputy(self, possibly: bool) -> Found | Doubt | None:
        for name in self._reach.services():
            for found in self._deputy(name, "any AWS service", possibly):
                return found
        return None

    def _deputy(self, name: str, shown: str, possibly: bool) -> Iterator[Found | Doubt]:
        if name in self._reach.circle.services or (possibly and self._asks_for_trusted_network()):
            return
        if self._reach.is_hopeless_for(name, possibly=possibly):
            return
        for account, memberships, public in self._sources():
            found = self._act(name, account, memberships, possibly=possibly)
            if isinstance(found, Doubt):
                yield found
                return
            if found is not None:
                whom = "any account" if public else memberships[0][0] if account == FRESH_ACCOUNT else account
                yield Found(Kind.SERVICE, f"{shown} for {whom}", public, (name, account), found)
                if public:
                    return

    def _act(
        self, name: str, account: str, memberships: Sequence[Membership], *, possibly: bool
    ) -> Witness | Doubt | None:
        def answer(denies: frozenset[Deny]) -> Witness | Doubt | None:
            parts = [part for deny in denies for part in against_service(deny, name)]
            scenes = (Deputy(self._place, name, account, *one, self._reach.tagging) for one in memberships)
            ways = (self._try_deputy(scene, parts, possibly=possibly) for scene in scenes)
            return next((found for found in ways if found is not None), None)

        found = self._reach.ask((name, account, tuple(memberships), possibly), self._denies, answer)
        return replace(found, action=self._action) if isinstance(found, Witness) else found

    def _try_deputy(self, scene: Deputy, parts: Iterable[DenyPart], *, possibly: bool) -> Witness | Doubt | None:
        attempt = Attempt(scene, possibly, self._memo)
        allow = left_to_hold(attempt, self._reach.allow.clauses)
        denies = None if allow is None else left_to_escape(attempt, parts)
        if allow is None or denies is None:
            return None
        return self._try(scene, Problem(allow, denies), possibly)

    def _asks_for_trusted_network(self) -> bool:
        """Whether the Allow holds only where trust covers the way, whoever sends the request."""
        circle = self._reach.circle
        trusted = {"aws:sourcevpc": circle.vpcs, "aws:sourcevpce": circle.endpoints}
        return any(_holds_only_for(one, trusted.get(one.key, frozenset())) for one in self._reach.allow.clauses)

    def _sources(self) -> Iterator[tuple[str, list[Membership], bool]]:
        """The accounts that a service may act for, with their organizations; a fresh one first."""
        fresh: list[Membership] = [(None, True)]
        named: list[Membership] = []
        if self._reach.mentions(SOURCES.organizations):
            fresh.append((FRESH_ORGANIZATION, True))
            named = [(name, False) for name in [*self._reach.source_organizations, FRESH_ORGANIZATION]]
        yield FRESH_ACCOUNT, fresh, True
        for membership in named:
            yield FRESH_ACCOUNT, [membership], False
        if self._reach.mentions(SOURCES.accounts):
            for account in self._reach.source_accounts:
                yield account, [*fresh, *named], False


def _mentioned(clauses: Iterable[Clause]) -> set[str]:
    found: set[str] = set()
    for one in clauses:
        found.add(one.key)
        found.update(one.variables)
    return found


def _holds_only_for(one: Clause, names: frozenset[str]) -> bool:
    """Whether a clause holds for some of `names` alone."""
    operator = one.condition.operator
    positive = operator.base in STRINGS and not (operator.negated or operator.if_exists or operator.quantifier)
    if one.test is None or not positive or not one.test.comparisons:
        return False
    return all(compared.text in names for compared in one.test.comparisons)
