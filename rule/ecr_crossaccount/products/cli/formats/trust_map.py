"""The picture of an audit: outsiders on the left, repositories on the right, and ribbons for the access between them.

If roles were asked about, they are a column between the two, and access by a policy passes beside them. The columns
need no layout solver. Nodes are stacked, those on the right in the order of their connections. A
ribbon's thickness grows with the logarithm of the number of repositories that it represents. To keep the picture
readable at any size, nodes are grouped, only the strongest of the ribbons between two nodes is drawn, and everything is
scaled to one screen. The picture contains only the ribbons. The names of the nodes are text on the page, which the
browser measures, wraps and cuts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import log2
from operator import attrgetter

from ....judgement.values.verdict import Access, Kind
from ....memo import by_value
from ....questions.roles.answer import Approved, WayIn
from ....questions.roles.outsiders import Who
from ...audit.outcomes import STAND_IN, Outcome
from ...audit.report import AuditReport, Scope
from ...audit.rows import Rows
from ..base.program import visible
from .audit_parts import Names
from .audit_roles import by_way_of
from .audit_roles import whom as whom_by_role
from .page_findings import is_wild
from .text import who

WIDTH = 100
"""The distance between the columns, in the units of the ribbons' outlines, which the page stretches to its width."""

_ROLES_FROM, _ROLES_TO = 25, 75
"""Where the column of roles begins and ends, as in the page's style."""
_GAP, _TOP, _LEAST, _LEAST_OF_ROLE = 14, 8, 24, 38
"""Pixels between two nodes, above the first and below the last, and of the lowest node, as in the page's style."""
_MOST_NODES = 10
_MOST_RIBBONS, _MOST_WITH_ROLES = 36, 100
_FEWER = ((_MOST_NODES, _MOST_NODES), (_MOST_NODES, 4), (_MOST_NODES, 1), (4, 1))
"""How many nodes the roles and the repositories have, if more would make too many ribbons. Roles keep their names."""
_HIGHEST = 460
_LONGEST = 64
_OTHERS = ("others outside", "other groups", "other roles", " groups")
_BESIDE = ""
"""The node that access by a policy passes, beside the roles."""
_ANYONE = (Who.ANY_ACCOUNT, Who.ANYBODY)
_SERVICES = {True: "AWS services for any account", False: "AWS services for accounts outside"}


@by_value
class _Link:
    """Access of one grantee to one resource. `alone`: it is not a repository, and keeps its own name.

    `via` are the roles that lead there.
    """

    grantee: str
    kind: Kind
    wild: bool
    access: Access
    approved: bool
    arn: str = ""
    account: str = ""
    name: str = ""
    alone: bool = False
    via: str = _BESIDE


@by_value
class Node:
    """A grantee, roles or a group of repositories, with its position in pixels and its name.

    `wild` means any principal at all. `filter` is the text that finds its rows in the table of findings, or "" if none
    does. `by_roles` means that its rows are in the table of access through roles.
    """

    label: str
    filter: str
    full: str
    repositories: int
    wild: bool
    by_roles: bool
    y: float
    height: float

    @property
    def middle(self) -> float:
        """The vertical center of its ribbons."""
        return self.y + self.height / 2


@by_value
class Flow:
    """Access between two nodes, described in words. `via` is the node of the roles that it passes, or "" for none."""

    source: str
    via: str
    target: str
    access: Access
    approved: bool
    wild: bool


@by_value
class Ribbon:
    """A flow as it is drawn: `path` is its outline, and `repositories` how many it represents."""

    path: str
    flow: Flow
    repositories: int


@by_value
class TrustMap:
    """Everything that is drawn, in a space of WIDTH by `height` pixels. `middle` is empty if no role leads anywhere."""

    height: float
    left: tuple[Node, ...]
    middle: tuple[Node, ...]
    right: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


