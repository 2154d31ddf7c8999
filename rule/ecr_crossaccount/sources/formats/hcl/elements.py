"""Parts of a value: its attributes and elements, and its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ....documents.holes import Hole, Holed
from ...files.values.partial import Distinct, Either, Perhaps, Question, Value, first_hole, is_known, text_of
from .errors import FailedError
from .operators import unified

_MOST_FIELDS = 12
"""The most fields of an object that are considered for an unknown key, each in turn."""


def attribute(value: Value, name: str, of: str) -> Value:
    """Return an attribute of an object. Raises FailedError."""
    match value:
        case Hole():
            return Hole(f"{value.name}.{name}")
        case Either():
            yes, no = (attribute(one, name, of) for one in (value.yes, value.no))
            return unified(yes, no, Hole(f"{value.hole.name}.{name}"), value.question)
        case Mapping():
            if name in value:
                return Hole(f"{of}.{name}") if isinstance(value[name], Perhaps) else value[name]
            raise FailedError(f"`{of}` has no `{name}`")
        case [single] if not isinstance(single, Perhaps):
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
    if any(isinstance(one, Perhaps) for one in values[: number + 1]):
        return Hole(name)
    if number < len(values):
        return values[number]
    if any(isinstance(one, Perhaps) for one in values):
        return Hole(name)
    raise FailedError(f"`{name}` is beyond the end of the list")


def alike(values: Sequence[Value]) -> Holed | None:
    """Return the common form of all elements if even their number is unknown. None if there is no such form."""
    match values:
        case [Perhaps(value=Holed() as text, cases=())]:
            return text
    return None


def one_of(value: Mapping[str, Value], key: Hole, hole: Hole, *otherwise: Value) -> Value:
    """Return the field of an object for an unknown key: one of its fields, or `otherwise`.

    Without `otherwise`, Terraform would fail if the key is none of them.
    """
    fields = [(name, one.hole if isinstance(one, Perhaps) else one) for name, one in value.items()]
    if not fields or len(fields) > _MOST_FIELDS:
        return otherwise[0] if otherwise and not fields else hole
    found = otherwise[0] if otherwise else fields.pop()[1]
    for name, one in reversed(fields):
        question = Question(object(), f"`{key.name}` is `{name}`", f"`{key.name}` is not `{name}`")
        found = unified(one, found, hole, question)
    return found


def _whole(key: Value) -> int:
    try:
        number = int(key)  # type: ignore[call-overload] # a value of any type
    except (TypeError, ValueError):
        raise FailedError(f"`{key}` is not an index") from None
    if number < 0 or (isinstance(key, float) and number != key):
        raise FailedError(f"`{key}` is not an index")
    return int(number)


def items_of(value: Value) -> Iterator[tuple[Value, Value, Perhaps | None]]:
    """Yield each element's key, value and, if it may be missing, its condition. Raises FailedError."""
    match value:
        case Hole():
            yield value, value, Perhaps(value, value)
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


def _sure(item: Value) -> tuple[Value, Perhaps | None]:
    """Return an element's value, and its condition if it may be missing."""
    return (item.value, item) if isinstance(item, Perhaps) else (item, None)


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
