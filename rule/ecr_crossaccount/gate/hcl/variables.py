"""Variables of a root module without a given value: the meaning of their defaults, and their other values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...policy.holes import Hole
from ..values.partial import Value, text_of
from . import tree
from .tree import Block, Expression

_TRUTH: Mapping[object, object] = {True: False, False: True, "true": "false", "false": "true"}


def is_placeholder(default: Value) -> bool:
    """Return whether a default is a placeholder for a value to be given: null, or only empty texts."""
    value = text_of(default)
    if isinstance(value, list):
        return all(text_of(one) in (None, "") for one in value)
    return value in (None, "") or value == {}


def turned(name: str, default: Value) -> Value:
    """Return another value for a variable whose default leaves something out."""
    value = text_of(default)
    is_switch = isinstance(value, (bool, str)) and value in _TRUTH
    return _TRUTH[value] if is_switch else unknown(name)


def unknown(name: str) -> Hole:
    """Return an unknown value for a variable."""
    return Hole(f"var.{name}")


def allowed_values(variable: Block) -> list[str]:
    """Return the texts that a validation of a variable allows. Empty if there is no such validation."""
    for one in variable.inner("validation"):
        said = one.attributes.get("condition")
        found = _listed(said.expression, variable.labels[0]) if said is not None else []
        if found:
            return found
    return []


def _listed(condition: Expression, name: str) -> list[str]:
    match condition:
        case tree.Call(name="contains", arguments=(tree.ListOf(items=items), asked)) if _is(asked, name):
            values = list(_literals(items))
            return values if len(values) == len(items) else []
        case tree.Template(parts=(tree.Interpolation(expression=inner),)):
            # In JSON, an expression is a template with a single part.
            return _listed(inner, name)
    return []


def _is(expression: Expression, name: str) -> bool:
    match expression:
        case tree.Access(of=tree.Name(name="var"), steps=(tree.Attribute(name=asked),)):
            return asked == name
    return False


def _literals(items: Iterable[Expression]) -> Iterator[str]:
    for one in items:
        match one:
            case tree.Template(parts=(tree.Piece(text=text),)):
                yield text
            case tree.Template(parts=()):
                yield ""
