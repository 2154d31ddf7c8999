"""Type constraints of variables: Terraform's conversion of values, and the defaults of optional attributes."""

from __future__ import annotations

from collections.abc import Mapping

from ....documents.holes import Hole
from ...files.values.partial import Either, Encoded, Perhaps, Placed, Prose, Value, text_of
from . import tree
from .collections import to_set
from .errors import FailedError
from .evaluate import evaluate
from .operators import number_of, truth
from .scope import Scope
from .tree import Argument, Expression


def convert(value: Value, kind: Argument | None, scope: Scope) -> Value:
    """Return a value converted to a type. A value that does not fit is returned unchanged."""
    return value if kind is None else _converted(value, kind.expression, scope)


def _converted(value: Value, kind: Expression, scope: Scope) -> Value:
    if value is None or isinstance(value, Hole):
        return value
    if isinstance(value, Perhaps):
        return value.but(_converted(value.value, kind, scope))
    match kind:
        case tree.Name():
            return _simple(value, kind.name)
        case tree.Call(name="list" | "set" | "map" | "object" | "tuple" | "optional", arguments=(inner, *_)):
            return _compound(value, kind.name, inner, scope)
    return value


def _simple(value: Value, name: str) -> Value:
    try:
        match name:
            case "string":
                return value if isinstance(value, (Prose, Either, Encoded)) else _as_string(text_of(value))
            case "number":
                return number_of(value)
            case "bool":
                return truth(value)
    except FailedError:
        return value
    return value


def _as_string(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _compound(value: Value, name: str, inner: Expression, scope: Scope) -> Value:
    if name == "optional":
        return _converted(value, inner, scope)
    if name in ("list", "set") and isinstance(value, list):
        items = [_converted(one, inner, scope) for one in value]
        return to_set(items) if name == "set" else items
    if name == "map" and isinstance(value, Mapping):
        return _like(value, {key: _converted(one, inner, scope) for key, one in value.items()})
    if name == "object" and isinstance(value, Mapping) and isinstance(inner, tree.ObjectOf):
        return _like(value, _fields(value, inner, scope))
    return value


def _like(value: Mapping[str, Value], pairs: Mapping[str, Value]) -> Placed:
    return Placed(pairs, value.at if isinstance(value, Placed) else None)


def _fields(value: Mapping[str, Value], kind: tree.ObjectOf, scope: Scope) -> dict[str, Value]:
    """Return the attributes of an object's type, with the defaults of optional ones."""
    found: dict[str, Value] = {}
    for name, inner in kind.pairs:
        key = _name(name)
        if key is None:
            continue
        given = value.get(key)
        if given is None and isinstance(inner, tree.Call) and inner.name == "optional" and len(inner.arguments) > 1:
            given = evaluate(inner.arguments[1], scope)
        if given is None and key not in value and not (isinstance(inner, tree.Call) and inner.name == "optional"):
            continue
        found[key] = _converted(given, inner, scope)
    return found


def _name(expression: Expression) -> str | None:
    if isinstance(expression, tree.Literal):
        return str(expression.value)
    if isinstance(expression, tree.Template):
        return "".join(part.text for part in expression.parts if isinstance(part, tree.Piece))
    return None
