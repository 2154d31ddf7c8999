"""Policies that are built to hurt a search, a family for each way that we know of.

A family is a function of how many parts it is to have; each is measured small, in the middle, and as large as
ECR admits. Some have a witness, some have none, and for a few nobody can find out in reasonable time:
those must end by the work budget.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.corpus.words import ROOM, Policies, Statements, text_of

from . import globs, lists, logic

Family = Callable[[int], Statements]

FAMILIES: tuple[Family, ...] = (*globs.FAMILIES, *logic.FAMILIES, *lists.FAMILIES)
_SHARES = (0.12, 0.4, 1.0)


def adversarial() -> Policies:
    """Every family in three sizes, always the same."""
    policies = []
    for family in FAMILIES:
        largest = _largest(family)
        sizes = [max(2, round(share * largest)) for share in _SHARES]
        policies += [(family.__name__, text_of(family(size))) for size in sizes]
    return policies


def _largest(family: Family) -> int:
    """How many parts the size limit admits, by bisection: the text grows with the number of parts."""
    low, high = 2, 2
    while len(text_of(family(high))) <= ROOM:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        fits = len(text_of(family(middle))) <= ROOM
        low, high = (middle, high) if fits else (low, middle)
    return low
