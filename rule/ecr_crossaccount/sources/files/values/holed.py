"""Texts with holes: join, split and search them, and read them as JSON, without filling the holes."""

from __future__ import annotations

import re
from collections.abc import Callable

from ....documents.holes import Hole, Holed, Text, text_of, with_values
from .nodes import Fields, Node, Scalar

_FIRST = 0xF0000
_LAST = 0xFFFFD
"""Code points for private use. A hole of a text is represented by one that the text does not contain."""


def parts_of(value: Text | Hole) -> tuple[str | Hole, ...]:
    """Return a text as its parts."""
    return value.parts if isinstance(value, Holed) else (value,)


class Stencil:
    """A text in which each hole is replaced by one character that does not occur in it, and the way back."""

    def __init__(self, text: Text) -> None:
        parts = parts_of(text)
        literal = "".join(part for part in parts if isinstance(part, str))
        free = (chr(code) for code in range(_FIRST, _LAST) if chr(code) not in literal)
        self._holes: dict[str, Hole] = {}
        marks: dict[Hole, str] = {}
        for part in parts:
            if isinstance(part, Hole) and part not in marks:
                marks[part] = mark = next(free)
                self._holes[mark] = part
        self.text = "".join(part if isinstance(part, str) else marks[part] for part in parts)
        self._marked = re.compile("([" + "".join(self._holes) + "])") if self._holes else None

    def holed(self, text: str) -> Text:
        """Return the text that a piece of the stencilled text represents."""
        if self._marked is None:
            return text
        return text_of(self._holes.get(piece, piece) for piece in self._marked.split(text))

    @property
    def marks(self) -> str:
        """The characters that represent holes."""
        return "".join(self._holes)

    def node(self, node: Node) -> Node:
        """Return a value that was read from the stencilled text, with its holes back in place."""
        match node.value:
            case Fields() as fields:
                return node.but(Fields(tuple((self._name(name), self.node(value)) for name, value in fields.pairs)))
            case tuple() as items:
                return node.but(tuple(self.node(item) for item in items))
            case str() as text:
                return node.but(self.holed(text))
        return node

    def _name(self, name: Node) -> Node:
        return name.but(str(self.holed(str(name.value))))


def replaced(text: Text, pattern: re.Pattern[str], by: Callable[[str], Text | Hole]) -> Text:
    """Return `text` with each match of `pattern` replaced by the result of `by`. A match may include holes."""
    stencil = Stencil(text)
    parts: list[str | Hole] = []
    end = 0
    for found in pattern.finditer(stencil.text):
        parts += parts_of(stencil.holed(stencil.text[end : found.start()]))
        parts += parts_of(by(str(stencil.holed(found[0]))))
        end = found.end()
    if not end:
        return text
    return text_of([*parts, *parts_of(stencil.holed(stencil.text[end:]))])


def filled(value: object, hole: Hole, text: str) -> object:
    """Return a policy with `text` in place of `hole`, for the one hole whose value makes no difference."""
    return with_values(value, {hole: text})


def scalar_text(value: Scalar) -> Text | Hole | None:
    """Return a scalar as the text that CloudFormation makes of it; None for null."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)
    return value


def text_in(node: Node | None) -> Text | Hole | None:
    """Return a scalar as text. None if there is no node, and for a list, an object or a null."""
    return None if node is None or isinstance(node.value, (tuple, Fields)) else scalar_text(node.value)
