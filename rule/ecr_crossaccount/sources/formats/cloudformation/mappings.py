"""`Fn::FindInMap`: the value under three keys, and the names that an unknown key may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ....documents.holes import Hole, Holed
from ...files.values.nodes import Fields, Node, parts_of
from .macros import macro_in


def looked_up(mappings: Node, keys: Sequence[str | Holed | Hole | None]) -> Node | None:
    """Return the value under three keys. If a key is unknown, return a value only if all candidates are the same.

    Returns a hole if the value is in a part that is unknown, or that a macro may change.
    """
    candidates: list[Node] = [mappings]
    for key in keys:
        unknown = next((one for one in candidates if macro_in(one) or isinstance(one.value, Hole)), None)
        if unknown is not None:
            return unknown if isinstance(unknown.value, Hole) else Node(Hole("Fn::Transform"))
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


def fillings(key: Holed | Hole, names: Iterable[str]) -> dict[str, str]:
    """Return the names that a key may be, by the value of its hole."""
    parts = parts_of(key)
    before = parts[0] if isinstance(parts[0], str) else ""
    after = parts[-1] if isinstance(parts[-1], str) else ""
    fitting = (one for one in names if len(one) >= len(before + after) and one.startswith(before))
    return {one[len(before) : len(one) - len(after)]: one for one in fitting if one.endswith(after)}
