"""JSON as the command reads it, with the reason where it cannot, and as it writes it."""

from __future__ import annotations

import json

from ..policy.json_grammar import BadJsonError
from ..policy.strict_json import lenient_value_of, strict_value_of
from ..reading.files import MEGABYTE, UnreadableError, text_named
from .errors import InputError

LARGEST_REPORT = 512 * MEGABYTE
"""Bytes; an audit of 100,000 open repositories has some 300 MB."""


class JsonError(InputError, ValueError):
    """A text that is not JSON; the message says where and why."""


def read_json(text: str) -> object:
    """Return the value in `text`, in which nothing is in doubt. Raises JsonError."""
    try:
        return strict_value_of(text)
    except BadJsonError as error:
        raise JsonError(str(error)) from None


def json_in(path: str, largest: int, *, expected: str = "") -> object:
    """Return the value in a file of at most `largest` bytes, as `read_json` does.

    Raises InputError that names the file and, where it is not JSON, says what was `expected`.
    """
    try:
        return read_json(text_named(path, largest))
    except UnreadableError as error:
        raise InputError(f"cannot read `{path}`: {error}") from None
    except JsonError as error:
        raise InputError(f"`{path}`: {error}{expected and f': expected {expected}'}") from None


def read_line(text: str) -> object:
    """Return the value in `text`, a line of a batch, whose policy may be as faulty as it likes.

    An object in which a name appears twice comes back as RepeatedNames, NaN and its kin as numbers.
    Raises JsonError.
    """
    try:
        return lenient_value_of(text)
    except BadJsonError as error:
        raise JsonError(str(error)) from None


def written(answer: object) -> str:
    """Return an answer as JSON.

    In ASCII: what a policy hides from the eye stays an escape, and no encoding can spoil it.
    """
    return json.dumps(answer, indent=2) + "\n"