def trust_map(report: AuditReport) -> TrustMap | None:
    """Return the picture, or None if no one outside has access."""
    links = [*_links(report.audited), *_links_by_roles(report)]
    if not links:
        return None
    source_of = _sources(links)
    flows: dict[Flow, set[str]] = {}
    for roles, repositories in _FEWER:
        via, target_of = _roles(links, roles), _targets(report.scope, links, repositories)
        flows = {}
        for link in links:
            flow = Flow(source_of(link), via(link), target_of(link), link.access, link.approved, link.wild)
            flows.setdefault(flow, set()).add(link.arn)
        flows = flows if len(flows) <= _MOST_RIBBONS else _strongest(flows)
        if len(flows) <= _MOST_WITH_ROLES:
            break
    return _draw_map(flows)


def _strongest(flows: Mapping[Flow, set[str]]) -> dict[Flow, set[str]]:
    """Keep at most two ribbons between the same nodes: one for approved access and one for unapproved access."""
    kept: dict[tuple[str, str, str, bool], tuple[Flow, set[str]]] = {}
    for flow, arns in flows.items():
        ends = (flow.source, flow.via, flow.target, flow.approved)
        known, among = kept.get(ends, (flow, set()))
        kept[ends] = (max(known, flow, key=lambda one: (one.wild, one.access.rank)), among | arns)
    return dict(kept.values())


def _links(rows: Rows) -> Iterator[_Link]:
    known: dict[int, list[_Link]] = {}
    for arn, number in rows.outcome_numbers():
        links = known.get(number)
        if links is None:
            links = known[number] = [*_outcome_links(rows.store[number])]
        if not links:
            continue
        account, _, name = rows.place_of(arn)
        alone = bool(rows.store.kinds[number])
        for link in links:
            grantee = link.grantee.replace(STAND_IN, account)
            yield _Link(grantee, link.kind, link.wild, link.access, link.approved, arn, account, name, alone)


def _outcome_links(outcome: Outcome) -> Iterator[_Link]:
    for grant in outcome.verdict.grants:
        grantee = visible(who(grant.kind, grant.grantee))
        yield _Link(grantee, grant.kind, is_wild(grant), grant.access[-1], approved=False)
    for trusted in outcome.trusted:
        grantee = visible(who(trusted.kind, trusted.grantee))
        yield _Link(grantee, trusted.kind, wild=False, access=trusted.access[-1], approved=True)


def _links_by_roles(report: AuditReport) -> Iterator[_Link]:
    several = len(report.scope.accounts) > 1
    for account, found in (report.roles or {}).items():
        every: tuple[WayIn | Approved, ...] = (*found.ways, *found.approved)
        for one in every:
            grantee, via = whom_by_role(one.outsider), f"{account}: " * several + by_way_of(one.chain)
            wild, approved = one.outsider.kind in _ANYONE, isinstance(one, Approved)
            link = _Link(grantee, Kind.ACCOUNT, wild and not approved, one.access[-1], approved, via=via)
            for arn in one.repositories:
                owner, _, name = report.audited.place_of(arn)
                yield replace(link, arn=arn, account=owner, name=name)


Name = Callable[[_Link], str]
"""Returns the name in the picture of one end of a link."""


def _sources(links: Sequence[_Link]) -> Name:
    """Return the function that names a link's grantee. It names the most important ones and groups the rest."""
    few = len({link.grantee for link in links}) <= _MOST_NODES

    def name_of(link: _Link) -> str:
        return link.grantee if few or link.kind is not Kind.SERVICE or link.approved else _SERVICES[link.wild]

    return _largest(name_of, _most_important(links, name_of), _OTHERS[0], _MOST_NODES)


def _roles(links: Sequence[_Link], most: int) -> Name:
    """Return the function that names the roles of a link. It names the most important ones and groups the rest."""
    through = [link for link in links if link.via]
    named = _largest(lambda link: link.via, _most_important(through, lambda link: link.via), _OTHERS[2], most)
    return lambda link: named(link) if link.via else _BESIDE


