"""Data with places: the contents of JSON and YAML files, each value with the line and column where it begins.

Texts may have holes. They are joined, split and searched, and read as JSON, without filling the holes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from ....documents.json import RepeatedNames
from ....documents.pattern import Hole, Holed, Text, text_of, with_values
from ....memo import by_value

REGION = Hole("AWS::Region")
"""The Region of the deployment if it is unknown. In the Resource of a registry policy it is the registry's own."""


@by_value
class Place:
    """A place in a file. The file is as the user names it; line and column are counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """Return the place as compilers write it."""
        return f"{self.file}:{self.line}:{self.column}"

    def to_json(self) -> dict[str, object]:
        """Return the fields, ready for `json.dumps`."""
        return {"file": self.file, "line": self.line, "column": self.column}


class Lines:
    """The lines of a text, or of its bytes. They are counted once, for any number of places in it."""

    def __init__(self, text: str | bytes) -> None:
        self._bytes = text if isinstance(text, bytes) and not text.isascii() else b""
        newlines = re.finditer("\n", text) if isinstance(text, str) else re.finditer(b"\n", text)
        self._starts = [0, *(found.end() for found in newlines)]

    def place(self, index: int) -> tuple[int, int]:
        """Return the line and column of a character or a byte, counted from 1. A column is counted in characters."""
        line = bisect_right(self._starts, index)
        start = self._starts[line - 1]
        return line, 1 + (len(self._bytes[start:index].decode(errors="replace")) if self._bytes else index - start)


Scalar = str | int | float | bool | Hole | Holed | None


@by_value
class Fields:
    """The names and values of an object, in order. A name may appear twice."""

    pairs: tuple[tuple[Node, Node], ...] = ()

    def names(self) -> Iterator[str]:
        """Return the names, in order."""
        return (str(name.value) for name, _ in self.pairs)

    def items(self) -> Iterator[tuple[str, Node]]:
        """Return the names with their values, in order."""
        return ((str(name.value), value) for name, value in self.pairs)


@by_value
class Node:
    """A value and where it begins, counted from 1. `block`: whether it is a YAML text in lines of its own."""

    value: Scalar | tuple[Node, ...] | Fields
    line: int = 1
    column: int = 1
    block: bool = False

    def get(self, name: str) -> Node | None:
        """Return the field with this name, the last one if there are several. None if this is not an object."""
        for key, value in reversed(self.pairs):  # a generator takes twice as long
            if key.value == name:
                return value
        return None

    def find(self, *names: str) -> Node:
        """Return the value under names, one inside the other. ABSENT if one of them is missing."""
        found: Node | None = self
        for name in names:
            found = found and found.get(name)
        return found or ABSENT

    def place(self, file: str) -> Place:
        """Return the place of the value, which is in `file`."""
        return Place(file, self.line, self.column)

    @property
    def pairs(self) -> tuple[tuple[Node, Node], ...]:
        """The names and values of an object; empty for any other value."""
        return self.value.pairs if isinstance(self.value, Fields) else ()

    @property
    def fields(self) -> tuple[tuple[str, Node], ...]:
        """The fields of an object; empty for any other value."""
        return tuple(self.value.items()) if isinstance(self.value, Fields) else ()

    @property
    def items(self) -> tuple[Node, ...]:
        """The items of a list; empty for any other value."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def text(self) -> str | None:
        """The text; None for any other value."""
        return self.value if isinstance(self.value, str) else None

    def but(self, value: Scalar | tuple[Node, ...] | Fields) -> Node:
        """Return another value in the same place."""
        return Node(value, self.line, self.column)


ABSENT = Node(None)
"""Represents a value that is not there. Only its identity tells it from a null."""


def plain(node: Node) -> object:
    """Return the value in the form that the policy reader takes: dict, list, text, number, hole."""
    match node.value:
        case Fields() as fields:
            pairs = [(name, plain(value)) for name, value in fields.items()]
            value = dict(pairs)
            return value if len(value) == len(pairs) else RepeatedNames(pairs)
        case tuple() as items:
            return [plain(item) for item in items]
        case scalar:
            return scalar


def map_values(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a value with `change` of each value in it that is neither an object nor a list. Names stay."""
    match node.value:
        case Fields() as fields:
            return node.but(Fields(tuple([(name, map_values(value, change)) for name, value in fields.pairs])))
        case tuple() as items:
            return node.but(tuple([map_values(item, change) for item in items]))
    return change(node)


def repeated_names(node: Node) -> Iterator[Node]:
    """Yield each repeated name of an object, at any depth of `node`."""
    seen: set[object] = set()
    for name, value in node.value.pairs if isinstance(node.value, Fields) else ():
        if name.value in seen:
            yield name
        seen.add(name.value)
        yield from repeated_names(value)
    for item in node.items:
        yield from repeated_names(item)


def twice_in(node: Node) -> tuple[str, ...]:
    """Return the names that appear more than once in the object itself."""
    counted = Counter(name for name, _ in node.fields)
    return tuple(name for name, times in counted.items() if times > 1)


def statements_of(policy: Node) -> tuple[Node, ...]:
    """Return the statements of a policy as nodes. A single statement becomes a list of one."""
    statements = policy.get("Statement")
    if statements is None:
        return ()
    return statements.items if isinstance(statements.value, tuple) else (statements,)


def node_of(value: object) -> Node:
    """Return a node without a place, from a value that the policy reader takes: dict, list, text, number, hole."""
    match value:
        case Mapping():
            return Node(Fields(tuple((Node(str(name)), node_of(one)) for name, one in value.items())))
        case list() | tuple():
            return Node(tuple(map(node_of, value)))
    scalar: Scalar = value  # type: ignore[assignment] # only scalars are left
    return Node(scalar)


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

    def restore_holes(self, text: str) -> Text:
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
                return node.but(self.restore_holes(text))
        return node

    def _name(self, name: Node) -> Node:
        return name.but(str(self.restore_holes(str(name.value))))


def split_at(pattern: re.Pattern[str], text: str) -> Iterator[str | re.Match[str]]:
    """Yield the matches of a pattern, and the pieces of the text before, between and after them, in order."""
    end = 0
    for found in pattern.finditer(text):
        yield text[end : found.start()]
        yield found
        end = found.end()
    yield text[end:]


def replace_matches(text: Text, pattern: re.Pattern[str], by: Callable[[str], Text | Hole]) -> Text:
    """Return `text` with each match of `pattern` replaced by the result of `by`. A match may include holes."""
    stencil = Stencil(text)
    if pattern.search(stencil.text) is None:
        return text
    parts: list[str | Hole] = []
    for piece in split_at(pattern, stencil.text):
        found = stencil.restore_holes(piece if isinstance(piece, str) else piece[0])
        parts += parts_of(found if isinstance(piece, str) else by(str(found)))
    return text_of(parts)


def fill_hole(value: object, hole: Hole, text: str) -> object:
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


def fillings(key: Holed | Hole, names: Iterable[str]) -> dict[str, str]:
    """Return the names that a key may be, by the value of its hole."""
    parts = parts_of(key)
    before = parts[0] if isinstance(parts[0], str) else ""
    after = parts[-1] if isinstance(parts[-1], str) else ""
    fitting = (name for name in names if len(name) >= len(before + after) and name.startswith(before))
    return {text[len(before) : len(text) - len(after)]: text for text in fitting if text.endswith(after)}
