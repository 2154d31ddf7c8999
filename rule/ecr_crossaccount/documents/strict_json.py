"""JSON, strictly: the one definition of JSON for policies and for every other file and message.

`json_grammar` is the definition, and finds the place of a fault. Python's decoder is many times faster, and reads the
texts that have no fault.

All functions refuse `NaN`, `Infinity` and `-Infinity`, numbers too large for a double, and nesting and numbers beyond
any real need. `strict_value_of` also refuses a name that appears twice in one object, and half of a surrogate pair.
`value_of` keeps both, because the reader of policies reports the element that has them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from .json_grammar import (
    DEEPEST,
    BadJsonError,
    Field,
    RefusedError,
    Scalar,
    after_space,
    fraction,
    place_in,
    reason_of,
    refuse,
    scan,
    whole,
)

_HALF_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")


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
    return _decoded(_decoder, text, _AS_WRITTEN)


def not_deep(text: str, value: object) -> object:
    """Return `value`, which was read from `text`. Raises BadJsonError if it is nested too deeply."""
    return _looked_through(text, value, _AS_WRITTEN)


def strict_value_of(text: str) -> object:
    """Return the value in `text`. Raises BadJsonError.

    No name may appear twice in one object, and every string must be Unicode.
    """
    if _may_have_half(text):
        return scan(text, _ONCE)
    return _looked_through(text, _decoded(strict_decoder, text, _ONCE), _ONCE)


def lenient_value_of(text: str) -> object:
    """Return the value in `text` as `value_of` does, with `NaN` and numbers too large for a double as floats.

    For a message that needs an answer even if the policy in it is invalid. Raises BadJsonError.
    """
    return not_deep(text, _decoded(_lenient, text, _AS_WRITTEN))


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
        except (RefusedError, RecursionError) as error:
            reason = str(error) if isinstance(error, RefusedError) else "nested too deeply"
            raise BadJsonError(f"in the value that begins here, {reason}", *place_in(text, at)) from None
        yield value
        at = after_space(text, end)


def _may_have_half(text: str) -> bool:
    """Return whether a string in a text may contain half of a surrogate pair.

    For nearly every text, two fast checks are enough.
    """
    if "\\u" in text and _HALF_ESCAPED.search(text):
        return True
    return not text.isascii() and _HALF.search(text) is not None


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
        raise RefusedError(_TWICE.format(RepeatedNames(pairs).names[0]))
    return plain


_decoder = json.JSONDecoder(object_pairs_hook=object_of, parse_constant=refuse, parse_int=whole, parse_float=fraction)
strict_decoder = json.JSONDecoder(
    object_pairs_hook=_each_once, parse_constant=refuse, parse_int=whole, parse_float=fraction
)
_lenient = json.JSONDecoder(object_pairs_hook=object_of, parse_int=whole)


def _decoded(decoder: json.JSONDecoder, text: str, making: _AsWritten) -> object:
    """Return what a decoder makes of a text. If it fails, `scan` decides."""
    try:
        value, end = decoder.raw_decode(text) if text.startswith("{") else (None, 0)
        return value if end == len(text) and end else decoder.decode(text)  # nearly always one object, no space around
    except (ValueError, RecursionError):
        return scan(text, making)


def _looked_through(text: str, value: object, making: _AsWritten) -> object:
    """Return the value in a text. If it is nested too deeply, `scan` raises BadJsonError with the place."""
    return scan(text, making) if _may_be_deep(text) and _is_deep(value) else value


def _may_be_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > DEEPEST


def _is_deep(value: object) -> bool:
    """Return whether a value is nested more than DEEPEST levels deep. It looks at one level after the other."""
    level = [value] if isinstance(value, _COLLECTIONS) else []
    for _ in range(DEEPEST + 1):
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, _COLLECTIONS)]
        if not level:
            return False
    return True


_COLLECTIONS = (dict, list)


def _inside(collection: object) -> Iterable[object]:
    if isinstance(collection, dict):
        return collection.values()
    return collection if isinstance(collection, list) else ()
