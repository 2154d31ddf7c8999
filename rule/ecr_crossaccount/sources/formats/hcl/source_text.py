"""The text of a source, by tree-sitter's nodes and by bytes, with places."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from ...files.values.nodes import Place

if TYPE_CHECKING:
    from tree_sitter import Node


class SourceText:
    """The text of a source. `lines_before`: lines that do not count. `fixed`: the place of everything, if it is one."""

    def __init__(self, data: bytes, file: str, *, lines_before: int = 0, fixed: Place | None = None) -> None:
        self._data = data
        self._file = file
        self._skipped = lines_before
        self._fixed = fixed
        self._starts = [0, *(found.end() for found in re.finditer(b"\n", data))]

    def text(self, node: Node) -> str:
        """Return a node's source."""
        return self._data[node.start_byte : node.end_byte].decode()

    def slice(self, start: int, end: int) -> str:
        """Return the source between two bytes."""
        return self._data[start:end].decode()

    def place(self, node: Node) -> Place:
        """Return where a node begins."""
        row, column = node.start_point
        return self.place_at(row, self._column(node.start_byte, column))

    def place_at(self, row: int, column: int) -> Place:
        """Return a place by row and column, counted from 0."""
        return self._fixed or Place(self._file, row + 1 - self._skipped, column + 1)

    def place_of(self, byte: int) -> Place:
        """Return the place of a byte."""
        if self._fixed:
            return self._fixed
        start = self._data.rfind(b"\n", 0, byte) + 1
        return self.place_at(self._row_of(start), len(self._data[start:byte].decode(errors="replace")))

    def _row_of(self, byte: int) -> int:
        return bisect_right(self._starts, byte) - 1

    def begins_line(self, byte: int) -> bool:
        """Return whether a line begins at a byte."""
        return byte == 0 or self._data[byte - 1 : byte] == b"\n"

    def lines_between(self, first: Node, last: Node) -> tuple[int, int]:
        """Return the bytes from after the line of `first` to before the line of `last`."""
        start = self._data.find(b"\n", first.end_byte) + 1
        return start, max(start, self._data.rfind(b"\n", 0, last.start_byte) + 1)

    def _column(self, byte: int, column: int) -> int:
        """Return a column in characters. tree-sitter counts bytes."""
        return len(self._data[byte - column : byte].decode(errors="replace"))
