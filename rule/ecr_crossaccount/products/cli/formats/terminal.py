"""A page on a terminal: in color, and wrapped with a hanging indent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich import text as rich
from rich.console import Console

from .text import Text

_WIDEST = 110
"""The most columns. Longer lines are hard to read, however wide the terminal is."""

_USUAL = 80
"""The columns of a terminal that does not report its width."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError, so that the command chooses the exit status. By default, rich exits with a failure."""
        raise BrokenPipeError


class Terminal:
    """Lines on a console, which prints text unchanged. A file gets no colors and no wrapped lines."""

    def __init__(self, file: TextIO) -> None:
        self._console = _Console(file=file, highlight=False, markup=False, emoji=False)
        if self._console.width < 1:  # with COLUMNS=0, rich would print nothing
            self._console.width = _USUAL
        self._width = min(self._console.width, _WIDEST) if self._console.is_terminal else None

    def verbatim(self, text: Text) -> None:
        """Write `text` in one line."""
        self._console.print(_style_text(text), soft_wrap=True)

    def write(self, first: Text, text: Text, column: int) -> None:
        """Write `first`, and `text` beside it. Its other lines begin at a column."""
        body = _style_text(text)
        lines: Iterable[rich.Text] = [body]
        if self._width is not None and body.plain:
            lines = body.wrap(self._console, max(self._width - column, 20))
        for number, line in enumerate(lines):
            line.rstrip()
            prefix = rich.Text(" " * column) if number else _style_text(first)
            self._console.print(rich.Text.assemble(prefix, line), soft_wrap=True)


def _style_text(text: Text) -> rich.Text:
    made = rich.Text(style=text.style)
    for part, style in text.parts:
        if isinstance(part, str):
            made.append(part, style or None)
        else:
            made.append(_style_text(part))
    return made
