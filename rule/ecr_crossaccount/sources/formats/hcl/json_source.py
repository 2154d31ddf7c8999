"""Terraform's sources in JSON: `.tf.json` and `.tfvars.json`. Their texts are templates.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from collections.abc import Iterator

from ....documents.json import BadJsonError
from ...files.files import File
from ...files.values.documents import read_json
from ...files.values.nodes import Fields, Node, Place
from . import tree
from .grammar import read_expression
from .tree import Argument, Block, Body, Expression, Source

_LABELS = {
    "resource": 2,
    "data": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "locals": 0,
    "terraform": 0,
}
_ARGUMENTS = frozenset({"lifecycle", "depends_on", "provisioner", "connection"})
_INSIDE = frozenset({"statement", "principals", "not_principals", "condition", "dynamic", "content", "vars"})
"""Names of blocks inside resources and data sources, as far as relevant here. Other names are attributes."""

_OF_REPLICATION = frozenset({"replication_configuration", "rule", "destination", "repository_filter"})
"""Names of blocks in a replication. In awscc the first is an attribute, which may be an expression."""

_NONE: frozenset[str] = frozenset()
_BLOCKS = {
    "locals": _NONE,
    "module": _NONE,
    "output": _NONE,
    "provider": frozenset({"assume_role", "assume_role_with_web_identity"}),
    "variable": frozenset({"validation"}),
    "validation": _NONE,
}


def is_json_source(name: str) -> bool:
    """Return whether a source is written in JSON."""
    return name.endswith(".json")


def read_json_source(file: File) -> Source:
    """Return the blocks of a `.tf.json` file, or the values of a `.tfvars.json` file."""
    try:
        root = read_json(file.text)
    except BadJsonError as error:
        return Source((), faults=((error.line, error.column, error.reason),))
    if file.name.endswith(".tfvars.json"):
        return Source((), {name: _argument(node, file.name) for name, node in _fields(root)})
    blocks = [block for kind, node in _fields(root) if kind in _LABELS for block in _blocks(kind, (), node, file.name)]
    return Source(tuple(blocks))


def _fields(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the fields of an object. An array of objects counts as one object with all of their fields."""
    for item in node.items or (node,):
        yield from item.fields


def _blocks(kind: str, labels: tuple[str, ...], node: Node, file: str) -> Iterator[Block]:
    if isinstance(node.value, tuple):
        for item in node.items:
            yield from _blocks(kind, labels, item, file)
    elif len(labels) < _LABELS.get(kind, 0):
        for name, inner in node.fields:
            yield from _blocks(kind, (*labels, name), inner, file)
    elif isinstance(node.value, Fields):
        yield _block(kind, labels, node, file)


def _block(kind: str, labels: tuple[str, ...], node: Node, file: str) -> Block:
    attributes: dict[str, Argument] = {}
    blocks: list[Block] = []
    for name, value in node.fields:
        if name == "dynamic" and "dynamic" in _BLOCKS.get(kind, _INSIDE):
            for label, inner in _fields(value):
                blocks += [_block("dynamic", (label,), item, file) for item in inner.items or (inner,)]
        elif _is_block(kind, name, value):
            blocks += [_block(name, (), item, file) for item in value.items or (value,)]
        elif name not in _ARGUMENTS:
            attributes[name] = _kind(value, file) if (kind, name) == ("variable", "type") else _argument(value, file)
    body: Body = attributes, tuple(blocks)
    return Block(kind, labels, node.place(file), lambda: body)


def _is_block(kind: str, name: str, value: Node) -> bool:
    if name in _BLOCKS.get(kind, _INSIDE):
        return True
    return kind not in _BLOCKS and name in _OF_REPLICATION and value.text is None


def _argument(node: Node, file: str) -> Argument:
    return Argument(_value(node, file), node.place(file), node.text or "…")


def _kind(node: Node, file: str) -> Argument:
    """Return the type of a variable, which is an expression in a text."""
    said = _argument(node, file)
    return said if node.text is None else read_expression(node.text, said.at) or said


def _value(node: Node, file: str) -> Expression:
    match node.value:
        case str() as text:
            return _template(text, node.place(file))
        case tuple() as items:
            return tree.ListOf(tuple(_value(item, file) for item in items))
        case Fields() as fields:
            pairs = tuple((_value(name, file), _value(value, file)) for name, value in fields.pairs)
            return tree.ObjectOf(pairs, node.place(file))
    return tree.Literal(node.value)


def _template(text: str, at: Place) -> Expression:
    if "${" not in text and "%{" not in text:
        return tree.Template((tree.Piece(text, at),))
    quoted = text.replace("\\", "\\\\").replace("\n", "\\n")
    read = read_expression(f'"{_with_quotes(quoted)}"', at)
    return read.expression if read is not None else tree.Name("…")


def _with_quotes(text: str) -> str:
    """Return a template with its quotes escaped, except those inside `${…}`."""
    found, depth, index = "", 0, 0
    while index < len(text):
        if text.startswith(("${", "%{"), index):
            depth, found, index = depth + 1, found + text[index : index + 2], index + 2
            continue
        character = text[index]
        if depth and character == "{":
            depth += 1
        elif depth and character == "}":
            depth -= 1
        found += '\\"' if character == '"' and not depth else character
        index += 1
    return found
