"""What a value comes to in each world that the open conditions of a template allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...policy.holes import Hole
from ..values.nodes import Node
from .comparisons import Assumed, Comparison, in_words, is_consistent, is_default
from .functions import Resolved
from .resolve import Resolver
from .template import Template

MOST_WORLDS = 32
"""Beyond, what an open condition decides is a hole."""

_OTHERWISE = "parameters have other values than their defaults"


@dataclass(frozen=True, slots=True)
class World:
    """What a value is `when` something is so.

    `by_default`: whether that is so if parameters have their defaults. `rests_on`: the parameters that have a default
    and that it depends on; `beyond`: the holes of those that have some other value here.
    """

    when: str
    resolved: Resolved
    by_default: bool
    rests_on: frozenset[str]
    beyond: frozenset[Hole]


def worlds(template: Template, node: Node) -> tuple[World, ...]:
    """Return what `node` resolves to under each combination of answers to the comparisons that it depends on.

    What can have a few values only is taken as each of them, unless that makes too many combinations. One world without
    assumptions if everything that it depends on is known. If the combinations are too many all the same, one of
    defaults, where there are any, and one in which what a condition decides is a hole.
    """
    found = _worlds(template, node)
    if found:
        return found
    narrow = replace(template, alternatives=False)
    rest = _worlds(narrow, node) or (_world(Resolver(narrow), {}, node),)
    usual = _world(Resolver(template.by_default()), {}, node)
    if not usual.rests_on:
        return rest
    return (usual, *(replace(one, when=one.when or _OTHERWISE, by_default=False) for one in rest))


def _worlds(template: Template, node: Node) -> tuple[World, ...]:
    """Return the worlds that there can be; none if they are too many."""
    found: list[World] = []
    rest: list[dict[Comparison, bool]] = [{}]
    while rest:
        assumed = rest.pop()
        resolver = Resolver(template, assumed)
        world = _world(resolver, assumed, node)
        opened = next(iter(resolver.conditions.open), None)
        if opened is not None:
            rest += [one for one in _both(assumed, opened) if is_consistent(one)]
        elif not resolver.choices.impossible:
            found.append(world)
        if len(rest) + len(found) > MOST_WORLDS:
            return ()
    usual = [one for one in found if one.by_default]
    # By its default alone something may have no value at all: then no world is more usual than the others.
    others = (replace(one, by_default=not usual) for one in found if not one.by_default)
    return (*usual, *others)


def _world(resolver: Resolver, assumed: Assumed, node: Node) -> World:
    resolved = resolver.resolve(node)
    rests_on, beyond = frozenset(resolver.rests_on), frozenset(resolver.beyond)
    return World(in_words(assumed), resolved, is_default(assumed), rests_on, beyond)


def _both(assumed: dict[Comparison, bool], comparison: Comparison) -> Iterator[dict[Comparison, bool]]:
    yield {**assumed, comparison: False}
    yield {**assumed, comparison: True}
