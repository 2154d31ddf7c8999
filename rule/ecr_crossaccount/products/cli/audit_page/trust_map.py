"""The picture of an audit: outsiders on the left, repositories on the right, and ribbons for the access between them.

The two columns need no layout solver. Nodes are stacked, those on the right in the order of their connections. A
ribbon's thickness grows with the logarithm of the number of repositories that it represents. To keep the picture
readable at any size, nodes are grouped, only the strongest of the ribbons between two nodes is drawn, and everything is
scaled to one screen. The picture contains only the ribbons. The names of the nodes are text on the page, which the
browser measures, wraps and cuts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2

from ....judgement.values.verdict import Access, Kind
from ...audit.outcomes import STAND_IN, Outcome
from ...audit.report import AuditReport, Scope
from ...audit.rows import Rows
from ..base.program import visible
from ..formats.audit_parts import Names
from ..formats.text import who
from .findings import is_wild

WIDTH = 100
"""The distance between the columns, in the units of the ribbons' outlines, which the page stretches to its width."""

_GAP, _TOP, _LEAST = 14, 8, 24
"""Pixels between two nodes, above the first and below the last, and of the lowest node, as in the page's style."""
_MOST_NODES = 10
_MOST_RIBBONS = 36
_HIGHEST = 460
_LONGEST = 64
_OTHERS = ("others outside", "other groups")
_SERVICES = {True: "AWS services for any account", False: "AWS services for accounts outside"}


@dataclass(frozen=True, slots=True)
class _Link:
    """Access of one grantee to one resource. `alone`: it is not a repository, and keeps its own name."""

    grantee: str
    kind: Kind
    wild: bool
    access: Access
    approved: bool
    arn: str = ""
    account: str = ""
    name: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A grantee or a group of repositories, with its position in pixels and its name.

    `wild` means any principal at all. `filter` is the text that finds its rows in the table, or "" if none does.
    """

    label: str
    filter: str
    full: str
    repositories: int
    wild: bool
    y: float
    height: float

    @property
    def middle(self) -> float:
        """The vertical center of its ribbons."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Access between two nodes. `path` is its outline, and the other fields describe it in words."""

    path: str
    source: str
    target: str
    access: Access
    approved: bool
    wild: bool
    repositories: int


@dataclass(frozen=True, slots=True)
class TrustMap:
    """Everything that is drawn, in a space of WIDTH by `height` pixels."""

    height: float
    left: tuple[Node, ...]
    right: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


def trust_map(report: AuditReport) -> TrustMap | None:
    """Return the picture, or None if no one outside has access."""
    links = list(_links(report.audited))
    if not links:
        return None
    source_of, target_of = _sources(links), _targets(report.scope, links)
    flows: dict[_Flow, set[str]] = {}
    for link in links:
        flow = _Flow(source_of(link), target_of(link), link.access, link.approved, link.wild)
        flows.setdefault(flow, set()).add(link.arn)
    return _drawn(flows if len(flows) <= _MOST_RIBBONS else _strongest(flows))


def _strongest(flows: Mapping[_Flow, set[str]]) -> dict[_Flow, set[str]]:
    """Keep at most two ribbons between two nodes: one for approved access and one for unapproved access."""
    kept: dict[tuple[str, str, bool], tuple[_Flow, set[str]]] = {}
    for flow, arns in flows.items():
        ends = (flow.source, flow.target, flow.approved)
        known, among = kept.get(ends, (flow, set()))
        kept[ends] = (max(known, flow, key=lambda one: (one.wild, one.access.rank)), among | arns)
    return dict(kept.values())


@dataclass(frozen=True, slots=True)
class _Flow:
    """A ribbon before it is drawn."""

    source: str
    target: str
    access: Access
    approved: bool
    wild: bool


