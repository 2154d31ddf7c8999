"""Text with styles, as parts. Only a terminal needs more than the words, and rich makes it of these."""

from __future__ import annotations

from typing import Self


class Text:
    """A text that is made part by part. Each part may have a style of its own, beside that of the whole."""

    __slots__ = ("parts", "style")

    def __init__(self, text: str = "", style: str = "") -> None:
        self.parts: list[tuple[str | Text, str]] = [(text, "")]
        self.style = style

    def append(self, part: str | Text, style: str = "") -> Self:
        """Add a part, and return this text."""
        self.parts.append((part, style))
        return self

    @property
    def plain(self) -> str:
        """The words without styles."""
        return "".join(part if isinstance(part, str) else part.plain for part, _ in self.parts)
