"""Words of a command, in parts with places."""

from __future__ import annotations

from dataclasses import dataclass

from ....documents.holes import Hole, Text, text_of
from ...files.values.nodes import Place
from ...files.values.partial import Prose

Part = tuple[str | Hole, Place | None]
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command, as its parts with their places. `source`: as it is written. `byte`: where it begins."""

    parts: Parts
    at: Place
    source: str = ""
    byte: int = 0

    @property
    def value(self) -> Text:
        """The word as a text with holes."""
        return text_of(part for part, _ in self.parts)

    @property
    def text(self) -> str | None:
        """The word, or None if a part of it is unknown."""
        return self.value if isinstance(self.value, str) else None

    @property
    def is_hole(self) -> bool:
        """Whether the whole word is unknown."""
        return len(self.parts) == 1 and isinstance(self.parts[0][0], Hole)

    @property
    def start(self) -> str:
        """The beginning of the word, as far as it is known."""
        first = self.parts[0][0] if self.parts else ""
        return first if isinstance(first, str) else ""

    @property
    def prose(self) -> Prose:
        """The word as a text in which each part has its place."""
        return Prose(self.parts)

    def after(self, length: int) -> Word:
        """Return the word without its first `length` characters, which are known."""
        (first, place), *rest = self.parts
        at = self.at if place is None else Place(place.file, place.line, place.column + length)
        kept = first[length:] if isinstance(first, str) else first
        return Word((*(((kept, at),) if kept else ()), *rest), at, self.source, self.byte)

    def __str__(self) -> str:
        return "".join(str(part) for part, _ in self.parts)
