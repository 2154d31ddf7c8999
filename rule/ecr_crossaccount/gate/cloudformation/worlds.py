"""What a value comes to in each world that the open conditions of a template allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..nodes import Node
from .resolve import Resolved, Resolver
from .template import Template

MOST_WORLDS = 32
"""Beyond, what an open condition decides is a hole."""

Assumed = Mapping[str, bool]


def worlds(template: Template, node: Node) -> tuple[tuple[Assumed, Resolved], ...]:
    """Return what `node` resolves to under each combination of answers to the comparisons that it depends on.

    One world without assumptions if everything that it depends on is known, or if there are too many.
    """
    found: list[tuple[Assumed, Resolved]] = []
    rest: list[dict[str, bool]] = [{}]
    while rest:
        assumed = rest.pop()
        resolver = Resolver(template, assumed)
        resolved = resolver.resolve(node)
        opened = next(iter(resolver.conditions.open), None)
        if opened is None:
            found.append((assumed, resolved))
        else:
            rest += [world for world in _both(assumed, opened) if _is_consistent(world)]
        if len(rest) + len(found) > MOST_WORLDS:
            return (({}, Resolver(template).resolve(node)),)
    return tuple(found)


def _both(assumed: dict[str, bool], comparison: str) -> Iterator[dict[str, bool]]:
    yield {**assumed, comparison: False}
    yield {**assumed, comparison: True}


def _is_consistent(world: Assumed) -> bool:
    """Tell whether nothing is assumed to have two values at once."""
    equal = [
        comparison.split(" is ", 1)[0]
        for comparison, answer in world.items()
        if answer and " is " in comparison and " in line " not in comparison
    ]
    return len(equal) == len(set(equal))


def in_words(assumed: Assumed) -> str:
    """Return the assumptions of a world for a message."""
    return " and ".join(
        comparison if answer else comparison.replace(" is ", " is not ", 1) for comparison, answer in assumed.items()
    )
