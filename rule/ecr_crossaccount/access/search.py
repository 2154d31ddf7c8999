"""Who gets in by one Allow: the kinds of outside requests, tried one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..policy.document import Effect, Statement
from ..policy.principals import Form, Named, Principals
from . import actions
from .attempt import Attempt, DenyPart, Problem
from .automaton import Budget
from .candidates import (
    ACCOUNT_KEYS,
    FRESH_ACCOUNT,
    FRESH_ORGANIZATION,
    ORGANIZATION_KEYS,
    SESSION_ARNS,
    account_classes,
    named_accounts,
    named_organizations,
    organization_classes,
    services,
)
from .clause import Clause, Roles, clause, hits, identity, like, misses
from .domains import Values
from .keys import FORWARDED, ROUTED, depends_on_sort, is_early
from .lists import REQUEST_TAG, TAG_KEYS
from .operators import Answer
from .scene import Deputy, Outsider, Place, Route, Scene, Sort, Tagging
from .trust import Circle
from .verdict import Kind, Witness
from .witness import witness


@dataclass(frozen=True, slots=True, eq=False)
class Deny:
    """A Deny that can apply to somebody for certain, ready for searching.

    `actions` it denies for certain; `perhaps` those that it denies if its holes are filled so.
    """

    statement: Statement
    clauses: tuple[Clause, ...]
    actions: int
    perhaps: int
    holed: bool


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

    `tried`: the account and organization of the request, as the search knows them. `anybody`: any account gets
    in, or a service acting for any.
    """

    kind: Kind
    grantee: str
    anybody: bool
    tried: tuple[str, str | None]
    witness: Witness


@dataclass(frozen=True, slots=True)
class Doubt:
    """Somebody of whom nobody can tell whether an Allow lets him in."""

    kind: Kind
    clauses: tuple[Clause, ...]
    problem: Problem
    scene: Scene


@dataclass(frozen=True, slots=True)
class Entrance:
    """One way for AWS principals of an account to match the Allow's Principal."""

    account: str
    sorts: tuple[Sort, ...]
    clauses: tuple[Clause, ...] = ()
    session: str | None = None


_ALL_SORTS = (Sort.ROLE, Sort.USER, Sort.FEDERATED, Sort.ROOT)
_ROUTES = (Route(), Route(address=False, endpoint=True))
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


