"""HCL operators for values that may have holes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from ....documents.holes import Hole, Holed
from ...files.values.partial import (
    Case,
    Either,
    Encoded,
    Perhaps,
    Placed,
    Prose,
    Question,
    Value,
    either,
    first_hole,
    is_known,
    text_of,
)
from .errors import FailedError

_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_LARGEST = 1e15


def truth(value: Value) -> bool | Hole:
    """Return a value as a condition. Raises FailedError."""
    plain = text_of(value)
    match plain:
        case bool():
            return plain
        case "true" | "1" | 1:  # numbers as in Terraform 0.11
            return True
        case "false" | "0" | 0:
            return False
        case Hole():
            return plain
        case Holed():
            return first_hole(plain, "condition")
    raise FailedError("a condition that is neither true nor false")


def operation(sign: str, left: Callable[[], Value], right: Callable[[], Value]) -> Value:
    """Return the result of an operator. Raises FailedError."""
    if sign in ("&&", "||"):
        return _logic(sign, left, right)
    first, second = left(), right()
    if sign in ("==", "!="):
        same = equal(first, second)
        return same if isinstance(same, Hole) else same is (sign == "==")
    for one in (first, second):
        if not is_known(one):
            return first_hole(one, sign)
    one, other = number_of(first), number_of(second)
    if sign in _ORDER:
        return _ORDER[sign](one, other)
    try:
        found = _ARITHMETIC[sign](one, other)
    except (KeyError, ZeroDivisionError, OverflowError):
        raise FailedError(f"`{sign}` has no result") from None
    if abs(found) > _LARGEST:
        return Hole("a number that is too large")
    return int(found) if float(found).is_integer() else found


def _logic(sign: str, left: Callable[[], Value], right: Callable[[], Value]) -> Value:
    """Return the result of `&&` or `||`. One decisive operand is enough."""
    decisive = sign == "||"
    first = truth(left())
    if first is decisive:
        return decisive
    try:
        second = truth(right())
    except FailedError:
        if isinstance(first, Hole):
            return first
        raise
    if second is decisive:
        return decisive
    return first if isinstance(first, Hole) else second


def number_of(value: Value) -> float:
    """Return a value as a number. Raises FailedError."""
    plain = text_of(value)
    if isinstance(plain, (int, float)) and not isinstance(plain, bool):
        return plain
    if isinstance(plain, str):
        try:
            found = float(plain)
        except ValueError:
            raise FailedError("a text that is not a number") from None
        return int(found) if found.is_integer() else found
    raise FailedError("a value that is not a number")


def equal(first: Value, second: Value) -> bool | Hole:
    """Return whether two values are the same, or a hole if that is unknown."""
    one, other = text_of(first), text_of(second)
    for here, there in ((one, other), (other, one)):
        if (there is None or there == "") and _is_something(here):
            return False
    if is_known(one) and is_known(other):
        return _plain(one) == _plain(other) and isinstance(one, bool) is isinstance(other, bool)
    return first_hole(one if not is_known(one) else other, "==")


def _is_something(value: Value) -> bool:
    """Return whether a value with holes is certainly neither null nor empty."""
    if isinstance(value, Holed):
        return any(isinstance(part, str) for part in value.parts)
    return isinstance(value, (list, Mapping, Prose, Encoded))


def _plain(value: Value) -> Value:
    match value:
        case Prose() | Encoded(yaml=False):
            return text_of(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {name: _plain(item) for name, item in value.items()}
    return value


_MOST_CASES = 64
"""The most cases of all elements of a list. If there are more, their conditions are unknown."""

_TEXTS = (Encoded, Prose, str, Holed, Either)


def unified(yes: Value, no: Value, hole: Hole, question: Question) -> Value:
    """Return a value that is one of two, decided by the answer to a question, which is a hole."""
    if _plain(yes) == _plain(no):
        return yes
    if isinstance(yes, list) and isinstance(no, list):
        return _unified_lists(list(yes), list(no), hole, question)
    if isinstance(yes, Mapping) and isinstance(no, Mapping) and yes.keys() == no.keys():
        pairs = {name: _unified_fields(yes[name], no[name], hole, question) for name in yes}
        return Placed(pairs, yes.at if isinstance(yes, Placed) else None)
    if all(one is None or isinstance(one, (Mapping, Either)) for one in (yes, no)):
        return either(question, yes, no, hole)
    texts = any(isinstance(one, _TEXTS) for one in (yes, no))
    if texts and all(one is None or isinstance(one, (*_TEXTS, Hole)) for one in (yes, no)):
        return either(question, yes, no, hole)
    return hole


def _unified_fields(yes: Value, no: Value, hole: Hole, question: Question) -> Value:
    """Return a field of two objects. A field that may be missing counts as unknown."""
    if yes == no:
        return yes
    here, there = (one.hole if isinstance(one, Perhaps) else one for one in (yes, no))
    return unified(here, there, hole, question)


def _unified_lists(yes: list[Value], no: list[Value], hole: Hole, question: Question) -> list[Value]:
    found = [one if one in no else _perhaps(one, hole, Case(question, holds=True)) for one in yes]
    found += [_perhaps(one, hole, Case(question, holds=False)) for one in no if one not in yes]
    if sum(len(one.cases) for one in found if isinstance(one, Perhaps)) <= _MOST_CASES:
        return found
    bare = [Perhaps(one.value, one.hole) if isinstance(one, Perhaps) else one for one in found]
    return [one for number, one in enumerate(bare) if one not in bare[:number]]


def _perhaps(value: Value, hole: Hole, case: Case) -> Value:
    """Return an element of a list with one more condition for its existence."""
    if not isinstance(value, Perhaps):
        return Perhaps(value, hole, (case,))
    return Perhaps(value.value, value.hole, (*value.cases, case) if value.cases else ())
