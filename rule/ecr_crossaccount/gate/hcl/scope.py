"""Where an expression stands, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ...policy.holes import Holed
from ..values.partial import Either, Encoded, Perhaps, Prose, Value
from .errors import TooMuchError
from .tree import Step

STEPS = 400_000
_CHARACTERS = 64
"""Evaluations that one resource may cost; the largest real configurations take some thousands."""


class Names(Protocol):
    """What a module's names stand for."""

    def lookup(self, root: str, steps: tuple[Step, ...]) -> tuple[Value, tuple[Step, ...]]:
        """Return the value that a name and its first steps stand for, and the steps that are left."""

    def call(self, name: str, arguments: list[Value], scope: Scope) -> Value:
        """Return what a function gives."""


@dataclass(slots=True)
class Budget:
    """Counts evaluations, of each resource and of all together, so that no source keeps the gate busy for ever."""

    left: int = STEPS
    whole: int = 10 * STEPS

    def renew(self) -> None:
        """Begin with another resource."""
        self.whole -= STEPS - max(0, self.left)
        self.left = min(STEPS, self.whole)

    def spend(self, steps: int = 1) -> None:
        """Count. Raises TooMuchError."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchError

    def weighed(self, value: Value) -> Value:
        """Count what a value holds, a part as often as it is repeated, and return it. Raises TooMuchError."""
        waiting = [value]
        while waiting:
            one = waiting.pop()
            self.spend()
            match one:
                case str():
                    self.spend(len(one) // _CHARACTERS)
                case Holed():
                    waiting += one.parts
                case Prose():
                    waiting += [part for part, _ in one.parts]
                case Perhaps() | Encoded():
                    waiting.append(one.value)
                case Either():
                    waiting += [one.yes, one.no]
                case list() | tuple():
                    waiting += one
                case Mapping():
                    waiting += one.values()
        return value


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: its module's names, and the symbols that loops and instances bind.

    `tried`: whether something else counts where it fails.
    """

    names: Names
    budget: Budget
    symbols: Mapping[str, Value] = field(default_factory=dict)
    tried: bool = False

    def binding(self, **symbols: Value) -> Scope:
        """Return the scope inside a loop."""
        return Scope(self.names, self.budget, {**self.symbols, **symbols}, self.tried)

    def trying(self) -> Scope:
        """Return the scope of what may fail."""
        return Scope(self.names, self.budget, self.symbols, tried=True)
