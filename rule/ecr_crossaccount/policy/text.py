"""From the text of a policy to plain JSON values, strictly: whatever cannot be read is an answer, not a crash."""

from __future__ import annotations

import json
from collections import Counter
from typing import NoReturn

from .problems import Problems

LONGEST_TEXT = 262_144
"""Characters that are read at all. ECR keeps at most 10,240; indented sources of a policy may be longer."""


class RepeatedNames(dict[str, object]):
    """A JSON object in which a name stands twice, so that readers of JSON disagree about its content."""

    __slots__ = ("names",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        count = Counter(name for name, _ in pairs)
        self.names = tuple(name for name, times in count.items() if times > 1)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else RepeatedNames(pairs)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is not JSON")


def reason_of(error: json.JSONDecodeError) -> str:
    """Return why a text is not JSON, in words that need no place after them."""
    return error.msg.lower().removesuffix(" starting at")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)


def read_json(text: str, problems: Problems) -> object:
    """Return the JSON value in `text`, or None after adding the reason to `problems`."""
    if len(text) > LONGEST_TEXT:
        problems.add("$", f"{len(text):,} characters, more than the {LONGEST_TEXT:,} that are read")
        return None
    try:
        value, end = _decoder.raw_decode(text) if text.startswith("{") else (None, 0)
        return value if end == len(text) else _decoder.decode(text)  # nearly always one object, and no space around
    except json.JSONDecodeError as error:
        problems.add("$", f"not JSON at line {error.lineno} column {error.colno}: {reason_of(error)}")
    except ValueError as error:  # a constant such as NaN, or an integer of thousands of digits
        reason = str(error).partition(";")[0]
        problems.add("$", f"not JSON: {reason[:1].lower()}{reason[1:]}")
    except RecursionError:
        problems.add("$", "nested too deeply to be a policy")
    return None
