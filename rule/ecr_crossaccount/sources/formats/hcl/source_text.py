"""The text of a source with places, by tree-sitter's nodes and by bytes, and the parts of its templates.

Templates are quoted texts, heredocs and the files of `templatefile`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from ...files.values.nodes import Lines, Place
from . import tree
from .tree import Expression, Part, Piece, Template

if TYPE_CHECKING:
    from tree_sitter import Node


class SourceText:
    """The text of a source. `lines_before`: lines that do not count. `fixed`: the place of everything, if it is one."""

    def __init__(self, data: bytes, file: str, *, lines_before: int = 0, fixed: Place | None = None) -> None:
        self._data = data
        self._file = file
        self._skipped = lines_before
        self._fixed = fixed
        self._lines = Lines(data)

    def text(self, node: Node) -> str:
        """Return a node's source."""
        return self._data[node.start_byte : node.end_byte].decode()

    def slice(self, start: int, end: int) -> str:
        """Return the source between two bytes."""
        return self._data[start:end].decode()

    def place(self, node: Node) -> Place:
        """Return where a node begins."""
        return self.place_of(node.start_byte)

    def place_of(self, byte: int) -> Place:
        """Return the place of a byte."""
        if self._fixed:
            return self._fixed
        line, column = self._lines.place(byte)
        return Place(self._file, line - self._skipped, column)

    def begins_line(self, byte: int) -> bool:
        """Return whether a line begins at a byte."""
        return byte == 0 or self._data[byte - 1 : byte] == b"\n"

    def lines_between(self, first: Node, last: Node) -> tuple[int, int]:
        """Return the bytes from after the line of `first` to before the line of `last`."""
        start = self._data.find(b"\n", first.end_byte) + 1
        return start, max(start, self._data.rfind(b"\n", 0, last.start_byte) + 1)


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
_HEREDOC_ESCAPE = re.compile(r"([$%])\1\{")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_INSIDE = frozenset({"template_interpolation", "template_directive"})


class Expressions(Protocol):
    """A reader for the expressions between the braces of a template."""

    def expression(self, node: Node) -> Expression:
        """Return the expression of a node."""

    def loop(self, node: Node) -> tuple[str | None, str, Expression]:
        """Return the names that a loop binds, the key first, and the expression that it iterates over."""


def templates(source: SourceText, node: Node, inside: Expressions) -> Template:
    """Return a `string_lit`, `quoted_template` or `heredoc_template` node as a template."""
    children = [child for child in node.children if child.type in _INSIDE]
    if node.type != "heredoc_template":
        ends = [child for child in node.children if child.type in ("quoted_template_start", "quoted_template_end")]
        return _Texts(source, inside, None).template(children, ends[0].end_byte, ends[-1].start_byte)
    start, end = source.lines_between(*[child for child in node.children if child.type == "heredoc_identifier"])
    flushed = source.text(node.children[0]) == "<<-"
    indent = _indentation(source, children, start, end) if flushed else 0
    return _Texts(source, inside, indent).template(children, start, end)


def _indentation(source: SourceText, children: list[Node], start: int, end: int) -> int:
    """Return the indentation of all lines. Blank lines and lines inside `${…}` do not count."""
    values = [child for child in children if child.type == "template_interpolation"]
    spaces = [
        len(line) - len(line.lstrip())
        for begin, line in _lines(source.slice(start, end), start)
        if line.strip() and not any(child.start_byte < begin < child.end_byte for child in values)
    ]
    return min(spaces, default=0)


def _unescape(text: str) -> str:
    def replace_escape(found: re.Match[str]) -> str:
        if found[4]:
            return found[4] + "{"
        code = found[1] or found[2]
        if code:
            number = int(code, 16)
            return chr(number) if number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else "\ufffd"  # noqa: PLR2004 - limits of Unicode
        return _LETTERS.get(found[3], found[0])

    return _ESCAPE.sub(replace_escape, text)


