"""Policies that are built to slow a search down, a family for each known way.

A family is a function of the number of its parts. Each is measured small, medium, and as large as ECR accepts. Some
have a witness, and some have none. A few cannot be decided in reasonable time, and must end by the work budget.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.corpus.words import ROOM, Policies, Statements, text_of

from . import globs, lists, logic

Family = Callable[[int], Statements]

FAMILIES: tuple[Family, ...] = (*globs.FAMILIES, *logic.FAMILIES, *lists.FAMILIES)
_SHARES = (0.12, 0.4, 1.0)


def adversarial() -> Policies:
    """Return every family in three sizes, always the same."""
    policies = []
    for family in FAMILIES:
        largest = _largest(family)
        sizes = [max(2, round(share * largest)) for share in _SHARES]
        policies += [(family.__name__, text_of(family(size))) for size in sizes]
    return policies


def _largest(family: Family) -> int:
    """Return the most parts within the size limit, by bisection. The text grows with the number of parts."""
    low, high = 2, 2
    while len(text_of(family(high))) <= ROOM:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        fits = len(text_of(family(middle))) <= ROOM
        low, high = (middle, high) if fits else (low, middle)
    return low
