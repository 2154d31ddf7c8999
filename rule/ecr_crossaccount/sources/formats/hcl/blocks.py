"""The contents of a block as a value, the instances of a block, and templates filled in with given values.

A value has the attributes, and inner blocks as lists. `dynamic` blocks are expanded. `count` and `for_each` give the
number of instances, and their keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field

from ....documents.pattern import Hole
from ....memo import by_value
from ...files.files import file_text
from ...files.values.nodes import Place
from ...files.values.partial import Placed, Prose, Value, is_known, text_of
from ...reading.files import UnreadableError
from .evaluate import evaluate, value_of
from .grammar import read_template
from .operators import FailedError, NoFileError, items_of, number_of
from .tree import Block, Scope, spell

_META = frozenset({"lifecycle", "provisioner", "connection", "timeouts"})


def contents(block: Block, scope: Scope) -> Placed:
    """Return attributes and inner blocks. Each inner block has its place."""
    pairs: dict[str, Value] = {name: value_of(said, scope) for name, said in block.attributes.items()}
    for inner in block.blocks:
        if inner.type in _META:
            continue
        if inner.type == "dynamic" and inner.labels:
            found, kind = list(_unroll_block(inner, scope)), inner.labels[0]
        else:
            found, kind = [contents(inner, scope)], inner.type
        listed = pairs.setdefault(kind, [])
        if isinstance(listed, list):
            listed += found
    return Placed(pairs, block.at)


def _unroll_block(block: Block, scope: Scope) -> Iterator[Value]:
    content = next(block.inner("content"), None)
    each = block.attributes.get("for_each")
    if content is None or each is None:
        return
    named = block.attributes.get("iterator")
    iterator = spell(named.expression) if named is not None else block.labels[0]
    value = value_of(each, scope)
    try:
        for key, item, perhaps in items_of(value):
            inside = scope.binding(**{iterator: {"key": key, "value": item}})
            made = contents(content, inside)
            yield made if perhaps is None else perhaps.but(made)
    except FailedError:
        return


MOST = 500
"""The most instances of one block. If there are more, their number counts as unknown."""


@by_value
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
        yield from _instances_by_count(text_of(value_of(count, scope)))
    elif each is not None:
        yield from _instances_by_key(value_of(each, scope))
    else:
        yield Instance()


def _instances_by_count(value: Value) -> Iterator[Instance]:
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


def _instances_by_key(value: Value) -> Iterator[Instance]:
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


def fill_template(text: str, path: str, given: Mapping[str, Value], scope: Scope) -> Value:
    """Return a template filled in. Raises FailedError."""
    said = read_template(text, path)
    if said is None:
        raise FailedError(f"`{path}` is not a template")
    return evaluate(said.expression, Scope(scope.names, scope.budget, dict(given)))


def content(path: str) -> str:
    """Return the text of a file. Raises NoFileError."""
    try:
        return file_text(path)
    except UnreadableError as error:
        raise NoFileError(path, str(error)) from None


def content_with_places(path: str) -> Prose:
    """Return the text of a file, each line with its place. Raises FailedError."""
    lines = content(path).splitlines(keepends=True)
    return Prose(tuple((line, Place(path, number)) for number, line in enumerate(lines, start=1)))
