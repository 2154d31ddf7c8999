"""`count` and `for_each`: the number of a block's instances, and their keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ....documents.holes import Hole
from ...files.values.partial import Value, is_known, text_of
from .elements import items_of
from .errors import FailedError
from .evaluate import value_of
from .operators import number_of
from .scope import Scope
from .tree import Block

MOST = 500
"""The most instances of one block. If there are more, their number counts as unknown."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a block.

    `key`: the end of its address. `name`: the key itself, None if the block has none or it is unknown. `is_certain`:
    whether it certainly exists.
    """

    key: str = ""
    name: str | int | None = None
    symbols: Mapping[str, Value] = field(default_factory=dict)
    is_certain: bool = True

    @property
    def identity(self) -> str:
        """An identifier that is unique among the instances of its block, even without a known key."""
        return self.key if self.name is not None or not self.symbols else repr(self.symbols)

    def scope(self, module: Scope) -> Scope:
        """Return the scope of the block's expressions, inside that of its module."""
        return module.binding(**self.symbols)


def instances(block: Block, scope: Scope) -> Iterator[Instance]:
    """Yield the instances of a block in the scope of its module. If their number is unknown, yield one."""
    count, each = block.attributes.get("count"), block.attributes.get("for_each")
    if count is not None:
        yield from _counted(text_of(value_of(count, scope)))
    elif each is not None:
        yield from _keyed(value_of(each, scope))
    else:
        yield Instance()


def _counted(value: Value) -> Iterator[Instance]:
    try:
        number = int(number_of(value)) if is_known(value) else None
    except FailedError:
        number = None
    if number is None or number > MOST:
        # If there are any, the first exists.
        yield Instance("[0]", symbols={"count": {"index": Hole("count.index")}}, is_certain=False)
        return
    for index in range(number):
        yield Instance(f"[{index}]", index, {"count": {"index": index}})


def _keyed(value: Value) -> Iterator[Instance]:
    try:
        found = list(items_of(value))
    except FailedError:
        found = [(Hole("each.key"), Hole("each.value"), None)]
    if len(found) > MOST:
        found = [(Hole("each.key"), Hole("each.value"), None)]
    for key, item, perhaps in found:
        # Terraform does not accept a list here. If a set was meant, its elements are the keys.
        name = text_of(item if isinstance(value, list) else key)
        if isinstance(name, str):
            suffix = f"[{json.dumps(name, ensure_ascii=False)}]"
            yield Instance(suffix, name, {"each": {"key": name, "value": item}}, is_certain=perhaps is None)
        else:
            each = name if isinstance(value, list) else Hole("each.key")
            yield Instance(symbols={"each": {"key": each, "value": item}}, is_certain=False)
