"""Texts that are made from others: the references in `Fn::Sub`, and the longest result."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....documents.holes import Hole

_IN_TEXT = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"!?[A-Za-z0-9:._]+")
_LONGEST = 1_048_576
"""The longest text that is made from others, in characters. ECR takes policies of 10,240."""


class Parts:
    """The parts of a text, and their length. A few names can make a text that does not fit in memory."""

    def __init__(self) -> None:
        self.parts: list[str | Hole] = []
        self._length = 0

    def add(self, *parts: str | Hole) -> None:
        """Append parts."""
        self.parts += parts
        self._length += sum(len(part) if isinstance(part, str) else 1 for part in parts)

    @property
    def too_long(self) -> bool:
        """Whether the text is too long to be a policy or a part of one."""
        return self._length > _LONGEST


def pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the literal pieces of a text of Fn::Sub, each with the name that follows it."""
    end = 0
    for found in _IN_TEXT.finditer(text):
        name = found[1].strip()
        if _NAME.fullmatch(name) and not name.startswith("aws:"):
            yield text[end : found.start()], name
            end = found.end()
    yield text[end:], None