class Search:
    """The search for outside requests that one Allow lets in, for one set of actions that fare alike."""

    def __init__(
        self,
        place: Place,
        circle: Circle,
        budget: Budget,
        allow: Allow,
        denies: Sequence[Deny],
        action: str,
        tagging: Tagging,
        roles: Roles,
    ) -> None:
        self._place = place
        self._circle = circle
        self._budget = budget
        self._allow = allow
        self._denies = denies
        self._action = action
        self._tagging = tagging
        self.roles = roles
        self._clauses = (*allow.clauses, *(one for deny in denies for one in deny.clauses))
        self._mentioned = _mentioned(self._clauses)
        self._complete = True
        if any(_names_entities(deny.statement.principals) for deny in denies) or _names_entities(
            allow.statement.principals
        ):
            self._mentioned |= {"aws:principalarn"}
        self._accounts: list[str] | None = None
        self._organizations: list[str] | None = None

    # --- AWS principals ---

    def public(self) -> Found | None:
        """Somebody of a fresh account that the policy does not name."""
        found = self._enter(Entrance(FRESH_ACCOUNT, _ALL_SORTS), self._fresh_memberships(), possibly=False)
        if not isinstance(found, Witness):
            return None
        return Found(Kind.ANY, "any AWS account", True, (FRESH_ACCOUNT, None), found)

    def organizations(self) -> Iterator[Found]:
        """Fresh accounts of organizations that the policy tells apart."""
        if self._mentions(ORGANIZATION_KEYS):
            for organization in [*self._outside_organizations(), FRESH_ORGANIZATION]:
                found = self._enter(Entrance(FRESH_ACCOUNT, _ALL_SORTS), [(organization, False)], possibly=False)
                if isinstance(found, Witness):
                    name = organization
                    if organization == FRESH_ORGANIZATION:
                        name = f"an organization such as {found.context.get('aws:PrincipalOrgID')}"
                    yield Found(Kind.ORGANIZATION, name, False, (FRESH_ACCOUNT, organization), found)

    def accounts(self) -> Iterator[Found]:
        """Accounts that the policy tells apart, under a wildcard principal."""
        if self._mentions(ACCOUNT_KEYS | SESSION_ARNS):
            for account in self._outside_accounts():
                yield from self.named(Entrance(account, _ALL_SORTS))

    def named(self, entrance: Entrance) -> Iterator[Found]:
        """The account of a named principal, if trust does not cover it."""
        if entrance.account == self._place.owner or entrance.account in self._circle.accounts:
            return
        found = self._enter(entrance, self._memberships(), possibly=False)
        if isinstance(found, Witness):
            yield Found(Kind.ACCOUNT, entrance.account, False, (entrance.account, None), found)

    def doubt(self, known: Iterable[Found]) -> Doubt | None:
        """Somebody besides those known who perhaps gets in under a wildcard principal."""
        tried = {found.tried for found in known}
        organizations = {organization for account, organization in tried if account == FRESH_ACCOUNT}
        for account in [FRESH_ACCOUNT, *self._outside_accounts()]:
            if account == FRESH_ACCOUNT or (account, None) not in tried:
                memberships = [one for one in self._memberships() if one[0] is None or one[0] not in organizations]
                found = self._enter(Entrance(account, _ALL_SORTS), memberships, possibly=True)
                if isinstance(found, Doubt):
                    return found
        return None

    def named_doubt(self, entrance: Entrance) -> Doubt | None:
        """Whether the account of a named principal perhaps gets in."""
        if entrance.account == self._place.owner or entrance.account in self._circle.accounts:
            return None
        found = self._enter(entrance, self._memberships(), possibly=True)
        return found if isinstance(found, Doubt) else None

    def _fresh_memberships(self) -> list[tuple[str | None, bool]]:
        if not self._mentions(ORGANIZATION_KEYS):
            return [(None, True)]
        return [(None, True), (FRESH_ORGANIZATION, True)]

    def _memberships(self) -> list[tuple[str | None, bool]]:
        """The organizations that an account may be in, as far as they matter."""
        if not self._mentions(ORGANIZATION_KEYS):
            return [(None, True)]
        named = [*self._outside_organizations(), FRESH_ORGANIZATION]
        return [*self._fresh_memberships(), *((name, False) for name in named)]

    def _enter(
        self, entrance: Entrance, memberships: Iterable[tuple[str | None, bool]], *, possibly: bool
    ) -> Witness | Doubt | None:
        """Try all ways for principals of an account: organizations first, then sorts, then routes."""
        for organization, fresh in memberships:
            foreign = (
                (self._place.owner, *sorted(self._circle.accounts)),
                tuple(filter(None, (self._place.organization, *sorted(self._circle.organizations)))),
                self._circle.paths,
            )
            scene = Outsider(
                self._place, entrance.account, organization, fresh, entrance.sorts[0], Route(), self._tagging, foreign
            )
            problem = self._problem(entrance, scene)
            narrowed = _narrowed(Attempt(scene, possibly, self._budget), problem)
            if narrowed is None:
                continue
            for variant in self._variants(scene, narrowed, entrance.sorts, possibly):
                found = self._try(variant, narrowed, problem, possibly)
                if isinstance(found, Witness) and entrance.session:
                    return replace(found, principal=entrance.session)
                if found is not None:
                    return found
        return None

    def _variants(
        self, scene: Outsider, problem: Problem, sorts: Sequence[Sort], possibly: bool
    ) -> Iterator[Outsider]:
        keys = _mentioned([*problem.allow, *(one for part in problem.denies for one in part.clauses)])
        if not any(depends_on_sort(key) for key in keys):
            sorts = sorts[:1]
        routes: tuple[Route, ...] = (Route(),)
        if keys & FORWARDED:
            routes = _FORWARDED_ROUTES
        elif keys & ROUTED:
            routes = _ROUTES
        if possibly and keys & (ROUTED | FORWARDED):
            routes = (*_FORWARDED_ROUTES, *_UNSURE_ROUTES)
        for sort in sorts:
            for route in routes:
                yield replace(scene, sort=sort, route=route)

    def _try(self, scene: Scene, narrowed: Problem, whole: Problem, possibly: bool) -> Witness | Doubt | None:
        attempt = Attempt(scene, possibly, self._budget)
        problem = replace(narrowed, outside=tuple(self._left_outside(scene)))
        values = attempt.solve(problem)
        if values is None:
            return None
        if possibly:
            return Doubt(Kind.ANY, narrowed.allow, whole, scene)
        return witness(attempt, replace(whole, outside=problem.outside), values, self._action)

    def _left_outside(self, scene: Scene) -> Iterator[Clause]:
        """What trust covers is no witness: organization paths, VPCs and VPC endpoints."""
        if isinstance(scene, Deputy):
            key, organization = "aws:sourceorgpaths", scene.organization
        else:
            key, organization = "aws:principalorgpaths", scene.organization
            if scene.route.endpoint and self._circle.vpcs:
                yield clause(like("aws:sourcevpc", sorted(self._circle.vpcs)), Effect.ALLOW)
            if scene.route.endpoint and self._circle.endpoints:
                yield clause(like("aws:sourcevpce", sorted(self._circle.endpoints)), Effect.ALLOW)
        paths = [path for path in self._circle.paths if organization and path.startswith(f"{organization}/")]
        if paths and not scene.fresh:
            yield clause(like(key, paths), Effect.ALLOW)

    def _problem(self, entrance: Entrance, scene: Outsider) -> Problem:
        parts = [part for deny in self._denies for part in _against(deny, entrance.account, self.roles)]
        excluded = self._allow.statement.principals
        if excluded.negated:
            parts += _exempt(excluded, entrance.account, self.roles)
        return Problem((*entrance.clauses, *self._allow.clauses), tuple(parts))

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
        others = [name for deny in self._denies for name in deny.statement.principals.services]
        excluded = self._allow.statement.principals.services if self._allow.statement.principals.negated else ()
        for name in services(self._clauses, others, self._place.partition):
            if name not in excluded:
                for found in self._deputy(name, "any AWS service", possibly):
                    return found
        return None

    def _deputy(self, name: str, shown: str, possibly: bool) -> Iterator[Found | Doubt]:
        if name in self._circle.services:
            return
        for account, memberships, public in self._sources():
            for organization, fresh in memberships:
                scene = Deputy(self._place, name, account, organization, fresh, self._tagging)
                parts = [part for deny in self._denies for part in _against_service(deny, name)]
                problem = Problem(self._allow.clauses, tuple(parts))
                narrowed = _narrowed(Attempt(scene, possibly, self._budget), problem)
                found = None if narrowed is None else self._try(scene, narrowed, problem, possibly)
                if isinstance(found, Doubt):
                    yield replace(found, kind=Kind.SERVICE)
                    return
                if found is not None:
                    whom = "any account" if public else organization if account == FRESH_ACCOUNT else account
                    yield Found(Kind.SERVICE, f"{shown} for {whom}", public, (name, account), found)
                    if public:
                        return
                    break

    def _sources(self) -> Iterator[tuple[str, list[tuple[str | None, bool]], bool]]:
        """The accounts that a service may act for, with their organizations; a fresh one first."""
        yield FRESH_ACCOUNT, self._fresh_memberships(), True
        if self._mentions(ORGANIZATION_KEYS):
            for name in [*self._outside_organizations(), FRESH_ORGANIZATION]:
                yield FRESH_ACCOUNT, [(name, False)], False
        if self._mentions(ACCOUNT_KEYS):
            for account in self._outside_accounts():
                yield account, self._memberships(), False

    # --- candidates ---

    def _mentions(self, keys: frozenset[str]) -> bool:
        return not self._mentioned.isdisjoint(keys)

    def _outside_accounts(self) -> list[str]:
        if self._accounts is None:
            principals = [deny.statement.principals for deny in self._denies]
            listed = [entry.account for one in principals for entry in one.named]
            sampled, complete = account_classes(self._clauses, self._place.partition, self._budget)
            self._complete &= complete
            inside = {self._place.owner, *self._circle.accounts}
            every = dict.fromkeys([*named_accounts(self._clauses), *listed, *sampled])
            self._accounts = [account for account in every if account not in inside]
        return self._accounts

    def _outside_organizations(self) -> list[str]:
        if self._organizations is None:
            sampled, complete = organization_classes(self._clauses, self._budget)
            self._complete &= complete
            own = [self._place.organization] if self._place.organization else []
            every = dict.fromkeys([*named_organizations(self._clauses), *own, *sampled])
            self._organizations = [name for name in every if name not in self._circle.organizations]
        return self._organizations

    @property
    def complete(self) -> bool:
        """Whether every account and organization that the policy can tell apart was tried."""
        return self._complete


