"""JSON as the command reads and writes it, with the reason if it cannot be read."""

from __future__ import annotations

import json

from ....documents.json import BadJsonError, strict_value_of
from ....errors import InputError
from ....sources.reading.files import MEGABYTE, UnreadableError, text_named

LARGEST_REPORT = 640 * MEGABYTE
"""In bytes. An audit of 100,000 repositories has about 450 MB."""


def json_in(path: str, largest: int, *, expected: str = "") -> object:
    """Return the value in a file of at most `largest` bytes, read by `strict_value_of`.

    Raises InputError with the name of the file. If the content is not JSON, the error also says what was `expected`.
    """
    try:
        return strict_value_of(text_named(path, largest))
    except UnreadableError as error:
        raise InputError(f"cannot read `{path}`: {error}") from None
    except BadJsonError as error:
        raise InputError(f"`{path}`: {error}{expected and f': expected {expected}'}") from None


def render_json(answer: object) -> str:
    """Return an answer as JSON.

    It is in ASCII: invisible characters of a policy stay visible as escapes, and no encoding can change them.
    """
    return json.dumps(answer, indent=2) + "\n"
