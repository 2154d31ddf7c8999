"""Changes of a resource: JSON Patch, and a part of a resource that is merged into it.

https://datatracker.ietf.org/doc/html/rfc6902 and https://datatracker.ietf.org/doc/html/rfc7396
"""

from __future__ import annotations

from collections.abc import Iterable

from ....documents.holes import Hole
from ...files.values.nodes import Fields, Node

_UNKNOWN = Hole("a patch that is not understood")
_DIRECTIVE = "$patch"


class _NotUnderstoodError(Exception):
    """An operation that changes a resource in an unknown way."""


def changed_by(resource: Node, operations: Iterable[Node]) -> Node:
    """Return a resource after some operations, or a hole if one of them is not understood."""
    try:
        for one in operations:
            resource = _after(resource, one)
    except _NotUnderstoodError:
        return resource.but(_UNKNOWN)
    return resource


def _after(resource: Node, operation: Node) -> Node:
    name, path = operation.get("op"), operation.get("path")
    if name is None or path is None or path.text is None:
        raise _NotUnderstoodError
    steps = _steps(path.text)
    match name.text:
        case "test":
            return resource
        case "add" | "replace":
            return _put(resource, steps, operation.get("value") or Node(None), add=name.text == "add")
        case "remove":
            return _put(resource, steps, None, add=False)
        case "copy" | "move":
            source = operation.get("from")
            if source is None or source.text is None:
                raise _NotUnderstoodError
            value = _at(resource, _steps(source.text))
            left = _put(resource, _steps(source.text), None, add=False) if name.text == "move" else resource
            return _put(left, steps, value, add=True)
    raise _NotUnderstoodError


def _steps(path: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def _at(node: Node, steps: list[str]) -> Node:
    for step in steps:
        items = node.items
        found = items[int(step)] if step.isdecimal() and int(step) < len(items) else node.get(step)
        if found is None:
            raise _NotUnderstoodError
        node = found
    return node


def _put(node: Node, steps: list[str], value: Node | None, *, add: bool) -> Node:
    """Return a value with another one at a path, or without the one there if `value` is None."""
    if not steps:
        if value is None:
            raise _NotUnderstoodError
        return value
    step, *rest = steps
    if isinstance(node.value, tuple):
        return node.but(_in_list(node.value, step, rest, value, add=add))
    if not isinstance(node.value, Fields):
        raise _NotUnderstoodError
    old = node.get(step)
    kept = tuple((name, one) for name, one in node.value.pairs if name.value != step)
    if rest:
        if old is None:
            raise _NotUnderstoodError
        return node.but(Fields((*kept, (node.but(step), _put(old, rest, value, add=add)))))
    return node.but(Fields(kept if value is None else (*kept, (node.but(step), value))))


def _in_list(items: tuple[Node, ...], step: str, rest: list[str], value: Node | None, *, add: bool) -> tuple[Node, ...]:
    if step == "-" and not rest and value is not None:
        return (*items, value)
    if not step.isdecimal() or int(step) > len(items) - (not (add and not rest)):
        raise _NotUnderstoodError
    index = int(step)
    before, after = items[:index], items[index + 1 :]
    if rest:
        return (*before, _put(items[index], rest, value, add=add), *after)
    if value is None:
        return (*before, *after)
    return (*before, value, *(items[index:] if add else after))


def merged(resource: Node, part: Node) -> Node:
    """Return a resource with a part merged into it. Lists are replaced, and null removes a field."""
    if not isinstance(part.value, Fields) or not isinstance(resource.value, Fields):
        return part
    if part.get(_DIRECTIVE) is not None:
        return resource.but(_UNKNOWN)
    pairs = {str(name.value): (name, value) for name, value in resource.value.pairs}
    for name, value in part.value.pairs:
        known = str(name.value)
        if value.value is None:
            pairs.pop(known, None)
        else:
            old = pairs[known][1] if known in pairs else None
            pairs[known] = name, value if old is None else merged(old, value)
    return resource.but(Fields(tuple(pairs.values())))