def _links(rows: Rows) -> Iterator[_Link]:
    known: dict[int, list[_Link]] = {}
    for arn, number in rows.numbered():
        links = known.get(number)
        if links is None:
            links = known[number] = [*_shared(rows.store[number])]
        if not links:
            continue
        account, _, name = rows.place_of(arn)
        alone = bool(rows.store.kinds[number])
        for link in links:
            grantee = link.grantee.replace(STAND_IN, account)
            yield _Link(grantee, link.kind, link.wild, link.access, link.approved, arn, account, name, alone)


def _shared(outcome: Outcome) -> Iterator[_Link]:
    """Yield the links of an outcome, without a repository."""
    for grant in outcome.verdict.grants:
        grantee = visible(who(grant.kind, grant.grantee))
        yield _Link(grantee, grant.kind, is_wild(grant), grant.access[-1], approved=False)
    for trusted in outcome.trusted:
        grantee = visible(who(trusted.kind, trusted.grantee))
        yield _Link(grantee, trusted.kind, wild=False, access=trusted.access[-1], approved=True)


Name = Callable[[_Link], str]
"""Returns the name in the picture of one end of a link."""


def _sources(links: Sequence[_Link]) -> Name:
    """Return the function that names a link's grantee. It names the most important ones and groups the rest."""
    few = len({link.grantee for link in links}) <= _MOST_NODES

    def name_of(link: _Link) -> str:
        return link.grantee if few or link.kind is not Kind.SERVICE or link.approved else _SERVICES[link.wild]

    weight: dict[str, tuple[bool, bool, int, int]] = {}
    for link in links:
        name = name_of(link)
        wild, is_open, rank, count = weight.get(name, (False, False, 0, 0))
        weight[name] = (
            wild or link.wild,
            is_open or not link.approved,
            max(rank, link.access.rank),
            count + 1,
        )
    return _largest(name_of, sorted(weight, key=weight.__getitem__, reverse=True), _OTHERS[0])


def _targets(scope: Scope, links: Sequence[_Link]) -> Name:
    """Return the function that names a link's repository. If there are too many, it names what they have in common."""
    names = Names(scope)
    several = len(scope.accounts) > 1

    def by_prefix(link: _Link) -> str:
        if link.alone:
            return names.of(link.arn)
        prefix, slash, _ = link.name.partition("/")
        return visible(f"{link.account + '/' if several else ''}{prefix}{'/*' if slash else ''}")

    def by_account(link: _Link) -> str:
        return f"account {visible(link.account)}"

    ways: list[Name] = [lambda link: names.of(link.arn), by_prefix, *([by_account] if several else [])]
    few = (way for way in ways if len({way(link) for link in links}) <= _MOST_NODES)
    way = next(few, ways[-1])
    count = Counter(way(link) for link in links)
    return _largest(way, [name for name, _ in count.most_common()], _OTHERS[1])


def _largest(name: Name, ordered: Sequence[str], others: str) -> Name:
    if len(ordered) <= _MOST_NODES:
        return name
    kept = frozenset(ordered[: _MOST_NODES - 1])
    rest = f"{len(ordered) - len(kept):,} {others}"
    return lambda link: found if (found := name(link)) in kept else rest


# --- drawing ---


def _drawn(flows: Mapping[_Flow, set[str]]) -> TrustMap:
    thick = {flow: 4 + 4 * log2(1 + len(arns)) for flow, arns in flows.items()}
    scale = min(1.0, _HIGHEST / sum(thick.values()))
    thick = {flow: width * scale for flow, width in thick.items()}
    sources = _in_order({flow.source: (not flow.wild, -flow.access.rank) for flow in sorted(flows, key=_worst_last)})
    place = {name: number for number, name in enumerate(sources)}
    middles: dict[str, list[int]] = {}
    for flow in flows:
        middles.setdefault(flow.target, []).append(place[flow.source])
    targets = sorted(middles, key=lambda name: (name.endswith(_OTHERS), sum(middles[name]) / len(middles[name]), name))
    left = _stacked(sources, flows, thick, lambda flow: flow.source)
    right = _stacked(targets, flows, thick, lambda flow: flow.target)
    height = max(_bottom(left), _bottom(right))
    left, right = _centred(left, height), _centred(right, height)
    return TrustMap(height, left, right, tuple(_ribbons(flows, thick, left, right)))