class _Texts:
    """A reader for the parts of one template, a quoted text or a heredoc."""

    def __init__(self, source: SourceText, inside: Expressions, indent: int | None) -> None:
        self._source = source
        self._inside = inside
        self._indent = indent  # None for a quoted text

    def parts(self, children: list[Node], start: int, end: int) -> Iterator[Part]:
        """Yield the parts between two bytes, including the text between the nodes."""
        here = start
        for child in children:
            yield from self._literal(here, child.start_byte)
            yield self._inner(child)
            here = child.end_byte
        yield from self._literal(here, end)

    def template(self, children: list[Node], start: int, end: int) -> Template:
        """Return a directive's body."""
        return Template(tuple(strip_spaces(list(self.parts(children, start, end)))), prose=self._indent is not None)

    def _literal(self, start: int, end: int) -> Iterator[Piece]:
        if start >= end:
            return
        source = self._source
        if self._indent is None:
            yield Piece(_unescape(source.slice(start, end)), source.place_of(start))
            return
        for line_start, line in _lines(source.slice(start, end), start):
            cut = self._cut(line, line_start)
            yield Piece(_HEREDOC_ESCAPE.sub(r"\1{", line[cut:]), source.place_of(line_start + cut))

    def _cut(self, line: str, start: int) -> int:
        """Return the length of the indentation to remove from a line."""
        if not self._indent or not self._source.begins_line(start):
            return 0
        return min(self._indent, len(line) - len(line.lstrip(" \t")))

    def _inner(self, node: Node) -> Part:
        if node.type == "template_interpolation":
            return self._interpolation(node)
        inner = node.named_children[0]
        return self._if(inner) if inner.type == "template_if" else self._loop(inner)

    def _interpolation(self, node: Node) -> Part:
        expression = next((child for child in node.named_children if child.type == "expression"), None)
        if expression is None:
            raise ValueError("an empty `${}`")
        return tree.Interpolation(self._inside.expression(expression), strips_of(node))

    def _if(self, node: Node) -> Part:
        intro, end = node.named_children[0], node.named_children[-1]
        other = next((child for child in node.named_children if child.type == "template_else_intro"), None)
        test = next(child for child in intro.named_children if child.type == "expression")
        yes = self._body(node, intro, other or end)
        no = self._body(node, other, end) if other is not None else Template(())
        return tree.If(self._inside.expression(test), yes, no, (strips_of(intro)[0], strips_of(end)[1]))

    def _loop(self, node: Node) -> Part:
        start, end = node.named_children[0], node.named_children[-1]
        key, item, over = self._inside.loop(start)
        return tree.Loop(key, item, over, self._body(node, start, end), (strips_of(start)[0], strips_of(end)[1]))

    def _body(self, node: Node, start: Node, end: Node) -> Template:
        inside = [child for child in node.children if start.end_byte <= child.start_byte < end.start_byte]
        template = self.template([one for one in inside if one.type in _INSIDE], start.end_byte, end.start_byte)
        parts = list(template.parts)
        if strips_of(start)[1]:
            _strip(parts, range(len(parts)), str.lstrip)
        if strips_of(end)[0]:
            _strip(parts, range(len(parts))[::-1], str.rstrip)
        return Template(tuple(parts), template.prose)


def _lines(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text, each with the byte where it begins."""
    for line in text.splitlines(keepends=True):
        yield start, line
        start += len(line.encode())


def strips_of(node: Node) -> tuple[bool, bool]:
    """Return whether a `~` is at the beginning and at the end of the text between the braces."""
    children = [child.type for child in node.children]
    marks = [index for index, kind in enumerate(children) if kind == "strip_marker"]
    return any(index == 1 for index in marks), any(index == len(children) - 2 for index in marks)


def strip_spaces(parts: list[Part]) -> list[Part]:
    """Return the parts without the spaces that `~` marks remove."""
    for index, part in enumerate(parts):
        if isinstance(part, Piece):
            continue
        if part.strips[0]:
            _strip(parts, range(index)[::-1], str.rstrip)
        if part.strips[1]:
            _strip(parts, range(index + 1, len(parts)), str.lstrip)
    return parts


def _strip(parts: list[Part], indexes: range, strip: Callable[[str], str]) -> None:
    """Strip the pieces at some indexes, up to the first piece that has other characters than spaces."""
    for index in indexes:
        part = parts[index]
        if not isinstance(part, Piece):
            return
        kept = strip(part.text)
        parts[index] = Piece(kept, part.at)
        if kept:
            return
