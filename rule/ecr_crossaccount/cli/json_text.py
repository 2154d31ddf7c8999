"""JSON as the command reads it, with the reason where it cannot, and as it writes it."""

from __future__ import annotations

import json

from ..policy.json_grammar import BadJsonError
from ..policy.strict_json import lenient_value_of, strict_value_of
from .errors import InputError


class JsonError(InputError, ValueError):
    """A text that is not JSON; the message says where and why."""


def read_json(text: str) -> object:
    """Return the value in `text`, in which nothing is in doubt. Raises JsonError."""
    try:
        return strict_value_of(text)
    except BadJsonError as error:
        raise JsonError(str(error)) from None


def read_line(text: str) -> object:
    """Return the value in `text`, a line of a batch, whose policy may be as faulty as it likes.

    An object in which a name stands twice comes back as RepeatedNames, NaN and its kin as numbers.
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
