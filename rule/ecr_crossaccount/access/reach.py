"""What all searches for one Allow share: whom to ask for, and what was found under which Denies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from ..policy.document import Effect
from .attempt import Attempt, DenyPart
from .candidates import FRESH_ACCOUNT
from .census import Census
from .clause import Clause, Roles, clause, like
from .denials import Deny, against, exempt
from .entrances import ALL_SORTS, DIRECT, Allow, Entrance, Membership, entrances
from .findings import Doubt
from .keys import depends_on_sort, is_bound, is_of_caller, is_of_organization, is_of_route, is_of_source
from .memo import Memo
from .routes import FORWARDED, ROUTED
from .scene import Deputy, Outsider, Place, Route, Scene, Sort, Tagging
from .trust import Circle
from .verdict import Witness

_ALONE: Membership = (None, True)
_ROUTES = (DIRECT, Route(address=False, endpoint=True))
_FORWARDED_ROUTES = (*_ROUTES, *(route._replace(via=True) for route in _ROUTES))
_UNSURE_ROUTES = (Route(address=True, endpoint=True), Route(address=False, via=True))


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What a search takes as given: the repository, whom trust covers, the tags of the call, the roles by name."""

    place: Place
    circle: Circle
    tagging: Tagging
    roles: Roles


class Reach:
    """What all searches for one Allow share, under one trust and for calls with the same tags.

    It remembers what was found under which Denies. More Denies never let anybody in: who fails under some fails under
    more, and who gets past some gets past fewer.
    """

    def __init__(self, setting: Setting, allow: Allow, denies: Sequence[Deny], memo: Memo) -> None:
        place, circle = setting.place, setting.circle
        self.place = place
        self.allow = allow
        self.circle = circle
        self.tagging = setting.tagging
        self.memo = memo
        self.census = Census(place, circle, allow, denies, memo.budget)
        self.entries = [
            entrance
            for one in allow.statement.principals.named
            if one.account not in self.census.inside.accounts
            for entrance in entrances(one, setting.roles)
        ]
        self._roles = setting.roles
        self._mentioned = _mentioned(self.census.clauses)
        principals = [allow.statement.principals, *(deny.statement.principals for deny in denies)]
        if any(one.named for one in principals):
            self._mentioned.add("aws:principalarn")
        self._answers: dict[object, bool] = {}
        self._hits: dict[tuple[Deny, str | None], list[DenyPart]] = {}
        self._trusted_paths: dict[tuple[str, str], tuple[Clause, ...]] = {}
        self._routes: dict[bool, list[Route]] = {}
        self._anybody: dict[tuple[str, tuple[Sort, ...]], Entrance] = {}
        self._failed: dict[object, list[frozenset[Deny]]] = {}
        self._passed: dict[object, list[tuple[frozenset[Deny], Witness | Doubt]]] = {}

    @cached_property
    def spelling(self) -> Mapping[str, str]:
        """The keys that the Allow or a Deny asks about, as the policy writes them; empty for a variable's key."""
        return dict.fromkeys(self._mentioned, "") | {one.key: one.condition.key for one in self.census.clauses}

    def ask(
        self, question: object, denies: frozenset[Deny], answer: Callable[[frozenset[Deny]], Witness | Doubt | None]
    ) -> Witness | Doubt | None:
        """Answer a question under some Denies, from what is known of fewer and of more where that suffices."""
        for passed, known in self._passed.get(question, ()):
            if denies <= passed:
                return known
        if any(failed <= denies for failed in self._failed.get(question, ())):
            return None
        found = answer(denies)
        if found is None:
            # Whoever fails without any Deny need not be asked about again.
            alone = not denies or self.ask(question, frozenset(), answer) is None
            self._failed.setdefault(question, []).append(frozenset() if alone else denies)
        else:
            self._passed.setdefault(question, []).append((denies, found))
        return found

    def mentions(self, keys: frozenset[str]) -> bool:
        """Whether the Allow or a Deny that touches it asks about one of the keys."""
        return not self._mentioned.isdisjoint(keys)

    def admits(self, membership: Membership, *, possibly: bool) -> bool:
        """Whether what the Allow asks of the organization alone can be met in this one."""

        def admitted() -> bool:
            scene = self.scene(FRESH_ACCOUNT, membership)
            return self._is_met(scene, self._free_of_variables(is_of_organization), possibly=possibly)

        return self._answered((membership, possibly), admitted)

    def sorts(self, entrance: Entrance, *, possibly: bool) -> Iterator[Sort]:
        """The sorts of principals that can meet what the Allow asks of the principal alone, as they are needed."""
        asked = (*entrance.clauses, *self._of_caller)
        for sort in entrance.sorts if self._tells_sorts_apart or entrance.clauses else entrance.sorts[:1]:
            met = partial(self._fits, entrance.account, sort, asked, possibly=possibly)
            if not asked or self._answered((entrance, sort, possibly), met):
                yield sort

    def _fits(self, account: str, sort: Sort, asked: Sequence[Clause], *, possibly: bool) -> bool:
        return self._is_met(self.scene(account, _ALONE, sort), asked, possibly=possibly)

    @cached_property
    def _of_caller(self) -> list[Clause]:
        return self._free_of_variables(is_of_caller)

    @cached_property
    def _tells_sorts_apart(self) -> bool:
        return any(map(depends_on_sort, self._mentioned))

    def routes(self, *, possibly: bool) -> list[Route]:
        """The routes that can meet what the Allow asks of the route alone."""
        known = self._routes.get(possibly)
        if known is None:
            asked = self._free_of_variables(is_of_route)
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

    def _free_of_variables(self, concerns: Callable[[str], bool]) -> list[Clause]:
        """The clauses of the Allow on keys of one kind that need no policy variable."""
        return [one for one in self.allow.clauses if not one.variables and concerns(one.key)]

    def _is_met(self, scene: Scene, asked: Sequence[Clause], *, possibly: bool) -> bool:
        return not asked or Attempt(scene, possibly, self.memo).can_meet(asked)

    def has_hope(self, *, possibly: bool) -> bool:
        """Whether what the Allow asks of keys that are the same for every caller can be met by anybody."""

        def met() -> bool:
            scene = Outsider(self.place, FRESH_ACCOUNT, None, fresh=True, tagging=self.tagging)
            return self._is_met(scene, self._free_of_variables(lambda key: not is_bound(key)), possibly=possibly)

        return self._answered(possibly, met)

    def has_hope_for(self, name: str, *, possibly: bool) -> bool:
        """Whether what the Allow asks besides the source can be met by a service."""

        def met() -> bool:
            scene = Deputy(self.place, name, FRESH_ACCOUNT, None, fresh=True, tagging=self.tagging)
            return self._is_met(scene, self._free_of_variables(lambda key: not is_of_source(key)), possibly=possibly)

        return self._answered((name, possibly), met)

    def _answered(self, question: object, answer: Callable[[], bool]) -> bool:
        """Answer a question that no Deny has a part in, once."""
        known = self._answers.get(question)
        if known is None:
            known = self._answers[question] = answer()
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

    def anybody(self, account: str, sorts: tuple[Sort, ...] = ALL_SORTS) -> Entrance:
        """The entrance of any principal of an account, of some sorts."""
        known = self._anybody.get((account, sorts))
        if known is None:
            known = self._anybody[account, sorts] = Entrance(account, sorts)
        return known

    def scene(self, account: str, membership: Membership, sort: Sort = Sort.ROLE, route: Route = DIRECT) -> Outsider:
        """Return the kind of request that a principal of an account sends."""
        organization, fresh = membership
        inside, apart = self.census.inside, self.census.apart
        return Outsider(self.place, account, organization, fresh, sort, route, self.tagging, inside, apart)


def _mentioned(clauses: Iterable[Clause]) -> set[str]:
    found: set[str] = set()
    for one in clauses:
        found.add(one.key)
        found.update(one.variables)
    return found
