"""What nobody can compare before deployment, as a question with two answers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from ...policy.holes import Hole


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison that is open; two of the same `key` are the same.

    `left` and `right`: what is compared, as a message shows it; without `right`, something that holds or does not.
    `line`: where it stands, if it has no name. `of` and `value`: of an input of the deployment, what it is compared
    with; None for what is made of others. `about`: the parameters with a default that it depends on; `by_default`: what
    it comes to if each of them has it, None where that is not known either.
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
"""The answers that make a world."""


def is_consistent(world: Assumed) -> bool:
    """Tell whether nothing is assumed to have two values at once."""
    equal = [one.of for one, answer in world.items() if answer and one.value is not None]
    return len(equal) == len(set(equal))


def is_default(world: Assumed) -> bool:
    """Tell whether parameters that have a default have it in a world."""
    return all(one.by_default in (answer, None) for one, answer in world.items())


def value_in(world: Assumed, unknown: Hole) -> str | None:
    """Return what an input is assumed to be."""
    every = (one.value for one, answer in world.items() if answer and one.of == unknown)
    return next((value for value in every if value is not None), None)


def has_default(world: Assumed, name: str) -> bool:
    """Tell whether nothing that is assumed keeps a parameter from having its default."""
    return is_default({one: answer for one, answer in world.items() if name in one.about})


def in_words(world: Assumed) -> str:
    """Return the assumptions of a world for a message: of something that has a value, not what it has not."""
    known = {one.of for one, answer in world.items() if answer and one.value is not None}
    told = ((one, answer) for one, answer in world.items() if answer or one.value is None or one.of not in known)
    return " and ".join(one.said(holds=answer) for one, answer in told)
