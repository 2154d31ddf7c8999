"""Conditions that cannot be decided: when two of them are the same, and the values in both cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass

from ....documents.holes import Hole
from ...files.values.nodes import Place
from ...files.values.partial import Case, Either, NotThere, Question, Value, answered
from . import tree
from .errors import FailedError, NoFileError
from .operators import unified
from .scope import Scope
from .tree import Expression

_MOST = 8
"""The most forms of one value. If there are more, it is a hole."""


def question(test: Expression, hole: Hole, scope: Scope) -> Question:
    """Return the question for a condition. In one module, equal conditions give the same question.

    A condition that uses a loop's symbols never equals another one.
    """
    shape = _shape(test)
    bound = any(isinstance(one, tree.Name) and one.name in scope.symbols for one in tree.parts(test))
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
    for one in values:
        forms *= one.forms if isinstance(one, Either) else 1
    return _spread([_bare(one) for one in values] if forms > _MOST else list(values), make)


def _spread(values: list[Value], make: Callable[[list[Value]], Value]) -> Value:
    either = next((one for one in values if isinstance(one, Either)), None)
    if either is None:
        return make(values)
    yes, no = (_in_case(values, make, Case(either.question, holds), either.hole) for holds in (True, False))
    return unified(yes, no, either.hole, either.question)


def _in_case(values: list[Value], make: Callable[[list[Value]], Value], case: Case, hole: Hole) -> Value:
    try:
        return _spread([answered(one, case) for one in values], make)
    except NoFileError as error:
        return NotThere(str(error))
    except FailedError:
        return hole


def _bare(value: Value) -> Value:
    return value.hole if isinstance(value, Either) else value
