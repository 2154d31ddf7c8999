"""The names that an expression can use, and the budget of its evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ....documents.holes import Holed
from ...files.values.partial import Either, Encoded, Perhaps, Prose, Value
from .errors import TooMuchError
from .tree import Step

STEPS = 400_000
_CHARACTERS = 64
"""The evaluations that one resource may cost. The largest real configurations take a few thousand."""


class Names(Protocol):
    """The values of a module's names."""

    def lookup(self, root: str, steps: tuple[Step, ...]) -> tuple[Value, tuple[Step, ...]]:
        """Return the value of a name and its first steps, and the remaining steps."""

    def call(self, name: str, arguments: list[Value], scope: Scope) -> Value:
        """Return the result of a function."""


@dataclass(slots=True)
class Budget:
    """The number of evaluations left, for each resource and in total, so that every evaluation ends."""

    left: int = STEPS
    whole: int = 10 * STEPS

    def renew(self) -> None:
        """Start the budget of the next resource."""
        self.whole -= STEPS - max(0, self.left)
        self.left = min(STEPS, self.whole)

    def spend(self, steps: int = 1) -> None:
        """Count steps. Raises TooMuchError if too many are taken."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchError

    def weighed(self, value: Value) -> Value:
        """Count the parts of a value, repeated ones each time, and return it. Raises TooMuchError."""
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
    """The scope of an expression: its module's names, and the symbols of loops and instances.

    `tried`: whether it is inside a `try` or `can`.
    """

    names: Names
    budget: Budget
    symbols: Mapping[str, Value] = field(default_factory=dict)
    tried: bool = False

    def binding(self, **symbols: Value) -> Scope:
        """Return the scope inside a loop."""
        return Scope(self.names, self.budget, {**self.symbols, **symbols}, self.tried)

    def trying(self) -> Scope:
        """Return the scope of an expression inside `try` or `can`."""
        return Scope(self.names, self.budget, self.symbols, tried=True)
