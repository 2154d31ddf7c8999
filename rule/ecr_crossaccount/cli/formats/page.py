"""A page of text for a person, which every text format uses."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from typing import TextIO, TypeVar

from rich.console import Console
from rich.text import Text

from ...access.verdict import Severity

_WIDEST = 110
"""The most columns. Longer lines are hard to read, however wide the terminal is."""

_USUAL = 80
"""The columns of a terminal that does not report its width."""

_LEAD = re.compile(r" *(?:[+-] +)?")
"""The part of a line before its words: spaces, and a sign such as `+` or `-`."""

SEVERITIES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
}
"""The style of each severity."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError, so that the command chooses the exit status. By default, rich exits with a failure."""
        raise BrokenPipeError


def console(file: TextIO | None = None) -> Console:
    """Return a console that prints text unchanged, to standard output unless `file` is given."""
    made = _Console(file=file, highlight=False, markup=False, emoji=False)
    if made.width < 1:  # with COLUMNS=0, rich would print nothing
        made.width = _USUAL
    return made


class Page:
    """Lines on a console. They are wrapped with a hanging indent on a terminal, and unwrapped in a pipe."""

    def __init__(self, on: Console | None = None) -> None:
        self._console = on or console()
        self._width = min(self._console.width, _WIDEST) if self._console.is_terminal else None

    def line(self, text: Text | str = "", indent: int = 0) -> None:
        """Write `text`, indented by `indent` columns. Wrapped lines are aligned with its first word."""
        plain = text if isinstance(text, str) else text.plain
        lead = _LEAD.match(plain)
        self._write(Text(" " * indent), text, indent + (lead.end() if lead else 0))

    def verbatim(self, text: Text) -> None:
        """Write `text` unchanged, in one line."""
        self._console.print(text, soft_wrap=True)

    def labelled(self, label: str, text: Text | str, indent: int = 4, style: str = "dim") -> None:
        """Write `text` with `label` in the column before it."""
        column = indent + 10
        self._write(Text(" " * indent).append(label, style).append(" " * (10 - len(label))), text, column)

    def _write(self, first: Text, text: Text | str, column: int) -> None:
        body = Text(text) if isinstance(text, str) else text
        lines: Iterable[Text] = [body]
        if self._width is not None and body.plain:
            lines = body.wrap(self._console, max(self._width - column, 20))
        for number, line in enumerate(lines):
            line.rstrip()
            prefix = Text(" " * column) if number else first
            self._console.print(Text.assemble(prefix, line), soft_wrap=True)


_Told = TypeVar("_Told")


def rendered(told: _Told, show: Callable[[_Told, Page], None]) -> str:
    """Return what `show` writes, without color and without wrapping."""
    buffer = io.StringIO()
    show(told, Page(console(buffer)))
    return buffer.getvalue()
