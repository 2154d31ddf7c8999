"""From the text of a policy to plain JSON values: whatever cannot be read is an answer, not a crash."""

from __future__ import annotations

from .json_grammar import BadJsonError
from .problems import Problems
from .strict_json import value_of

LONGEST_TEXT = 262_144
"""Characters that are read at all. ECR keeps at most 10,240; indented sources of a policy may be longer."""


def read_json(text: str, problems: Problems) -> object:
    """Return the JSON value in `text`, or None after adding the reason to `problems`."""
    if len(text) > LONGEST_TEXT:
        problems.add("$", f"{len(text):,} characters, more than the {LONGEST_TEXT:,} that are read")
        return None
    try:
        return value_of(text)
    except BadJsonError as error:
        problems.add("$", str(error))
        return None