def _worst_last(flow: _Flow) -> tuple[bool, bool, int]:
    return flow.wild, not flow.approved, flow.access.rank


def _in_order(ranks: Mapping[str, tuple[bool, int]]) -> list[str]:
    return sorted(ranks, key=lambda name: (name.endswith(_OTHERS), ranks[name], name))


def _stacked(
    names: Sequence[str],
    flows: Mapping[_Flow, set[str]],
    thick: Mapping[_Flow, float],
    end: Callable[[_Flow], str],
) -> tuple[Node, ...]:
    y = float(_TOP)
    nodes = []
    for name in names:
        mine = [flow for flow in flows if end(flow) == name]
        height = max(sum(thick[flow] for flow in mine), _LEAST)
        arns = set().union(*(flows[flow] for flow in mine))
        found = "" if name.endswith(_OTHERS) or name in _SERVICES.values() else name.removesuffix("*").removesuffix("/")
        nodes.append(Node(_short(name), found, name, len(arns), any(flow.wild for flow in mine), y, height))
        y += height + _GAP
    return tuple(nodes)


def _bottom(nodes: Sequence[Node]) -> float:
    return nodes[-1].y + nodes[-1].height + _TOP


def _centred(nodes: tuple[Node, ...], height: float) -> tuple[Node, ...]:
    down = (height - _bottom(nodes)) / 2
    return tuple(replace(node, y=node.y + down) for node in nodes)


def _ribbons(
    flows: Mapping[_Flow, set[str]], thick: Mapping[_Flow, float], left: Sequence[Node], right: Sequence[Node]
) -> Iterator[Ribbon]:
    """Place the ribbons side by side at each node, in the order of their other ends, so that few of them cross."""
    sources = {node.full: (place, node) for place, node in enumerate(left)}
    targets = {node.full: (place, node) for place, node in enumerate(right)}
    starts = {name: _first(node, flows, thick, lambda flow: flow.source) for name, (_, node) in sources.items()}
    ends = {name: _first(node, flows, thick, lambda flow: flow.target) for name, (_, node) in targets.items()}
    arriving: dict[_Flow, float] = {}
    for flow in sorted(flows, key=lambda flow: (targets[flow.target][0], sources[flow.source][0], _worst_last(flow))):
        arriving[flow] = ends[flow.target]
        ends[flow.target] += thick[flow]
    for flow in sorted(flows, key=lambda flow: (sources[flow.source][0], targets[flow.target][0], _worst_last(flow))):
        start, width = starts[flow.source], thick[flow]
        starts[flow.source] += width
        path = _path(start, arriving[flow], width)
        count = len(flows[flow])
        yield Ribbon(path, flow.source, flow.target, flow.access, flow.approved, flow.wild, count)


def _first(
    node: Node, flows: Mapping[_Flow, set[str]], thick: Mapping[_Flow, float], end: Callable[[_Flow], str]
) -> float:
    """Return the top of a node's first ribbon. A node that is higher than its ribbons has them in its middle."""
    return node.middle - sum(thick[flow] for flow in flows if end(flow) == node.full) / 2


def _path(start: float, end: float, width: float) -> str:
    x0, x1 = 0, WIDTH
    middle = (x0 + x1) / 2
    return (
        f"M{x0},{start:.1f}C{middle:.0f},{start:.1f} {middle:.0f},{end:.1f} {x1},{end:.1f}"
        f"V{end + width:.1f}C{middle:.0f},{end + width:.1f} {middle:.0f},{start + width:.1f} {x0},{start + width:.1f}Z"
    )


def _short(name: str) -> str:
    """Shorten a name in the middle, because its beginning and end say the most."""
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST // 2]}…{name[-(_LONGEST // 2 - 1) :]}"
