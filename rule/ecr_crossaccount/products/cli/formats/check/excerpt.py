"""The lines around a place in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .....sources.files.files import text_of
from .....sources.files.values.places import Place
from .....sources.reading.files import STANDARD_INPUT, UnreadableError
from ...base.visible import visible

_BEFORE, _AFTER = 1, 6
"""The lines shown before a place, and from the place on."""

_WIDEST = 88
"""The most characters of a line. A longer line, such as a whole policy, is shown around the column."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an excerpt. `caret` is the text before the place, or None for other lines."""

    number: int
    text: str
    caret: str | None = None


class Excerpts:
    """Reads each file of a report once."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}

    def around(self, at: Place) -> Iterator[Line]:
        """Yield the lines around a place. Nothing if the file cannot be read again."""
        lines = self._lines_of(at.file)
        if not 0 < at.line <= len(lines):
            return
        first, last = max(at.line - _BEFORE, 1), min(at.line + _AFTER, len(lines) + 1)
        for number in range(first, last):
            text = lines[number - 1]
            if number > at.line and _is_outside(text, at.column - 1):
                return
            yield _line(number, text, at)
            if number > at.line and _closes(text, at.column - 1):
                return

    def _lines_of(self, file: str) -> list[str]:
        if file not in self._files:
            self._files[file] = _read(file)
        return self._files[file]


def _read(file: str) -> list[str]:
    if file == STANDARD_INPUT:
        return []
    try:
        return [line.removesuffix("\r") for line in text_of(file).removesuffix("\n").split("\n")]
    except UnreadableError:
        return []


def _is_outside(text: str, indent: int) -> bool:
    """Return whether a line is indented less than a column, so that it is outside of the block that begins there."""
    return bool(text.strip()) and len(text) - len(text.lstrip()) < indent


def _closes(text: str, indent: int) -> bool:
    """Return whether a line closes the block that begins at a column."""
    return text[:indent].strip() == "" and text[indent : indent + 1] in ("}", "]")


def _line(number: int, text: str, at: Place) -> Line:
    column = at.column - 1 if number == at.line else None
    start = max(0, column - _WIDEST // 3) if column is not None and len(text) > _WIDEST else 0
    shown = text[start : start + _WIDEST]
    left, right = "…" if start else "", "…" if len(text) > start + _WIDEST else ""
    caret = None if column is None else left + _plain(text[start:column])
    return Line(number, f"{left}{_plain(shown)}{right}", caret)


def _plain(text: str) -> str:
    return visible(text.replace("\t", " "))
