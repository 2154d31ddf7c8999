"""JSON, strictly: its grammar, the limits on what is read, and the one definition for policies, files and messages.

The grammar finds the place of a fault. Python's decoder is many times faster, and reads the texts that have no fault.

All functions refuse `NaN`, `Infinity` and `-Infinity`, numbers too large for a double, and nesting and numbers beyond
any real need. `strict_value_of` also refuses a name that appears twice in one object, and half of a surrogate pair.
`value_of` keeps both, because the reader of policies reports the element that has them.
https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from json.decoder import scanstring as scan_string  # type: ignore[attr-defined] # the C scanner, undocumented but stable
from typing import Generic, NoReturn, Protocol, TypeVar

from ..errors import InputError

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


class BadJsonError(InputError):
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
        except _NotStrictError as error:
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


class _NotStrictError(InputError):
    """JSON that Python's decoder accepts and that is refused here. The message says why."""


def refuse(constant: str) -> NoReturn:
    """Raise _NotStrictError for `NaN`, `Infinity` or `-Infinity`."""
    raise _NotStrictError(_NO_NUMBER.format(constant))


def whole(digits: str) -> int:
    """Return a number without a fraction. Raises _NotStrictError if it is too long."""
    if len(digits) > LONGEST_NUMBER:
        raise _NotStrictError(f"a number of more than {LONGEST_NUMBER} digits")
    return int(digits)


def fraction(digits: str) -> float:
    """Return a number with a fraction or an exponent.

    Raises _NotStrictError if it is too long or too large for a double.
    """
    if len(digits) > LONGEST_NUMBER:
        raise _NotStrictError(f"a number of more than {LONGEST_NUMBER} digits")
    number = float(digits)
    if math.isinf(number):
        raise _NotStrictError("a number that is too large")
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


_HALF_ESCAPED = r"\\u[dD][89a-fA-F]"
_HALF = "[\ud800-\udfff]"


class RepeatedNames(dict[str, object]):
    """A JSON object with a name that appears twice. JSON readers disagree about its content."""

    __slots__ = ("names",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        count = Counter(name for name, _ in pairs)
        self.names = tuple(name for name, times in count.items() if times > 1)


def object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object as a dict. It is a RepeatedNames if a name appears twice."""
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else RepeatedNames(pairs)


def is_unicode(text: str) -> bool:
    """Return whether a text is Unicode: it has no half of a surrogate pair, which cannot be sent to any service."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def value_of(text: str) -> object:
    """Return the value in `text`. Raises BadJsonError.

    An object in which a name appears twice is a RepeatedNames.
    """
    return not_deep(text, value_of_any_depth(text))


def value_of_any_depth(text: str) -> object:
    """Return the value in `text` as `value_of` does, but at any depth. For callers that know the value's shape."""
    return _decode(_decoder, text, _AS_WRITTEN)


def not_deep(text: str, value: object) -> object:
    """Return `value`, which was read from `text`. Raises BadJsonError if it is nested too deeply."""
    return _looked_through(text, value, _AS_WRITTEN)


def strict_value_of(text: str) -> object:
    """Return the value in `text`. Raises BadJsonError.

    No name may appear twice in one object, and every string must be Unicode.
    """
    if _may_have_half(text):
        return scan(text, _ONCE)
    return _looked_through(text, _decode(strict_decoder, text, _ONCE), _ONCE)


def lenient_value_of(text: str) -> object:
    """Return the value in `text` as `value_of` does, with `NaN` and numbers too large for a double as floats.

    For a message that needs an answer even if the policy in it is invalid. Raises BadJsonError.
    """
    return not_deep(text, _decode(_lenient, text, _AS_WRITTEN))


def values_in(text: str) -> Iterator[object]:
    """Yield the values that follow each other in `text`, read as `strict_value_of` reads them. Raises BadJsonError.

    For texts of any length, so each text is read only once. Because of this, the levels of nesting are not counted:
    nesting is refused only if Python cannot follow it. Half of a surrogate pair is accepted.
    """
    at = after_space(text, 0)
    while at < len(text):
        try:
            value, end = strict_decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise BadJsonError(reason_of(error), error.lineno, error.colno) from None
        except (_NotStrictError, RecursionError) as error:
            reason = str(error) if isinstance(error, _NotStrictError) else "nested too deeply"
            raise BadJsonError(f"in the value that begins here, {reason}", *place_in(text, at)) from None
        yield value
        at = after_space(text, end)


def _may_have_half(text: str) -> bool:
    """Return whether a string in a text may contain half of a surrogate pair.

    For nearly every text, two fast checks are enough.
    """
    if "\\u" in text and re.search(_HALF_ESCAPED, text):
        return True
    return not text.isascii() and re.search(_HALF, text) is not None


class _AsWritten:
    """Makes plain values. An object in which a name appears twice becomes a RepeatedNames."""

    def scalar(self, value: Scalar, _line: int, _column: int) -> object:
        return value

    def items(self, items: list[object], _line: int, _column: int) -> object:
        return items

    def fields(self, fields: list[Field[object]], _line: int, _column: int) -> object:
        return object_of([(name, value) for name, _, value in fields])


class _Once(_AsWritten):
    """Makes plain values. Raises BadJsonError for repeated names and halves of surrogate pairs."""

    def scalar(self, value: Scalar, line: int, column: int) -> object:
        if isinstance(value, str) and not is_unicode(value):
            raise BadJsonError(_IS_HALF, line, column)
        return value

    def fields(self, fields: list[Field[object]], _line: int, _column: int) -> object:
        made: dict[str, object] = {}
        for name, at, value in fields:
            self.scalar(name, *at)
            if name in made:
                raise BadJsonError(_TWICE.format(name), *at)
            made[name] = value
        return made


_AS_WRITTEN, _ONCE = _AsWritten(), _Once()

_IS_HALF = "half of a surrogate pair"
_TWICE = "`{}` appears twice in one object"


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    if len(plain) < len(pairs):
        raise _NotStrictError(_TWICE.format(RepeatedNames(pairs).names[0]))
    return plain


_decoder = json.JSONDecoder(object_pairs_hook=object_of, parse_constant=refuse, parse_int=whole, parse_float=fraction)
strict_decoder = json.JSONDecoder(
    object_pairs_hook=_each_once, parse_constant=refuse, parse_int=whole, parse_float=fraction
)
_lenient = json.JSONDecoder(object_pairs_hook=object_of, parse_int=whole)


def _decode(decoder: json.JSONDecoder, text: str, making: _AsWritten) -> object:
    """Return what a decoder makes of a text. If it fails, `scan` decides."""
    try:
        value, end = decoder.raw_decode(text) if text.startswith("{") else (None, 0)
        return value if end == len(text) and end else decoder.decode(text)  # nearly always one object, no space around
    except (ValueError, RecursionError):
        return scan(text, making)


def _looked_through(text: str, value: object, making: _AsWritten) -> object:
    """Return the value in a text. If it is nested too deeply, `scan` raises BadJsonError with the place."""
    may_be_deep = text.count("[") + text.count("{") > DEEPEST
    return scan(text, making) if may_be_deep and _is_deep(value) else value


def _is_deep(value: object) -> bool:
    """Return whether a value is nested more than DEEPEST levels deep. It looks at one level after the other."""
    level = [value]
    for _ in range(DEEPEST + 2):
        collections = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list))]
        level = [inner for collection in collections for inner in collection]
        if not collections:
            return False
    return True
