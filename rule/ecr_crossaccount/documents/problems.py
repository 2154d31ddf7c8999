"""The faults of a policy document, and their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invalid:
    """A part of the policy that IAM does not accept. `at` is a place such as `$.Statement[0].Action`."""

    at: str
    reason: str


def first_of(words: Sequence[str], most: int) -> str:
    """List the first `most` words, and say how many more there are."""
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more} more" if more > 0 else "")


def count_of(number: int, one: str, many: str) -> str:
    """Return a number with its noun: `1 entry`, `2,000 entries`."""
    return f"{number:,} {one if number == 1 else many}"


class Problems:
    """Collects every fault of one document, in the order of reading."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Invalid] = []

    def add(self, at: str, reason: str) -> None:
        """Add one fault. The reader continues, so that all faults are reported together."""
        self.found.append(Invalid(at, reason))


_LONGEST_NUMBER = 10**80
_LONGEST_QUOTE = 80


def _describe_value(value: object) -> str:
    """Show a value that is not a string. Python refuses to write out a number of thousands of digits."""
    if isinstance(value, int) and abs(value) >= _LONGEST_NUMBER:
        return "a number of more than 80 digits"
    if isinstance(value, (list, tuple, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return repr(value)


def quote(value: object) -> str:
    """Show the user's own input in a message: in backticks, on one line, with at most 80 characters."""
    text = value if isinstance(value, str) else _describe_value(value)
    if not (text.isascii() and text.isprintable()):
        text = text.encode("unicode_escape").decode("ascii")
    return f"`{text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + '…'}`"