def _mentioned(clauses: Iterable[Clause]) -> set[str]:
    found: set[str] = set()
    for one in clauses:
        found.add(one.key)
        found.update(one.variables)
    return found


def _names_entities(principals: Principals) -> bool:
    return bool(principals.named)


def _narrowed(attempt: Attempt, problem: Problem) -> Problem | None:
    """Settle what depends on account and organization alone; None if that already decides against the request."""
    allow: list[Clause] = []
    for one in problem.allow:
        given = attempt.early(one)
        if given is None:
            allow.append(one)
        elif given is Answer.NO or (given is Answer.UNSURE and not attempt.possibly):
            return None
    parts: list[DenyPart] = []
    for part in problem.denies:
        left = _left(attempt, part)
        if left is None:
            continue
        if not left:
            return None
        parts.append(DenyPart(left, part.holed))
    return Problem(tuple(allow), tuple(parts))


def _left(attempt: Attempt, part: DenyPart) -> tuple[Clause, ...] | None:
    """The clauses of a Deny that are not settled yet; None if it cannot apply."""
    if part.holed and attempt.possibly:
        return None
    left: list[Clause] = []
    for one in part.clauses:
        given = attempt.early(one)
        if given is None:
            left.append(one)
        elif given is Answer.NO or (given is Answer.UNSURE and (attempt.possibly or not one.holed)):
            return None
    return tuple(left)


