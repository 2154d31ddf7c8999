"""The contents of a block as a value: attributes, and inner blocks as lists. `dynamic` blocks are expanded."""

from __future__ import annotations

from collections.abc import Iterator

from ...files.values.partial import Placed, Value
from .elements import items_of
from .errors import FailedError
from .evaluate import value_of
from .naming import spelled
from .scope import Scope
from .tree import Block

_META = frozenset({"lifecycle", "provisioner", "connection", "timeouts"})


def contents(block: Block, scope: Scope) -> Placed:
    """Return attributes and inner blocks. Each inner block has its place."""
    pairs: dict[str, Value] = {name: value_of(said, scope) for name, said in block.attributes.items()}
    for inner in block.blocks:
        if inner.type in _META:
            continue
        if inner.type == "dynamic" and inner.labels:
            found, kind = list(_unrolled(inner, scope)), inner.labels[0]
        else:
            found, kind = [contents(inner, scope)], inner.type
        listed = pairs.setdefault(kind, [])
        if isinstance(listed, list):
            listed += found
    return Placed(pairs, block.at)


def _unrolled(block: Block, scope: Scope) -> Iterator[Value]:
    content = next(block.inner("content"), None)
    each = block.attributes.get("for_each")
    if content is None or each is None:
        return
    named = block.attributes.get("iterator")
    iterator = spelled(named.expression) if named is not None else block.labels[0]
    value = value_of(each, scope)
    try:
        for key, item, perhaps in items_of(value):
            inside = scope.binding(**{iterator: {"key": key, "value": item}})
            made = contents(content, inside)
            yield made if perhaps is None else perhaps.but(made)
    except FailedError:
        return
