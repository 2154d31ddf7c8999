"""JSON's grammar, and the limits on what is read. `strict_json` and the readers that report places share it.

https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from json.decoder import scanstring as scan_string  # type: ignore[attr-defined] # the C scanner, undocumented but stable
from typing import Generic, NoReturn, Protocol, TypeVar

DEEPEST = 200
"""Levels of nesting. No policy, template or Terraform plan is nearly as deep."""

LONGEST_NUMBER = 400
"""Characters of a number, including its signs and its point. A double needs at most about 330."""

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_CONSTANT = re.compile(r"NaN|-?Infinity")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}

_COMMENTS = ("//", "/*", "#")

_NO_NUMBER = "`{}` is not a JSON number"

Scalar = str | int | float | bool | None
_Made = TypeVar("_Made")


class BadJsonError(ValueError):
    """A text that is not JSON as read here. `reason` says why, and `line` and `column` say where."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        self.reason, self.line, self.column = reason, line, column
        super().__init__(f"not JSON at line {line} column {column}: {reason}")


def scan(text: str, making: Making[_Made]) -> _Made:
    """Return what `making` makes of the value in `text`. Raises BadJsonError for the first fault."""
    return _Scanner(text, making).document()


Field = tuple[str, tuple[int, int], _Made]
"""A field of an object: its name, the line and column of the name, and its value."""


class Making(Protocol[_Made]):
    """Builds a result from the values of a text. Each value has the line and column where it begins, counted from 1."""

    def scalar(self, value: Scalar, line: int, column: int, /) -> _Made:
        """Return the result for a string, a number, a Boolean or null."""

    def items(self, items: list[_Made], line: int, column: int, /) -> _Made:
        """Return the result for a list."""

    def fields(self, fields: list[Field[_Made]], line: int, column: int, /) -> _Made:
        """Return the result for an object. A name can appear twice in `fields`."""


class _Scanner(Generic[_Made]):
    """Reads one text according to the grammar of RFC 8259."""

    def __init__(self, text: str, making: Making[_Made]) -> None:
        self._text = text
        self._making = making
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def document(self) -> _Made:
        made, end = self._value(after_space(self._text, 0), 0)
        end = after_space(self._text, end)
        if end != len(self._text):
            raise self._bad("more after the end", end)
        return made

    def _place(self, index: int) -> tuple[int, int]:
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def _bad(self, reason: str, index: int) -> BadJsonError:
        if self._text.startswith(_COMMENTS, index):
            reason = "a comment, which JSON does not have: remove it"
        return BadJsonError(reason, *self._place(min(index, len(self._text))))

    def _value(self, index: int, depth: int) -> tuple[_Made, int]:
        match self._text[index : index + 1]:
            case "{" | "[" if depth > DEEPEST:
                raise self._bad(f"nested more than {DEEPEST} levels deep", index)
            case "{":
                return self._object(index, depth)
            case "[":
                return self._list(index, depth)
            case '"':
                text, end = self._string(index)
                return self._making.scalar(text, *self._place(index)), end
        return self._word(index)

    def _string(self, index: int) -> tuple[str, int]:
        try:
            text, end = scan_string(self._text, index + 1, True)  # noqa: FBT003 - its parameter has no name
        except json.JSONDecodeError as error:
            raise self._bad(reason_of(error), error.pos) from None
        return text, end

    def _word(self, index: int) -> tuple[_Made, int]:
        for word, value in _WORDS.items():
            if self._text.startswith(word, index):
                return self._making.scalar(value, *self._place(index)), index + len(word)
        found = _NUMBER.match(self._text, index)
        constant = _CONSTANT.match(self._text, index)
        if constant is not None:
            raise self._bad(_NO_NUMBER.format(constant[0]), index)
        if found is None:
            raise self._bad("expecting value", index)
        try:
            number = fraction(found[0]) if found[1] or found[2] else whole(found[0])
        except RefusedError as error:
            raise self._bad(str(error), index) from None
        return self._making.scalar(number, *self._place(index)), found.end()

    def _list(self, index: int, depth: int) -> tuple[_Made, int]:
        items: list[_Made] = []
        end = after_space(self._text, index + 1)
        more = self._text[end : end + 1] != "]"
        end += not more
        while more:
            item, end = self._value(end, depth + 1)
            items.append(item)
            end, more = self._separator(end, "]")
        return self._making.items(items, *self._place(index)), end

    def _object(self, index: int, depth: int) -> tuple[_Made, int]:
        fields: list[Field[_Made]] = []
        end = after_space(self._text, index + 1)
        more = self._text[end : end + 1] != "}"
        end += not more
        while more:
            field, end = self._field(end, depth)
            fields.append(field)
            end, more = self._separator(end, "}")
        return self._making.fields(fields, *self._place(index)), end

    def _field(self, index: int, depth: int) -> tuple[Field[_Made], int]:
        if self._text[index : index + 1] != '"':
            raise self._bad("expecting a name in double quotes", index)
        name, end = self._string(index)
        end = after_space(self._text, end)
        if self._text[end : end + 1] != ":":
            raise self._bad("expecting a colon after the name", end)
        value, end = self._value(after_space(self._text, end + 1), depth + 1)
        return (name, self._place(index), value), end

    def _separator(self, index: int, close: str) -> tuple[int, bool]:
        """Return the index after a member and its separator, and whether another member follows."""
        end = after_space(self._text, index)
        match self._text[end : end + 1]:
            case ",":
                after = after_space(self._text, end + 1)
                if self._text[after : after + 1] == close:
                    raise self._bad(f"a trailing comma before `{close}`", end)
                return after, True
            case found if found == close:
                return end + 1, False
        raise self._bad(f"expecting a comma or `{close}`", end)


class RefusedError(ValueError):
    """JSON that Python's decoder accepts and that is refused here. The message says why."""


def refuse(constant: str) -> NoReturn:
    """Raise RefusedError for `NaN`, `Infinity` or `-Infinity`."""
    raise RefusedError(_NO_NUMBER.format(constant))


def whole(digits: str) -> int:
    """Return a number without a fraction. Raises RefusedError if it is too long."""
    if len(digits) > LONGEST_NUMBER:
        raise RefusedError(f"a number of more than {LONGEST_NUMBER} digits")
    return int(digits)


def fraction(digits: str) -> float:
    """Return a number with a fraction or an exponent.

    Raises RefusedError if it is too long or too large for a double.
    """
    if len(digits) > LONGEST_NUMBER:
        raise RefusedError(f"a number of more than {LONGEST_NUMBER} digits")
    number = float(digits)
    if math.isinf(number):
        raise RefusedError("a number that is too large")
    return number


def after_space(text: str, index: int) -> int:
    """Return the index after the space, if any, that begins at `index`."""
    found = _SPACE.match(text, index)
    return found.end() if found else index


def place_in(text: str, index: int) -> tuple[int, int]:
    """Return the line and column of a character, counted from 1."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def reason_of(error: json.JSONDecodeError) -> str:
    """Return why a text is not JSON, in words that do not need a place after them."""
    return error.msg.lower().removesuffix(" starting at").removesuffix(" at")
