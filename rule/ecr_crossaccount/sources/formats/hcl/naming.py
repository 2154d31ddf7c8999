"""The name of a value in the source."""

from __future__ import annotations

from . import tree
from .tree import Expression, Step


def spelled(expression: Expression) -> str:
    """Return an expression as written, as far as it is a name."""
    match expression:
        case tree.Name():
            return expression.name
        case tree.Access():
            return spelled(expression.of) + "".join(map(_spelled_step, expression.steps))
        case tree.Call():
            return f"{expression.name}(…)"
    return "…"


def _spelled_step(step: Step) -> str:
    match step:
        case tree.Attribute():
            return f".{step.name}"
        case tree.Index():
            return f"[{spelled_key(step.key)}]"
        case tree.Splat():
            return "[*]" + "".join(map(_spelled_step, step.steps))


def spelled_key(key: Expression) -> str:
    """Return an index as written."""
    if isinstance(key, tree.Literal):
        return str(key.value)
    if isinstance(key, tree.Template) and all(isinstance(one, tree.Piece) for one in key.parts):
        return '"' + "".join(one.text for one in key.parts if isinstance(one, tree.Piece)) + '"'
    return spelled(key)
