"""From the text of a policy to plain JSON values. A text that cannot be read is reported, and never raises."""

from __future__ import annotations

from .json_grammar import BadJsonError
from .problems import Problems
from .strict_json import not_deep, value_of_any_depth

LONGEST_TEXT = 262_144
"""The most characters that are read. ECR keeps at most 10,240, but the indented source of a policy can be longer."""


def read_json(text: str, problems: Problems) -> object:
    """Return the JSON value in `text`, or None after adding the reason to `problems`."""
    return not_too_deep(text, read_json_of_any_depth(text, problems), problems)


def read_json_of_any_depth(text: str, problems: Problems) -> object:
    """Return what `read_json` does, at any depth. The caller must check the result with `not_too_deep`."""
    if len(text) > LONGEST_TEXT:
        problems.add("$", f"{len(text):,} characters, more than the {LONGEST_TEXT:,} that are read")
        return None
    try:
        return value_of_any_depth(text)
    except BadJsonError as error:
        problems.add("$", str(error))
        return None


def not_too_deep(text: str, value: object, problems: Problems) -> object:
    """Return the value that was read from `text`, or None after adding a fault because it is nested too deeply."""
    try:
        return not_deep(text, value)
    except BadJsonError as error:
        problems.add("$", str(error))
        return None
