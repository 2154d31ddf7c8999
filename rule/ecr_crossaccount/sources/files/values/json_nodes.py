"""JSON with the place of every value."""

from __future__ import annotations

from ....documents.json_grammar import Field, Scalar, scan
from .nodes import Fields, Node


def read_json(text: str) -> Node:
    """Return the value in `text`. Raises BadJsonError."""
    return scan(text, _Nodes())


class _Nodes:
    """A builder of nodes. A name that appears twice in an object is kept twice."""

    def scalar(self, value: Scalar, line: int, column: int) -> Node:
        return Node(value, line, column)

    def items(self, items: list[Node], line: int, column: int) -> Node:
        return Node(tuple(items), line, column)

    def fields(self, fields: list[Field[Node]], line: int, column: int) -> Node:
        return Node(Fields(tuple((Node(name, *at), value) for name, at, value in fields)), line, column)