def _parts(deny: Deny, ways: Iterable[Sequence[object]]) -> Iterator[DenyPart]:
    for way in ways:
        clauses = tuple(clause(condition, Effect.DENY) for condition in way)  # type: ignore[arg-type]
        yield DenyPart((*deny.clauses, *clauses), deny.holed)


def _against(deny: Deny, account: str, roles: Roles) -> Iterator[DenyPart]:
    """The ways in which a Deny certainly hits AWS principals of an account."""
    principals = deny.statement.principals
    own = [entry for entry in principals.named if entry.account == account]
    whole = any(entry.form is Form.ACCOUNT for entry in own)
    if principals.negated:
        if not (principals.everyone or principals.any_aws or whole):
            holed = deny.holed or bool(principals.unknown or principals.ids)
            yield from _parts(replace(deny, holed=holed), misses(own, roles))
    elif principals.everyone or principals.any_aws or whole:
        yield DenyPart(deny.clauses, deny.holed)
    else:
        if principals.unknown:
            yield DenyPart(deny.clauses, holed=True)
        yield from _parts(deny, hits(own, roles))


def _exempt(principals: Principals, account: str, roles: Roles) -> Iterator[DenyPart]:
    """Those whom NotPrincipal leaves out of an Allow, written as a Deny."""
    own = [entry for entry in principals.named if entry.account == account]
    if principals.any_aws or principals.everyone or any(entry.form is Form.ACCOUNT for entry in own):
        yield DenyPart(())
    for way in hits(own, roles):
        yield DenyPart(tuple(clause(condition, Effect.DENY) for condition in way))
    if principals.unknown:
        yield DenyPart((), holed=True)


def _against_service(deny: Deny, name: str) -> Iterator[DenyPart]:
    """The ways in which a Deny certainly hits a service; `{"AWS": "*"}` is not certain to."""
    principals = deny.statement.principals
    listed = principals.everyone or name in principals.services
    if principals.negated:
        if not (listed or principals.any_aws):
            yield DenyPart(deny.clauses, deny.holed or bool(principals.unknown_services))
    elif listed or principals.unknown_services:
        yield DenyPart(deny.clauses, deny.holed or not listed)


def groups(
    mask: int, circles: Sequence[Circle], denies: Sequence[Deny], clauses: Iterable[Clause], *, perhaps: bool = False
) -> Iterator[tuple[int, Circle, list[Deny], Tagging]]:
    """Split the actions of an Allow into sets that fare alike: same trust, same Denies, same tags on the call."""
    keys = {one.key for one in clauses} | {one.key for deny in denies for one in deny.clauses}
    tags = any(key == TAG_KEYS or key.startswith(REQUEST_TAG) for key in keys)
    sets: dict[int, int] = {}
    for rank, part in actions.split(mask):
        place = circles.index(circles[rank])
        sets[place] = sets.get(place, 0) | part
    pieces: list[tuple[int, int, list[Deny]]] = [(part, place, []) for place, part in sets.items()]
    for deny in denies:
        pieces = [piece for part, place, hit in pieces for piece in _cut(part, place, hit, deny, perhaps)]
    for part, place, hit in pieces:
        for tagging, only in _TAGGINGS if tags else ((Tagging.NONE, -1),):
            if part & only:
                yield part & only, circles[place], hit, tagging


_TAGGINGS: tuple[tuple[Tagging, int], ...] = (
    (Tagging.NONE, ~(actions.TAG_RESOURCE | actions.UNTAG_RESOURCE)),
    (Tagging.TAG, actions.TAG_RESOURCE),
    (Tagging.UNTAG, actions.UNTAG_RESOURCE),
)


def _cut(
    part: int, place: int, hit: list[Deny], deny: Deny, perhaps: bool
) -> Iterator[tuple[int, int, list[Deny]]]:
    reach = deny.actions if perhaps else deny.actions | deny.perhaps
    if part & reach:
        weak = replace(deny, holed=True) if not perhaps and part & reach & ~deny.actions else deny
        yield part & reach, place, [*hit, weak]
    if part & ~reach:
        yield part & ~reach, place, hit


__all__ = ["Allow", "Callable", "Deny", "Doubt", "Entrance", "Found", "Search", "Values", "entrances", "groups"]
