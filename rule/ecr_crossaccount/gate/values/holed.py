"""Texts with holes: join, split and search them, and read them as JSON, without filling the holes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping

from ...policy.holes import Hole, Holed, Text
from .nodes import Fields, Node, Scalar

_FIRST = 0xF0000
_LAST = 0xFFFFD
"""Code points for private use. A hole of a text is represented by one that the text does not contain."""


def text_of(parts: Iterable[str | Hole]) -> Text:
    """Return parts as one text, a plain string if it has no hole."""
    joined: list[str | Hole] = []
    for is_text, run in itertools.groupby(parts, lambda part: isinstance(part, str)):
        text_or_holes = list(run)
        joined += filter(None, ["".join(map(str, text_or_holes))]) if is_text else text_or_holes
    if any(isinstance(part, Hole) for part in joined):
        return Holed(tuple(joined))
    return str(joined[0]) if joined else ""


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


def with_values(value: object, values: Mapping[Hole, str | Hole]) -> object:
    """Return a policy with other values in place of some holes: texts, or other holes."""
    match value:
        case Holed() if not values.keys().isdisjoint(value.holes):
            return text_of(values.get(part, part) if isinstance(part, Hole) else part for part in value.parts)
        case Hole():
            return values.get(value, value)
        case dict() as fields:
            return _same_kind(fields, {name: with_values(one, values) for name, one in fields.items()})
        case list() as items:
            return [with_values(item, values) for item in items]
    return value


def _same_kind(old: dict[str, object], new: dict[str, object]) -> dict[str, object]:
    """Return the new fields. If a name appears twice in the old object, keep its type."""
    if type(old) is dict:
        return new
    old.update(new)
    return old


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
