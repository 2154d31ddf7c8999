"""What is wrong with a policy document, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invalid:
    """A part of the policy that IAM does not accept; `at` is a place such as `$.Statement[0].Action`."""

    at: str
    reason: str


class Problems:
    """Collects every fault of one document, in the order of reading."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Invalid] = []

    def add(self, at: str, reason: str) -> None:
        """Note one fault; the reader goes on, so that all faults are reported together."""
        self.found.append(Invalid(at, reason))


def quoted(value: object) -> str:
    """Show the user's own input in a message: in backticks, on one line, at most 80 characters."""
    text = value if isinstance(value, str) else repr(value)
    if not (text.isascii() and text.isprintable()):
        text = text.encode("unicode_escape").decode("ascii")
    return f"`{text if len(text) <= 80 else text[:79] + '…'}`"
