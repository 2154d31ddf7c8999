"""The names that an expression can use, the budget of its evaluation, and conditions that cannot be decided.

Of two conditions it is known when they are the same, and which values there are in both cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Protocol

from ....documents.pattern import Hole, Holed
from ...files.values.nodes import Place
from ...files.values.partial import Case, Conditional, Either, Encoded, NotThere, Prose, Question, Value, apply_answer
from . import tree
from .operators import FailedError, NoFileError, TooMuchError, unify
from .tree import Expression, Step

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

    def weigh(self, value: Value) -> Value:
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
                case Conditional() | Encoded():
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


_MOST = 8
"""The most forms of one value. If there are more, it is a hole."""


def question(test: Expression, hole: Hole, scope: Scope) -> Question:
    """Return the question for a condition. In one module, equal conditions give the same question.

    A condition that uses a loop's symbols never equals another one.
    """
    shape = _shape(test)
    bound = any(isinstance(part, tree.Name) and part.name in scope.symbols for part in tree.parts(test))
    of = object() if bound else (scope.names, shape)
    return Question(of, f"the condition on `{hole.name}` holds", f"the condition on `{hole.name}` does not hold")


def _shape(part: object) -> object:
    """Return an expression without its places, for a comparison."""
    if isinstance(part, tuple):
        return tuple(map(_shape, part))
    if isinstance(part, Place):
        return None
    if is_dataclass(part):
        return (type(part), *(_shape(getattr(part, one.name)) for one in fields(part)))
    return type(part), part


def spread(values: Sequence[Value], make: Callable[[list[Value]], Value]) -> Value:
    """Return the result of `make`. Each value that is one of two is tried both ways. Raises FailedError."""
    forms = 1
    for value in values:
        forms *= value.forms if isinstance(value, Either) else 1
    return _spread([_bare(value) for value in values] if forms > _MOST else list(values), make)


def _spread(values: list[Value], make: Callable[[list[Value]], Value]) -> Value:
    either = next((value for value in values if isinstance(value, Either)), None)
    if either is None:
        return make(values)
    yes, no = (_in_case(values, make, Case(either.question, holds), either.hole) for holds in (True, False))
    return unify(yes, no, either.hole, either.question)


def _in_case(values: list[Value], make: Callable[[list[Value]], Value], case: Case, hole: Hole) -> Value:
    try:
        return _spread([apply_answer(value, case) for value in values], make)
    except NoFileError as error:
        return NotThere(str(error))
    except FailedError:
        return hole


def _bare(value: Value) -> Value:
    return value.hole if isinstance(value, Either) else value