def _most_important(links: Sequence[_Link], name: Name) -> list[str]:
    weight: dict[str, tuple[bool, bool, int, int]] = {}
    for link in links:
        wild, is_open, rank, count = weight.get(name(link), (False, False, 0, 0))
        weight[name(link)] = (wild or link.wild, is_open or not link.approved, max(rank, link.access.rank), count + 1)
    return sorted(weight, key=weight.__getitem__, reverse=True)


def _targets(scope: Scope, links: Sequence[_Link], most: int) -> Name:
    """Return the function that names a link's repository. If there are too many, it names what they have in common."""
    names = Names(scope)
    several = len(scope.accounts) > 1

    def by_prefix(link: _Link) -> str:
        if link.alone:
            return names.name_of(link.arn)
        prefix, slash, _ = link.name.partition("/")
        return visible(f"{link.account + '/' if several else ''}{prefix}{'/*' if slash else ''}")

    def by_account(link: _Link) -> str:
        return f"account {visible(link.account)}"

    ends = {link.arn: link for link in links}
    ways: list[Name] = [lambda link: names.name_of(link.arn), by_prefix, *([by_account] if several else [])]
    few = (way for way in ways if len({way(link) for link in ends.values()}) <= most)
    way = next(few, ways[-1])
    named = {arn: way(link) for arn, link in ends.items()}
    count = Counter(named[link.arn] for link in links)
    return _largest(lambda link: named[link.arn], [name for name, _ in count.most_common()], _OTHERS[1], most)


def _largest(name: Name, ordered: Sequence[str], others: str, most: int) -> Name:
    if len(ordered) <= most:
        return name
    kept = frozenset(ordered[: most - 1])
    rest = f"{len(ordered) - len(kept):,} {others if kept else others.removeprefix('other ')}"
    return lambda link: found if (found := name(link)) in kept else rest


def _draw_map(flows: Mapping[Flow, set[str]]) -> TrustMap:
    thick = {flow: 4 + 4 * log2(1 + len(arns)) for flow, arns in flows.items()}
    scale = min(1.0, _HIGHEST / sum(thick.values()))
    thick = {flow: width * scale for flow, width in thick.items()}
    ranks = {flow.source: (not flow.wild, -flow.access.rank) for flow in sorted(flows, key=_worst_last)}
    sources = sorted(ranks, key=lambda name: (name.endswith(_OTHERS), ranks[name], name))
    place = {name: number for number, name in enumerate(sources)}
    ordered = {
        _source: sources,
        _via: _by_other_ends(flows, place, _via),
        _target: _by_other_ends(flows, place, _target),
    }
    if not any(ordered[_via]):
        del ordered[_via]
    columns: dict[_End, tuple[Node, ...]] = {
        end: _stack_nodes(names, flows, thick, end) for end, names in ordered.items()
    }
    height = max(map(_bottom, columns.values()))
    columns = {end: _centre_nodes(nodes, height) for end, nodes in columns.items()}
    ribbons = tuple(_ribbons(flows, thick, columns))
    return TrustMap(height, columns[_source], columns.get(_via, ()), columns[_target], ribbons)


_End = Callable[[Flow], str]
"""Returns one of the nodes of a flow."""
_source, _via, _target = attrgetter("source"), attrgetter("via"), attrgetter("target")


def _by_other_ends(flows: Iterable[Flow], place: Mapping[str, int], end: _End) -> list[str]:
    """Return the nodes of a column in the order of the outsiders that they are connected with."""
    middles: dict[str, list[int]] = {}
    for flow in flows:
        middles.setdefault(end(flow), []).append(place[flow.source])
    return sorted(middles, key=lambda name: (name.endswith(_OTHERS), sum(middles[name]) / len(middles[name]), name))


