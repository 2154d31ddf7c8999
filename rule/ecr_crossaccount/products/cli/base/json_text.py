"""JSON as the command reads and writes it, with the reason if it cannot be read."""

from __future__ import annotations

import json

from ....documents.json import BadJsonError, lenient_value_of, strict_value_of
from ....sources.reading.files import MEGABYTE, UnreadableError, text_named
from .program import InputError

LARGEST_REPORT = 640 * MEGABYTE
"""In bytes. An audit of 100,000 repositories has about 450 MB."""


class JsonError(InputError, ValueError):
    """A text that is not JSON. The message says where and why."""


def read_json(text: str) -> object:
    """Return the value in `text`. Ambiguous JSON is refused. Raises JsonError."""
    try:
        return strict_value_of(text)
    except BadJsonError as error:
        raise JsonError(str(error)) from None


def json_in(path: str, largest: int, *, expected: str = "") -> object:
    """Return the value in a file of at most `largest` bytes, read by `read_json`.

    Raises InputError with the name of the file. If the content is not JSON, the error also says what was `expected`.
    """
    try:
        return read_json(text_named(path, largest))
    except UnreadableError as error:
        raise InputError(f"cannot read `{path}`: {error}") from None
    except JsonError as error:
        raise InputError(f"`{path}`: {error}{expected and f': expected {expected}'}") from None


def read_line(text: str) -> object:
    """Return the value in `text`, a line of a batch. Its policy can contain any fault.

    An object with a repeated name becomes RepeatedNames, and NaN or an infinity becomes a float. Raises JsonError.
    """
    try:
        return lenient_value_of(text)
    except BadJsonError as error:
        raise JsonError(str(error)) from None


def written(answer: object) -> str:
    """Return an answer as JSON.

    It is in ASCII: invisible characters of a policy stay visible as escapes, and no encoding can change them.
    """
    return json.dumps(answer, indent=2) + "\n"
