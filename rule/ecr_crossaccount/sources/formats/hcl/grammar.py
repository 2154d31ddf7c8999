"""From the text of a `.tf` file to its blocks, with tree-sitter and its HCL grammar.

The grammar parses `a ? b : c ? d : e` as `(a ? b : c) ? d : e`, which is corrected here. It also omits the spaces at
the ends of a template's parts, which are taken from the text between its nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from ...files.files import parsed
from ...files.values.nodes import Place
from .expressions import Reader
from .tree import Argument, Block, Body, Source

_PARSER = Parser(Language(tree_sitter_hcl.language()))
_TEMPLATE_END = "EOT_0f6c2a"
_BROKEN = "not HCL: {} is not understood here"
_MISSING = "not HCL: {} is missing here"
_NAMES = {"heredoc_identifier": "the end of a heredoc", "quoted_template_end": "a closing quote"}
_TOO_LONG = "not HCL: too much of it is not understood here, so it was not read to the end"
_LONGEST = 40
_WORD = re.compile(r"\S+")


def read_source(text: str, file: str) -> Source:
    """Return the blocks of a file. A block that cannot be parsed is skipped, and gives a fault."""
    data = text.encode()
    root = parsed(_PARSER, data)
    if root is None:
        return Source((), {}, ((1, 1, _TOO_LONG),))
    reader = Reader(data, file)
    faults = tuple(_faults(root, data)) if root.has_error else ()
    body = next((one for one in root.named_children if one.type == "body"), None)
    blocks: list[Block] = []
    attributes: dict[str, Argument] = {}
    for child in body.named_children if body is not None else ():
        if child.has_error:
            continue
        if child.type == "block":
            blocks.append(_block(child, reader))
        elif child.type == "attribute":
            name, said = reader.attribute(child)
            attributes[name] = said
    return Source(tuple(blocks), attributes, faults)


def _block(node: Node, reader: Reader) -> Block:
    """Return a block. Its contents are read later, when they are used."""
    names = [one for one in node.named_children if one.type in ("identifier", "string_lit")]
    words = [reader.text(one) if one.type == "identifier" else reader.string(one) for one in names]
    body = next((one for one in node.named_children if one.type == "body"), None)
    return Block(words[0], tuple(words[1:]), reader.place(node), lambda: _body(body, reader))


def _body(node: Node | None, reader: Reader) -> Body:
    attributes: dict[str, Argument] = {}
    blocks: list[Block] = []
    for one in node.named_children if node is not None else ():
        if one.type == "block":
            blocks.append(_block(one, reader))
        elif one.type == "attribute":
            name, said = reader.attribute(one)
            attributes[name] = said
    return attributes, tuple(blocks)


def read_template(text: str, file: str) -> Argument | None:
    """Return a file as a template for `templatefile`; None if it is not one."""
    return _alone(f"x = <<{_TEMPLATE_END}\n{text}\n{_TEMPLATE_END}\n", file, first=1)


def read_expression(text: str, at: Place) -> Argument | None:
    """Return an expression in a text, at one place; None if it is not one."""
    return _alone(f"x = {text}\n", at.file, fixed=at)


def _alone(text: str, file: str, *, first: int = 0, fixed: Place | None = None) -> Argument | None:
    data = text.encode()
    root = parsed(_PARSER, data)
    if root is None or root.has_error:
        return None
    body = next((one for one in root.named_children if one.type == "body"), None)
    nodes = [one for one in body.named_children if one.type == "attribute"] if body is not None else []
    return Reader(data, file, lines_before=first, fixed=fixed).attribute(nodes[0])[1] if len(nodes) == 1 else None


def _faults(root: Node, data: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield the first fault of each block that has one, and of other parts."""
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        if not node.has_error:
            continue
        if node.type in ("config_file", "body") and not node.is_error:
            waiting = [*node.children, *waiting]
            continue
        yield _fault(node, data)


def _fault(node: Node, data: bytes) -> tuple[int, int, str]:
    """Return the first fault in a node. It is found without recursion."""
    here = node
    while not (here.is_error or here.is_missing):
        inside = next((one for one in here.children if one.has_error or one.is_missing), None)
        if inside is None:
            break
        here = inside
    row, column = here.start_point
    if here.is_missing:
        return row + 1, column + 1, _MISSING.format(_NAMES.get(here.type, f"`{here.type}`"))
    found = _WORD.match(data[here.start_byte : here.start_byte + _LONGEST].decode(errors="replace"))
    return row + 1, column + 1, _BROKEN.format(f"`{found[0]}`" if found else "this")
