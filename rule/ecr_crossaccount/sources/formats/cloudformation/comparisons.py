"""Comparisons that cannot be decided before deployment, as questions with two answers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from ....documents.holes import Hole
from ....questions.change.states import Assumption


@dataclass(frozen=True, slots=True)
class Comparison:
    """An open comparison. Two comparisons with the same `key` are the same.

    `left` and `right`: the operands as a message shows them; `right` is None for a condition that holds or does not.
    `line`: its line, if it has no name. `of` and `value`: the input of the deployment and the text that it is compared
    with; None for other comparisons. `about`: the parameters with a default that it depends on. `by_default`: its
    result if each of them has its default; None if that is unknown too.
    """

    key: Hashable
    left: str = field(compare=False)
    right: str | None = field(default=None, compare=False)
    line: int | None = field(default=None, compare=False)
    of: Hole | None = field(default=None, compare=False)
    value: str | None = field(default=None, compare=False)
    about: frozenset[str] = field(default=frozenset(), compare=False)
    by_default: bool | None = field(default=None, compare=False)

    def said(self, *, holds: bool) -> str:
        """Return the answer in words."""
        place = "" if self.line is None else f" in line {self.line}"
        if self.right is None:
            return f"{self.left} {'holds' if holds else 'does not hold'}{place}"
        return f"{self.left} {'is' if holds else 'is not'} {self.right}{place}"


Assumed = Mapping[Comparison, bool]
"""The answers that define a world."""


def is_consistent(world: Assumed) -> bool:
    """Return whether no input is assumed to have two values at once."""
    equal = [one.of for one, answer in world.items() if answer and one.value is not None]
    return len(equal) == len(set(equal))


def is_default(world: Assumed) -> bool:
    """Return whether all parameters with a default have it in a world."""
    return all(one.by_default in (answer, None) for one, answer in world.items())


def value_in(world: Assumed, unknown: Hole) -> str | None:
    """Return the value that an input is assumed to have, or None."""
    every = (one.value for one, answer in world.items() if answer and one.of == unknown)
    return next((value for value in every if value is not None), None)


def has_default(world: Assumed, name: str) -> bool:
    """Return whether a parameter can have its default under all assumptions."""
    return is_default({one: answer for one, answer in world.items() if name in one.about})


def in_words(world: Assumed) -> str:
    """Return the assumptions of a world for a message. If an input has a value, its other values are omitted."""
    known = {one.of for one, answer in world.items() if answer and one.value is not None}
    told = ((one, answer) for one, answer in world.items() if answer or one.value is None or one.of not in known)
    return " and ".join(one.said(holds=answer) for one, answer in told)


def ways_of(world: Assumed) -> tuple[frozenset[Assumption], ...]:
    """Return the assumptions of a world as values. Comparisons of other things than inputs are known by their words."""
    return (frozenset(_assumption(one, holds=answer) for one, answer in world.items()),) if world else ()


def _assumption(one: Comparison, *, holds: bool) -> Assumption:
    if one.of is not None and one.value is not None:
        return one.of.name, one.value, holds
    return one.said(holds=True), "", holds
