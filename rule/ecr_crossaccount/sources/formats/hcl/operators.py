"""HCL operators and the parts of a value, its attributes, elements and text, for values that may have holes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence

from ....documents.pattern import Hole, Holed
from ....errors import InputError, InternalError
from ...files.values.partial import (
    Case,
    Conditional,
    Distinct,
    Either,
    Encoded,
    Placed,
    Prose,
    Question,
    Value,
    either,
    first_hole,
    is_known,
    text_of,
)


class FailedError(InputError):
    """Terraform would fail here too. `try` and `can` catch it; elsewhere the value is a hole."""


class NoFileError(FailedError):
    """Terraform would fail because a file is missing or cannot be read. `path`: that of the file."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} ({reason})")
        self.path = path


class BeyondError(InputError):
    """An expression that only Terraform can evaluate. Its value is a hole, for `try` and `can` too."""


class TooMuchError(InternalError):
    """An evaluation that exceeds its budget."""


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


def unify(yes: Value, no: Value, hole: Hole, question: Question) -> Value:
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
    here, there = (one.hole if isinstance(one, Conditional) else one for one in (yes, no))
    return unify(here, there, hole, question)


def _unified_lists(yes: list[Value], no: list[Value], hole: Hole, question: Question) -> list[Value]:
    found = [one if one in no else _perhaps(one, hole, Case(question, holds=True)) for one in yes]
    found += [_perhaps(one, hole, Case(question, holds=False)) for one in no if one not in yes]
    if sum(len(one.cases) for one in found if isinstance(one, Conditional)) <= _MOST_CASES:
        return found
    bare = [Conditional(one.value, one.hole) if isinstance(one, Conditional) else one for one in found]
    return [one for number, one in enumerate(bare) if one not in bare[:number]]


def _perhaps(value: Value, hole: Hole, case: Case) -> Value:
    """Return an element of a list with one more condition for its existence."""
    if not isinstance(value, Conditional):
        return Conditional(value, hole, (case,))
    return Conditional(value.value, value.hole, (*value.cases, case) if value.cases else ())


_MOST_FIELDS = 12
"""The most fields of an object that are considered for an unknown key, each in turn."""


def attribute(value: Value, name: str, of: str) -> Value:
    """Return an attribute of an object. Raises FailedError."""
    match value:
        case Hole():
            return Hole(f"{value.name}.{name}")
        case Either():
            yes, no = (attribute(one, name, of) for one in (value.yes, value.no))
            return unify(yes, no, Hole(f"{value.hole.name}.{name}"), value.question)
        case Mapping():
            if name in value:
                return Hole(f"{of}.{name}") if isinstance(value[name], Conditional) else value[name]
            raise FailedError(f"`{of}` has no `{name}`")
        case [single] if not isinstance(single, Conditional):
            # Terraform 0.11 treated the only instance of a counted resource as the resource.
            return attribute(single, name, of)
    find = getattr(value, "attribute", None)
    if find is None:
        raise FailedError(f"`{of}` has no attributes")
    found: Value = find(name)
    return found


def element(value: Value, key: Value, name: str) -> Value:
    """Return an element of a list or object. Raises FailedError."""
    if isinstance(value, (Hole, Either)) or not is_known(key):
        return one_of(value, first_hole(key, name), Hole(name)) if isinstance(value, Mapping) else Hole(name)
    if isinstance(value, Mapping):
        return attribute(value, str(key), name)
    if isinstance(value, list):
        return _item(value, _whole(key), name)
    if hasattr(value, "attribute"):
        # If the number of instances is unknown, one instance represents all.
        return value
    raise FailedError(f"`{name}` is not an attribute of a list")


def _item(values: Sequence[Value], number: int, name: str) -> Value:
    same = alike(values)
    if same is not None:
        return same
    if any(isinstance(value, Conditional) for value in values[: number + 1]):
        return Hole(name)
    if number < len(values):
        return values[number]
    if any(isinstance(value, Conditional) for value in values):
        return Hole(name)
    raise FailedError(f"`{name}` is beyond the end of the list")


def alike(values: Sequence[Value]) -> Holed | None:
    """Return the common form of all elements if even their number is unknown. None if there is no such form."""
    match values:
        case [Conditional(value=Holed() as text, cases=())]:
            return text
    return None


def one_of(value: Mapping[str, Value], key: Hole, hole: Hole, *otherwise: Value) -> Value:
    """Return the field of an object for an unknown key: one of its fields, or `otherwise`.

    Without `otherwise`, Terraform would fail if the key is none of them.
    """
    fields = [(name, one.hole if isinstance(one, Conditional) else one) for name, one in value.items()]
    if not fields or len(fields) > _MOST_FIELDS:
        return otherwise[0] if otherwise and not fields else hole
    found = otherwise[0] if otherwise else fields.pop()[1]
    for name, one in reversed(fields):
        question = Question(object(), f"`{key.name}` is `{name}`", f"`{key.name}` is not `{name}`")
        found = unify(one, found, hole, question)
    return found


def _whole(key: Value) -> int:
    try:
        number = int(key)  # type: ignore[call-overload] # a value of any type
    except (TypeError, ValueError):
        raise FailedError(f"`{key}` is not an index") from None
    if number < 0 or (isinstance(key, float) and number != key):
        raise FailedError(f"`{key}` is not an index")
    return int(number)


def items(value: Value) -> list[Value]:
    """Return the elements of a list. A hole gives an element that may be missing. Raises FailedError."""
    if isinstance(value, Hole):
        return [Conditional(value, value)]
    if isinstance(value, list):
        return list(value)
    raise FailedError("a value that is not a list is used as one")


def items_of(value: Value) -> Iterator[tuple[Value, Value, Conditional | None]]:
    """Yield each element's key, value and, if it may be missing, its condition. Raises FailedError."""
    match value:
        case Hole():
            yield value, value, Conditional(value, value)
        case Either():
            yield from items_of(value.hole)
        case Mapping():
            for key in sorted(value):
                yield key, *_sure(value[key])
        case list() | tuple():
            for index, item in enumerate(value):
                inner, perhaps = _sure(item)
                yield inner if isinstance(value, Distinct) else index, inner, perhaps
        case None:
            raise FailedError("null has no elements")
        case _:
            raise FailedError(f"a {type(value).__name__} has no elements")


def _sure(item: Value) -> tuple[Value, Conditional | None]:
    """Return an element's value, and its condition if it may be missing."""
    return (item.value, item) if isinstance(item, Conditional) else (item, None)


def as_text(value: Value) -> str | Hole | Holed:
    """Return a value as a text, as interpolation does. Raises FailedError."""
    plain = text_of(value)
    match plain:
        case str() | Hole() | Holed():
            return plain
        case bool():
            return "true" if plain else "false"
        case int():
            return str(plain)
        case float():
            return repr(plain)
    raise FailedError("a value that is not text is part of a text")
