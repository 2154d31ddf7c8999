"""Reads Condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .conditions import WILD, Base, Condition, Operator, Value, operator, typed_value, value
from .holes import Holed, as_text
from .pattern import pattern
from .problems import quoted
from .reader import NOTHING, Reader, kind
from .strict_json import RepeatedNames, is_unicode

_UNTYPED = frozenset({Base.STRING_EQUALS, Base.STRING_EQUALS_IGNORE_CASE, Base.STRING_LIKE, Base.ARN_LIKE})
_LONGEST_NUMBER = 10**40


def read_conditions(
    reader: Reader, at: str, item: Mapping[object, object], holes: list[Holed]
) -> tuple[Condition, ...] | None:
    """Return the conditions, or None if any of them is unreadable, because then the statement's effect is unknown."""
    block = item.get("Condition", NOTHING)
    if block is NOTHING:
        return ()
    place = f"{at}.Condition"
    text = as_text(block)
    if isinstance(text, Holed):
        holes.append(text)
        return ()
    if not isinstance(block, Mapping):
        reader.add(place, f"expected an object of operators, not {kind(block)}")
        return None
    reader.repeated(place, block)
    names = [name.lower() for name in block if isinstance(name, str)]
    twice = sorted({name for name in names if names.count(name) > 1})
    for name in twice:
        reader.add(place, f"names the operator {quoted(name)} twice: operators are compared without regard to case")
    read = [_operator(reader, f"{place}.{name}", name, keys, holes) for name, keys in block.items()]
    if twice or any(conditions is None for conditions in read):
        return None
    return tuple(condition for conditions in read if conditions for condition in conditions)


def has_empty_condition(item: Mapping[object, object]) -> bool:
    """Return whether the Condition of a statement, or an operator in it, is empty."""
    block = item["Condition"]
    if not isinstance(block, Mapping):
        return False
    return not block or not all(block.values())


def _operator(reader: Reader, at: str, name: object, keys: object, holes: list[Holed]) -> list[Condition] | None:
    known = operator(name) if isinstance(name, str) else None
    if known is None:
        reader.add(at, f"{quoted(name)} is not a condition operator")
        return None
    text = as_text(keys)
    if isinstance(text, Holed):
        holes.append(text)
        return []
    if not isinstance(keys, Mapping):
        reader.add(at, f"expected an object of condition keys, not {kind(keys)}")
        return None
    reader.repeated(at, keys)
    read = [_condition(reader, f"{at}.{key}", known, key, values) for key, values in keys.items()]
    found = [condition for condition in read if condition]
    names = [condition.name for condition in found]
    twice = {name for name in names if names.count(name) > 1}
    for key in sorted(twice):
        reader.add(at, f"names the key {quoted(key)} twice: keys are compared without regard to case")
    if twice or len(found) < len(read) or isinstance(keys, RepeatedNames):
        return None
    return found


def _condition(reader: Reader, at: str, known: Operator, key: object, values: object) -> Condition | None:
    if not isinstance(key, str) or not key or not is_unicode(key):
        reader.add(at, f"{quoted(key)} is not a condition key: expected a form such as `aws:PrincipalOrgID`")
        return None
    items = values if isinstance(values, (list, tuple)) else [values]
    plain = plain_values(known.base, items, variables=reader.variables)
    if plain is not None:
        return Condition(known, key, key.lower(), plain)
    read = [
        _value(reader, f"{at}[{index}]" if items is values else at, known.base, item)
        for index, item in enumerate(items)
    ]
    good = tuple(item for item in read if item is not None)
    return Condition(known, key, key.lower(), good) if len(good) == len(read) else None


def plain_values(base: Base, items: Sequence[Any], *, variables: bool) -> tuple[Value, ...] | None:
    """Return the values of a condition if all are well-formed ASCII texts, as they nearly always are, else None."""
    try:
        text = "".join(items)  # raises TypeError if an item is not a string
        if not text.isascii():
            return None
        if base in _UNTYPED:
            wild = base in WILD
            return tuple([pattern(item, wild=wild, variables=variables) for item in items])
        if "${" in text:
            return None
        return tuple([typed_value(base, item) for item in items])
    except (TypeError, ValueError):
        return None


def _value(reader: Reader, at: str, base: Base, item: object) -> Value | None:
    text = reader.string(at, item if type(item) is str else _scalar(item))
    if text is None:
        return None
    if base in _UNTYPED or not isinstance(text, str) or "${" not in text:
        try:
            return value(base, text, variables=reader.variables)
        except ValueError as error:
            reader.add(at, str(error))
            return None
    reader.add(at, f"{quoted(text)}: policy variables are supported only in String and Arn operators")
    return None


def _scalar(item: object) -> object:
    """Return a number or a Boolean as its JSON text. IAM accepts it without quotes, and compares it as that text."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, (int, float)) and item - item == 0:  # neither NaN nor infinite
        return _digits(item)
    return item


def _digits(item: float) -> object:
    if abs(item) >= _LONGEST_NUMBER:
        return item
    return str(int(item)) if item == int(item) else repr(item)
