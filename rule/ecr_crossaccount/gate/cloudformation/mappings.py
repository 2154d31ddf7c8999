"""`Fn::FindInMap`: the value under three keys."""

from __future__ import annotations

from collections.abc import Sequence

from ...policy.holes import Hole, Holed
from ..values.nodes import Fields, Node
from .macros import macro_in


def looked_up(mappings: Node, keys: Sequence[str | Holed | Hole | None]) -> Node | None:
    """Return the value under three keys. If a key is unknown, return a value only if all candidates are the same.

    Returns a hole if a macro may change the value.
    """
    candidates: list[Node] = [mappings]
    for key in keys:
        if any(macro_in(one) for one in candidates):
            return Node(Hole("Fn::Transform"))
        if isinstance(key, str):
            candidates = [found for one in candidates if (found := one.get(key)) is not None]
        else:
            candidates = [value for one in candidates for _, value in one.fields]
    values = {repr(_bare(one)) for one in candidates}
    return candidates[0] if len(values) == 1 else None


def _bare(node: Node) -> object:
    match node.value:
        case Fields() as fields:
            return [(name, _bare(value)) for name, value in fields.items()]
        case tuple() as items:
            return [_bare(item) for item in items]
        case scalar:
            return scalar
