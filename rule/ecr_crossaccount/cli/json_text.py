"""JSON as the command reads it, with the reason where it cannot, and as it writes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NoReturn

from ..policy.text import RepeatedNames, reason_of
from .errors import InputError


class JsonError(InputError, ValueError):
    """A text that is not JSON; the message says where and why."""


def read_json(text: str) -> object:
    """Return the value in `text`; a name that stands twice, or a number that JSON has not, is refused."""
    return _read(_strict.decode, text)


def read_placed(text: str) -> object:
    """Return the value in `text`, as `read_json` does; every reason comes with line and column.

    Nesting deeper than a policy or a template can need is refused too, so that nothing after it runs out of stack.
    For files of a megabyte at most: it is slower than `read_json`.
    """
    from ..gate.json_nodes import BadJsonError
    from ..gate.json_nodes import read_json as read_nodes
    from ..gate.nodes import plain, repeated

    try:
        node = read_nodes(text)
    except BadJsonError as error:
        raise JsonError(str(error)) from None
    for name in repeated(node):
        raise JsonError(f"not JSON at line {name.line} column {name.column}: `{name.value}` stands twice in one object")
    return plain(node)


def read_line(text: str) -> object:
    """Return the value in `text`, a line of a batch, whose policy may be as faulty as it likes.

    An object in which a name stands twice comes back as RepeatedNames, NaN and its kin as numbers.
    Raises JsonError.
    """
    return _read(_lenient.decode, text)


def written(answer: object) -> str:
    """Return an answer as JSON.

    In ASCII: what a policy hides from the eye stays an escape, and no encoding can spoil it.
    """
    return json.dumps(answer, indent=2) + "\n"


def _read(decode: Callable[[str], object], text: str) -> object:
    try:
        return decode(text)
    except json.JSONDecodeError as error:
        raise JsonError(f"not JSON at line {error.lineno} column {error.colno}: {reason_of(error)}") from None
    except ValueError as error:  # an integer of thousands of digits, or what the hooks below refuse
        raise JsonError(f"not JSON: {str(error).partition(';')[0]}") from None
    except RecursionError:
        raise JsonError("nested too deeply") from None


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError(f"`{RepeatedNames(pairs).names[0]}` stands twice in one object")
    return value


def _as_written(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else RepeatedNames(pairs)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"`{constant}` is no JSON number")


_strict = json.JSONDecoder(object_pairs_hook=_each_once, parse_constant=_refuse)
_lenient = json.JSONDecoder(object_pairs_hook=_as_written)
