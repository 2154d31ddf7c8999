"""The results for a value in each world that the open conditions of a template allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ....documents.holes import Hole
from ....questions.change.states import Assumption
from ...files.values.nodes import Node
from .comparisons import Assumed, Comparison, in_words, is_consistent, is_default, ways_of
from .functions import Resolved
from .resolve import Resolver
from .template import Template

MOST_WORLDS = 32
"""The most worlds. If there are more, values that depend on an open condition become holes."""

_OTHERWISE = "parameters have other values than their defaults"


@dataclass(frozen=True, slots=True)
class World:
    """A value under the condition `when`.

    `by_default`: whether the condition holds if parameters have their defaults. `rests_on`: the parameters with a
    default that the value depends on. `beyond`: the holes of parameters that have another, unknown value here. `ways`:
    the assumptions of the condition.
    """

    when: str
    resolved: Resolved
    by_default: bool
    rests_on: frozenset[str]
    beyond: frozenset[Hole]
    ways: tuple[frozenset[Assumption], ...] = ()


def worlds(template: Template, node: Node) -> tuple[World, ...]:
    """Return the results of `node` under each combination of answers to the comparisons that it depends on.

    If everything is known, there is one world without assumptions. An unknown that can have only a few values is taken
    as each of them. If that makes too many combinations, such an unknown is a hole, and the first world has the
    defaults, if the value depends on any. If there are still too many, the other world has a hole for each value that
    a condition decides.
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
    """Return all possible worlds, or none if they are too many."""
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
    # If the defaults leave something without any value, no world is by default.
    others = (replace(one, by_default=not usual) for one in found if not one.by_default)
    return (*usual, *others)


def _world(resolver: Resolver, assumed: Assumed, node: Node) -> World:
    resolved = resolver.resolve(node)
    rests_on, beyond = frozenset(resolver.rests_on), frozenset(resolver.beyond)
    return World(in_words(assumed), resolved, is_default(assumed), rests_on, beyond, ways_of(assumed))


def _both(assumed: dict[Comparison, bool], comparison: Comparison) -> Iterator[dict[Comparison, bool]]:
    yield {**assumed, comparison: False}
    yield {**assumed, comparison: True}