def _worst_last(flow: Flow) -> tuple[bool, bool, int]:
    return flow.wild, not flow.approved, flow.access.rank


def _stack_nodes(
    names: Sequence[str], flows: Mapping[Flow, set[str]], thick: Mapping[Flow, float], end: _End
) -> tuple[Node, ...]:
    y = float(_TOP)
    nodes = []
    for name in names:
        mine = [flow for flow in flows if end(flow) == name]
        least = _LEAST if end is not _via else _LEAST_OF_ROLE if name else 0
        height = max(sum(thick[flow] for flow in mine), least)
        arns = set().union(*(flows[flow] for flow in mine))
        is_group = name.endswith(_OTHERS) or name in _SERVICES.values()
        in_findings = not (is_group or all(flow.via for flow in mine))
        found = name.removesuffix("*").removesuffix("/") if in_findings else ""
        by_roles = any(flow.via for flow in mine)
        nodes.append(Node(_short(name), found, name, len(arns), any(flow.wild for flow in mine), by_roles, y, height))
        y += height + _GAP
    return tuple(nodes)


def _bottom(nodes: Sequence[Node]) -> float:
    return nodes[-1].y + nodes[-1].height + _TOP


def _centre_nodes(nodes: tuple[Node, ...], height: float) -> tuple[Node, ...]:
    down = (height - _bottom(nodes)) / 2
    return tuple(replace(node, y=node.y + down) for node in nodes)


def _ribbons(
    flows: Mapping[Flow, set[str]], thick: Mapping[Flow, float], columns: dict[_End, tuple[Node, ...]]
) -> Iterator[Ribbon]:
    """Place the ribbons side by side at each node, in the order of their other ends, so that few of them cross."""
    places = {end: {node.full: place for place, node in enumerate(nodes)} for end, nodes in columns.items()}

    def order(flow: Flow, *ends: _End) -> tuple[object, ...]:
        return *(places[end][end(flow)] for end in ends), _worst_last(flow)

    tops: dict[Flow, list[float]] = {flow: [] for flow in flows}
    for end, nodes in columns.items():
        free = {node.full: _first(node, flows, thick, end) for node in nodes}
        nearest = [other for other in (_via, _source, _target) if other in columns and other is not end]
        for flow in sorted(flows, key=lambda flow: order(flow, *nearest)):
            tops[flow].append(free[end(flow)])
            free[end(flow)] += thick[flow]
    for flow in sorted(flows, key=lambda flow: order(flow, *columns)):
        path, count = _path(tops[flow], thick[flow]), len(flows[flow])
        yield Ribbon(path, flow, count)


def _first(node: Node, flows: Mapping[Flow, set[str]], thick: Mapping[Flow, float], end: _End) -> float:
    """Return the top of a node's first ribbon. A node that is higher than its ribbons has them in its middle."""
    return node.middle - sum(thick[flow] for flow in flows if end(flow) == node.full) / 2


def _path(tops: Sequence[float], width: float) -> str:
    """Return the outline of a ribbon that is `width` high and begins at `tops`, in each column."""
    start, *roles, end = tops
    points = [(0, start), *((x, y) for y in roles for x in (_ROLES_FROM, _ROLES_TO)), (WIDTH, end)]
    back = [(x, y + width) for x, y in reversed(points)]
    return f"M{points[0][0]},{start:.1f}{_curves(points)}V{end + width:.1f}{_curves(back)}Z"


def _curves(points: Sequence[tuple[int, float]]) -> str:
    return "".join(
        f"C{(x0 + x1) / 2:.0f},{y0:.1f} {(x0 + x1) / 2:.0f},{y1:.1f} {x1},{y1:.1f}"
        for (x0, y0), (x1, y1) in pairwise(points)
    )


def _short(name: str) -> str:
    """Shorten a name in the middle, because its beginning and end say the most."""
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST // 2]}…{name[-(_LONGEST // 2 - 1) :]}"
