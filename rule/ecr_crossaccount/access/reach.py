"""One Allow under one trust: whom to ask for, and in which organizations, sorts and ways they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial

from ..policy.document import Effect
from .candidates import FRESH_ACCOUNT
from .census import Census
from .clause import Clause, clause, like
from .entrances import DIRECT, Entrance, Membership
from .ground import Ground
from .keys import is_of_caller, is_of_organization, is_of_route
from .routes import FORWARDED, OF_TRUST, ROUTED
from .scene import SOME_ACCOUNT, SOME_ORGANIZATION, Apart, Deputy, Inside, Outsider, Route, Scene, Sort
from .trust import Circle

_ALONE: Membership = (None, True)
_ROUTES = (DIRECT, Route(address=False, endpoint=True))
_FORWARDED_ROUTES = (*_ROUTES, *(route._replace(via=True) for route in _ROUTES))
_UNSURE_ROUTES = (Route(address=True, endpoint=True), Route(address=False, via=True))


class Reach:
    """The searches for one Allow under one trust. Where trust makes no difference, they share answers with others."""

    def __init__(self, ground: Ground, circle: Circle, inside: Inside) -> None:
        self.ground = ground
        self.circle = circle
        self.census = Census(ground, circle, inside)
        self.entries = [one for one in ground.entries if one.account not in inside.accounts]
        self._inside = inside
        self._outlook = (
            circle.paths,
            circle.vpcs,
            circle.endpoints,
            inside if ground.mentions(OF_TRUST) else None,
        )
        """What of trust a search can see: two trusts with the same outlook get the same answers."""
        self._trusted_paths: dict[tuple[str, str], tuple[Clause, ...]] = {}
        self._routes: dict[bool, list[Route]] = {}

    def question(self, who: object, account: str, memberships: Sequence[Membership], *, possibly: bool) -> object:
        """What is asked about some account in one of some organizations: the same for all trusts that see the same."""
        apart = self._apart(account, *(organization for organization, _ in memberships))
        return (who, account, tuple(memberships), possibly, self._outlook, apart)

    def _apart(self, *names: str | None) -> Apart | None:
        """Those of whom "some other" is none, where that is asked for."""
        return self.census.apart if SOME_ACCOUNT in names or SOME_ORGANIZATION in names else None

    def admits(self, membership: Membership, *, possibly: bool) -> bool:
        """Whether what the Allow asks of the organization alone can be met in this one."""
        question = (membership, self._apart(membership[0]))
        scene = partial(self.scene, FRESH_ACCOUNT, membership)
        return self.ground.can_meet(question, scene, self._of_organization, possibly=possibly)

    @cached_property
    def _of_organization(self) -> list[Clause]:
        return self.ground.free_of_variables(is_of_organization)

    def sorts(self, entrance: Entrance, *, possibly: bool) -> Iterator[Sort]:
        """The sorts of principals that can meet what the Allow asks of the principal alone, as they are needed."""
        asked = (*entrance.clauses, *self._of_caller)
        apart = self._apart(entrance.account)
        for sort in entrance.sorts if self.ground.tells_sorts_apart or entrance.clauses else entrance.sorts[:1]:
            scene = partial(self.scene, entrance.account, _ALONE, sort)
            if self.ground.can_meet((entrance, sort, apart), scene, asked, possibly=possibly):
                yield sort

    @cached_property
    def _of_caller(self) -> list[Clause]:
        return self.ground.free_of_variables(is_of_caller)

    def routes(self, *, possibly: bool) -> list[Route]:
        """The routes that can meet what the Allow asks of the route alone."""
        known = self._routes.get(possibly)
        if known is None:
            asked = self.ground.free_of_variables(is_of_route)
            known = self._routes[possibly] = [
                route
                for route in self._possible_routes(possibly=possibly)
                if self.ground.can_meet(
                    (route, self._outlook),
                    partial(self.scene, FRESH_ACCOUNT, _ALONE, route=route),
                    asked,
                    possibly=possibly,
                )
            ]
        return known

    def _possible_routes(self, *, possibly: bool) -> tuple[Route, ...]:
        forwarded = self.ground.mentions(FORWARDED)
        if not forwarded and not self.ground.mentions(ROUTED):
            return (DIRECT,)
        if possibly:
            return (*_FORWARDED_ROUTES, *_UNSURE_ROUTES)
        return _FORWARDED_ROUTES if forwarded else _ROUTES

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

    def scene(self, account: str, membership: Membership, sort: Sort = Sort.ROLE, route: Route = DIRECT) -> Outsider:
        """Return the kind of request that a principal of an account sends."""
        organization, fresh = membership
        ground, apart = self.ground, self.census.apart
        return Outsider(ground.place, account, organization, fresh, sort, route, ground.tagging, self._inside, apart)
