"""From the text of a source, in HCL or in JSON, to its blocks and expressions.

HCL is parsed by tree-sitter. In JSON, the texts are templates:
https://developer.hashicorp.com/terraform/language/syntax/json

The grammar parses `a ? b : c ? d : e` as `(a ? b : c) ? d : e`, which is corrected here. It also omits the spaces at
the ends of a template's parts, which are taken from the text between its nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from ....documents.json import BadJsonError, fraction, whole
from ....errors import InputError
from ...files.files import File, parse_syntax
from ...files.values.documents import read_json
from ...files.values.nodes import Fields, Place
from ...files.values.nodes import Node as Json
from . import tree
from .source_text import SourceText, templates
from .tree import Argument, Block, Body, Expression, Source

_DEEPEST = 120
"""The deepest nesting that is read. Real configurations are far below."""

UNREADABLE = "…"
"""The name of an expression that cannot be parsed here."""

_WORDS = {"true": True, "false": False}


class TooDeepError(InputError):
    """An expression whose nesting is too deep."""


class Reader(SourceText):
    """A reader for the expressions of one file."""

    def __init__(self, data: bytes, file: str, *, lines_before: int = 0, fixed: Place | None = None) -> None:
        super().__init__(data, file, lines_before=lines_before, fixed=fixed)
        self._depth = 0

    def attribute(self, node: Node) -> tuple[str, Argument]:
        """Return an attribute's name and expression. An expression that cannot be read is an unknown name."""
        name, value = node.named_children[0], node.named_children[-1]
        try:
            expression = self.expression(value)
        except (ValueError, RecursionError, StopIteration, IndexError):
            expression = tree.Name(UNREADABLE)
        return self.text(name), Argument(expression, self.place(value), self.text(value))

    def string(self, node: Node) -> str:
        """Return a quoted literal, such as a block's label."""
        return "".join(part.text for part in templates(self, node, self).parts if isinstance(part, tree.Piece))

    def expression(self, node: Node) -> Expression:
        """Return the expression of an `expression` node. Raises TooDeepError."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TooDeepError
        try:
            return self._sequence([child for child in node.children if child.type not in ("comment", "(", ")")])
        finally:
            self._depth -= 1

    def _sequence(self, nodes: list[Node]) -> Expression:
        """Return a value with the steps that follow it. In the grammar they are siblings."""
        first = self._term(nodes[0])
        steps = tuple(self._steps(nodes[1:]))
        return tree.Access(first, steps) if steps else first

    def _term(self, node: Node) -> Expression:  # noqa: PLR0911 - a table of the grammar's forms
        match node.type:
            case "literal_value":
                return self._literal(node)
            case "template_expr":
                return templates(self, node.named_children[0], self)
            case "variable_expr":
                return tree.Name(self.text(node))
            case "function_call":
                return self._call(node)
            case "collection_value":
                return self._collection(node)
            case "for_expr":
                return self._for_expression(node)
            case "conditional":
                return self._conditional(node)
            case "operation":
                return self._operation(node)
        return self.expression(node)

    # --- steps ---

    def _steps(self, nodes: list[Node]) -> Iterator[tree.Step]:
        for node in nodes:
            if node.type == "get_attr":
                yield tree.Attribute(self.text(node.named_children[-1]))
            elif node.type == "index":
                yield self._index(node.named_children[0])
            elif node.type == "splat":
                yield tree.Splat(tuple(self._steps(node.named_children[0].named_children)))

    def _index(self, node: Node) -> tree.Index:
        if node.type == "legacy_index":
            return tree.Index(tree.Literal(int(self.text(node).lstrip("."))))
        return tree.Index(self.expression(_first_expression(node)))

    # --- terms ---

    def _literal(self, node: Node) -> Expression:
        inner = node.named_children[0] if node.named_children else node
        text = self.text(inner)
        if inner.type == "string_lit":
            return templates(self, inner, self)
        if inner.type == "numeric_lit":
            return tree.Literal(number(text))
        return tree.Literal(_WORDS.get(text))

    def _call(self, node: Node) -> Expression:
        name = self.text(node.named_children[0])
        listed = next((child for child in node.named_children if child.type == "function_arguments"), None)
        children = listed.named_children if listed is not None else []
        arguments = tuple(self.expression(child) for child in children if child.type == "expression")
        return tree.Call(name, arguments, any(child.type == "ellipsis" for child in children))

    def _collection(self, node: Node) -> Expression:
        inner = next(child for child in node.named_children if child.type != "comment")
        if inner.type == "tuple":
            return tree.ListOf(
                tuple(self.expression(child) for child in inner.named_children if child.type == "expression")
            )
        pairs = [child for child in inner.named_children if child.type == "object_elem"]
        return tree.ObjectOf(tuple(self._pair(pair) for pair in pairs), self.place(inner))

    def _pair(self, node: Node) -> tuple[Expression, Expression]:
        key, value = [child for child in node.named_children if child.type == "expression"]
        name = self.expression(key)
        if isinstance(name, tree.Name) and self.text(key) == name.name:
            name = tree.Literal(name.name)
        return name, self.expression(value)

    def _for_expression(self, node: Node) -> Expression:
        inner = node.named_children[0]
        children = [child for child in inner.named_children if child.type != "comment"]
        intro = next(child for child in children if child.type == "for_intro")
        test = next((child for child in children if child.type == "for_cond"), None)
        results = [self.expression(child) for child in children if child.type == "expression"]
        key, item, over = self.loop(intro)
        return tree.For(
            key,
            item,
            over,
            results[-1],
            self.expression(_first_expression(test)) if test is not None else None,
            results[0] if inner.type == "for_object_expr" else None,
            any(child.type == "ellipsis" for child in children),
        )

    def loop(self, node: Node) -> tuple[str | None, str, Expression]:
        """Return the names that a loop binds, the key first, and the expression that it iterates over."""
        names = [self.text(child) for child in node.named_children if child.type == "identifier"]
        return (names[0] if len(names) > 1 else None), names[-1], self.expression(_first_expression(node))

    def _conditional(self, node: Node) -> Expression:
        test, yes, no = [child for child in node.named_children if child.type == "expression"]
        choices = [(self.expression(yes), self.expression(no))]
        while (inner := _bare_conditional(test)) is not None:
            test, yes, no = [child for child in inner.named_children if child.type == "expression"]
            choices.insert(0, (self.expression(yes), self.expression(no)))
        return _nest_conditionals(self.expression(test), choices)

    def _operation(self, node: Node) -> Expression:
        inner = node.named_children[0]
        children = [child for child in inner.children if child.type not in ("comment", "(", ")")]
        if inner.type == "unary_operation":
            return tree.Negation(children[0].type, self._sequence(children[1:]))
        at = next(index for index, one in enumerate(children) if not one.is_named)
        operator = children[at].type
        return tree.Operation(operator, self._sequence(children[:at]), self._sequence(children[at + 1 :]))


def _first_expression(node: Node) -> Node:
    return next(child for child in node.named_children if child.type == "expression")


def _bare_conditional(node: Node) -> Node | None:
    """Return the conditional that is the whole expression, without parentheses. None for others."""
    children = [child for child in node.children if child.type != "comment"]
    return children[0] if len(children) == 1 and children[0].type == "conditional" else None


def _nest_conditionals(test: Expression, choices: list[tuple[Expression, Expression]]) -> Expression:
    """Return `test ? b : c ? d : e` with the correct nesting: the second conditional is in the else branch."""
    (yes, no), *rest = choices
    return tree.ConditionalExpression(test, yes, _nest_conditionals(no, rest) if rest else no)


def number(text: str) -> int | float:
    """Return a number. Without a fraction it is an integer, including `012`. Raises ValueError if it is too large."""
    if text.isdigit():
        return whole(text)
    value = fraction(text)
    return int(value) if value.is_integer() else value


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
    root = parse_syntax(_PARSER, data)
    if root is None:
        return Source((), {}, ((1, 1, _TOO_LONG),))
    reader = Reader(data, file)
    faults = tuple(_faults(root, data)) if root.has_error else ()
    attributes, blocks = _body(root, reader, has_faults=True)
    return Source(blocks, attributes, faults)


def _block(node: Node, reader: Reader) -> Block:
    """Return a block. Its contents are read later, when they are used."""
    names = [child for child in node.named_children if child.type in ("identifier", "string_lit")]
    words = [reader.text(name) if name.type == "identifier" else reader.string(name) for name in names]
    return Block(words[0], tuple(words[1:]), reader.place(node), lambda: _body(node, reader))


def _children_of_body(node: Node) -> list[Node]:
    """Return the blocks and attributes of a block or a file."""
    body = next((child for child in node.named_children if child.type == "body"), None)
    return [] if body is None else body.named_children


def _body(node: Node, reader: Reader, *, has_faults: bool = False) -> Body:
    """Return the contents of a block or a file. `has_faults`: whether parts that cannot be parsed are left out."""
    children = [child for child in _children_of_body(node) if not (has_faults and child.has_error)]
    attributes = dict(reader.attribute(child) for child in children if child.type == "attribute")
    return attributes, tuple(_block(child, reader) for child in children if child.type == "block")


def read_template(text: str, file: str) -> Argument | None:
    """Return a file as a template for `templatefile`; None if it is not one."""
    return _alone(f"x = <<{_TEMPLATE_END}\n{text}\n{_TEMPLATE_END}\n", file, first=1)


def read_expression(text: str, at: Place) -> Argument | None:
    """Return an expression in a text, at one place; None if it is not one."""
    return _alone(f"x = {text}\n", at.file, fixed=at)


def _alone(text: str, file: str, *, first: int = 0, fixed: Place | None = None) -> Argument | None:
    data = text.encode()
    root = parse_syntax(_PARSER, data)
    if root is None or root.has_error:
        return None
    nodes = [child for child in _children_of_body(root) if child.type == "attribute"]
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
        inside = next((child for child in here.children if child.has_error or child.is_missing), None)
        if inside is None:
            break
        here = inside
    row, column = here.start_point
    if here.is_missing:
        return row + 1, column + 1, _MISSING.format(_NAMES.get(here.type, f"`{here.type}`"))
    found = _WORD.match(data[here.start_byte : here.start_byte + _LONGEST].decode(errors="replace"))
    return row + 1, column + 1, _BROKEN.format(f"`{found[0]}`" if found else "this")


# --- sources in JSON ---


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
    blocks = [
        block for kind, node in _fields(root) if kind in _LABELS for block in _json_blocks(kind, (), node, file.name)
    ]
    return Source(tuple(blocks))


def _fields(node: Json) -> Iterator[tuple[str, Json]]:
    """Yield the fields of an object. An array of objects counts as one object with all of their fields."""
    for item in node.items or (node,):
        yield from item.fields


def _json_blocks(kind: str, labels: tuple[str, ...], node: Json, file: str) -> Iterator[Block]:
    if isinstance(node.value, tuple):
        for item in node.items:
            yield from _json_blocks(kind, labels, item, file)
    elif len(labels) < _LABELS.get(kind, 0):
        for name, inner in node.fields:
            yield from _json_blocks(kind, (*labels, name), inner, file)
    elif isinstance(node.value, Fields):
        yield _json_block(kind, labels, node, file)


def _json_block(kind: str, labels: tuple[str, ...], node: Json, file: str) -> Block:
    attributes: dict[str, Argument] = {}
    blocks: list[Block] = []
    for name, value in node.fields:
        if name == "dynamic" and "dynamic" in _BLOCKS.get(kind, _INSIDE):
            for label, inner in _fields(value):
                blocks += [_json_block("dynamic", (label,), item, file) for item in inner.items or (inner,)]
        elif _is_block(kind, name, value):
            blocks += [_json_block(name, (), item, file) for item in value.items or (value,)]
        elif name not in _ARGUMENTS:
            attributes[name] = _kind(value, file) if (kind, name) == ("variable", "type") else _argument(value, file)
    body: Body = attributes, tuple(blocks)
    return Block(kind, labels, node.place(file), lambda: body)


def _is_block(kind: str, name: str, value: Json) -> bool:
    if name in _BLOCKS.get(kind, _INSIDE):
        return True
    return kind not in _BLOCKS and name in _OF_REPLICATION and value.text is None


def _argument(node: Json, file: str) -> Argument:
    return Argument(_value(node, file), node.place(file), node.text or "…")


def _kind(node: Json, file: str) -> Argument:
    """Return the type of a variable, which is an expression in a text."""
    said = _argument(node, file)
    return said if node.text is None else read_expression(node.text, said.at) or said


def _value(node: Json, file: str) -> Expression:
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
