"""JSON with the place of every value."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from json.decoder import JSONDecodeError
from json.decoder import scanstring as scan_string  # type: ignore[attr-defined] # the C scanner, undocumented but stable

from ..policy.text import reason_of
from .nodes import Fields, Node, Scalar

DEEPEST = 200
"""Levels of nesting; no template and no plan comes near."""

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_LONGEST_NUMBER = 400


class BadJsonError(ValueError):
    """A text that is not JSON; `reason` says why, `line` and `column` where."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        self.reason, self.line, self.column = reason, line, column
        super().__init__(f"not JSON at line {line} column {column}: {reason}")


def read_json(text: str) -> Node:
    """Return the value in `text`. Raises BadJsonError."""
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def document(self) -> Node:
        start = self._after_space(0)
        node, end = self._value(start, 0)
        end = self._after_space(end)
        if end != len(self._text):
            raise self._bad("more after the end", end)
        return node

    def _place(self, index: int) -> tuple[int, int]:
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def _bad(self, reason: str, index: int) -> BadJsonError:
        return BadJsonError(reason, *self._place(min(index, len(self._text))))

    def _after_space(self, index: int) -> int:
        found = _SPACE.match(self._text, index)
        return found.end() if found else index

    def _value(self, index: int, depth: int) -> tuple[Node, int]:
        if depth > DEEPEST:
            raise self._bad(f"nested more than {DEEPEST} levels deep", index)
        match self._text[index : index + 1]:
            case "{":
                return self._object(index, depth)
            case "[":
                return self._list(index, depth)
            case '"':
                return self._string(index)
        return self._word(index)

    def _string(self, index: int) -> tuple[Node, int]:
        try:
            text, end = scan_string(self._text, index + 1, True)  # noqa: FBT003 - its parameter has no name
        except JSONDecodeError as error:
            raise self._bad(reason_of(error), error.pos) from None
        return Node(text, *self._place(index)), end

    def _word(self, index: int) -> tuple[Node, int]:
        for word, value in _WORDS.items():
            if self._text.startswith(word, index):
                return Node(value, *self._place(index)), index + len(word)
        found = _NUMBER.match(self._text, index)
        if found is None:
            raise self._bad("expecting value", index)
        if found.end() - index > _LONGEST_NUMBER:
            raise self._bad(f"a number of more than {_LONGEST_NUMBER} digits", index)
        number = json.loads(found[0])
        return Node(number, *self._place(index)), found.end()

    def _list(self, index: int, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        end = self._after_space(index + 1)
        if self._text[end : end + 1] == "]":
            return Node((), *self._place(index)), end + 1
        while True:
            item, end = self._value(end, depth + 1)
            items.append(item)
            end, more = self._separator(end, "]")
            if not more:
                return Node(tuple(items), *self._place(index)), end

    def _object(self, index: int, depth: int) -> tuple[Node, int]:
        pairs: list[tuple[Node, Node]] = []
        end = self._after_space(index + 1)
        if self._text[end : end + 1] == "}":
            return Node(Fields(), *self._place(index)), end + 1
        while True:
            if self._text[end : end + 1] != '"':
                raise self._bad("expecting a name in double quotes", end)
            name, end = self._string(end)
            end = self._after_space(end)
            if self._text[end : end + 1] != ":":
                raise self._bad("expecting a colon after the name", end)
            value, end = self._value(self._after_space(end + 1), depth + 1)
            pairs.append((name, value))
            end, more = self._separator(end, "}")
            if not more:
                return Node(Fields(tuple(pairs)), *self._place(index)), end

    def _separator(self, index: int, close: str) -> tuple[int, bool]:
        """Return where it goes on after a member, and whether with another one."""
        end = self._after_space(index)
        match self._text[end : end + 1]:
            case ",":
                return self._after_space(end + 1), True
            case found if found == close:
                return end + 1, False
        raise self._bad(f"expecting a comma or `{close}`", end)
