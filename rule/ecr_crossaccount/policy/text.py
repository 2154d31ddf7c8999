"""From the text of a policy to plain JSON values: whatever cannot be read is an answer, not a crash."""

from __future__ import annotations

from .json_grammar import BadJsonError
from .problems import Problems
from .strict_json import not_deep, value_of_any_depth

LONGEST_TEXT = 262_144
"""Characters that are read at all. ECR keeps at most 10,240; indented sources of a policy may be longer."""


def read_json(text: str, problems: Problems) -> object:
    """Return the JSON value in `text`, or None after adding the reason to `problems`."""
    return not_too_deep(text, read_json_of_any_depth(text, problems), problems)


def read_json_of_any_depth(text: str, problems: Problems) -> object:
    """Return what `read_json` does, perhaps nested deeper than that reads: to be looked at with `not_too_deep`."""
    if len(text) > LONGEST_TEXT:
        problems.add("$", f"{len(text):,} characters, more than the {LONGEST_TEXT:,} that are read")
        return None
    try:
        return value_of_any_depth(text)
    except BadJsonError as error:
        problems.add("$", str(error))
        return None


def not_too_deep(text: str, value: object, problems: Problems) -> object:
    """Return the value that was read in `text`, or None after noting that it is nested too deeply."""
    try:
        return not_deep(text, value)
    except BadJsonError as error:
        problems.add("$", str(error))
        return None
