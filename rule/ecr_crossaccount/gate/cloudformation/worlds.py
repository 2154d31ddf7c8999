"""What a value comes to in each world that the open conditions of a template allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..nodes import Node
from .resolve import Resolved, Resolver
from .template import Template

MOST_WORLDS = 32
"""Beyond, what an open condition decides is a hole."""

Assumed = Mapping[str, bool]


def worlds(template: Template, node: Node) -> tuple[tuple[Assumed, Resolved], ...]:
    """Return what `node` resolves to under each combination of answers to the comparisons that it depends on.

    What can have a few values only is taken as each of them, unless that makes too many combinations. One world without
    assumptions if everything that it depends on is known, or if there are too many all the same.
    """
    for one in (template, replace(template, alternatives=False)):
        found = _worlds(one, node)
        if found:
            return found
    return (({}, Resolver(replace(template, alternatives=False)).resolve(node)),)


def _worlds(template: Template, node: Node) -> tuple[tuple[Assumed, Resolved], ...]:
    """Return the worlds that there can be; none if they are too many."""
    found: list[tuple[Assumed, Resolved]] = []
    rest: list[dict[str, bool]] = [{}]
    while rest:
        assumed = rest.pop()
        resolver = Resolver(template, assumed)
        resolved = resolver.resolve(node)
        opened = next(iter(resolver.conditions.open), None)
        if opened is not None:
            rest += [world for world in _both(assumed, opened) if _is_consistent(world)]
        elif not resolver.choices.impossible:
            found.append((assumed, resolved))
        if len(rest) + len(found) > MOST_WORLDS:
            return ()
    return tuple(found)


def _both(assumed: dict[str, bool], comparison: str) -> Iterator[dict[str, bool]]:
    yield {**assumed, comparison: False}
    yield {**assumed, comparison: True}


def _is_consistent(world: Assumed) -> bool:
    """Tell whether nothing is assumed to have two values at once."""
    equal = [
        _unknown(comparison)
        for comparison, answer in world.items()
        if answer and " is " in comparison and " in line " not in comparison
    ]
    return len(equal) == len(set(equal))


def in_words(assumed: Assumed) -> str:
    """Return the assumptions of a world for a message: of something that has a value, not what it has not."""
    settled = {_unknown(comparison) for comparison, answer in assumed.items() if answer}
    return " and ".join(
        comparison if answer else comparison.replace(" is ", " is not ", 1)
        for comparison, answer in assumed.items()
        if answer or _unknown(comparison) not in settled
    )


def _unknown(comparison: str) -> str:
    """Return what a comparison is about; one of something that is made of others stands for itself."""
    return comparison if " in line " in comparison else comparison.split(" is ", 1)[0]
