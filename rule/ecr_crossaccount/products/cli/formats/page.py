"""A page of text for a person, which every text format uses."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sized
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from ....judgement.values.verdict import Severity
from ....sources.check.provenance import Provenance
from ..base.program import visible
from .text import Text

if TYPE_CHECKING:
    from .terminal import Terminal

_LEAD = re.compile(r" *(?:[+-] +)?")
"""The part of a line before its words: spaces, and a sign such as `+` or `-`."""

SEVERITIES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
}
"""The style of each severity."""


_FORCING = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
"""The variables with which a user tells rich that the output is a terminal."""


class Page:
    """Lines on a terminal, or in a pipe or a file, where they have neither colors nor wrapped lines."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file or sys.stdout
        self._is_plain = not (self._file.isatty() or any(map(os.environ.get, _FORCING)))

    def line(self, text: Text | str = "", indent: int = 0) -> None:
        """Write `text`, indented by `indent` columns. Wrapped lines are aligned with its first word."""
        body = Text(text) if isinstance(text, str) else text
        lead = _LEAD.match(body.plain)
        self._write(Text(" " * indent), body, indent + (lead.end() if lead else 0))

    def verbatim(self, text: Text) -> None:
        """Write `text` unchanged, in one line."""
        if not self._has_written(text.plain):
            self._terminal.verbatim(text)

    def field(self, label: str, text: Text | str, indent: int = 4, style: str = "dim") -> None:
        """Write `text` with `label` in the column before it."""
        body = Text(text) if isinstance(text, str) else text
        self._write(Text(" " * indent).append(label, style).append(" " * (10 - len(label))), body, indent + 10)

    def trust(self, provenance: Provenance, about: Sized) -> None:
        """Write which trust decided a report, unless it is about nothing."""
        if about:
            self.line(Text(f"{'trust':10}", "dim").append(visible(provenance.trust), ""))

    def _write(self, first: Text, text: Text, column: int) -> None:
        if not self._has_written(first.plain + text.plain.rstrip()):
            self._terminal.write(first, text, column)

    def _has_written(self, line: str) -> bool:
        """Write a line, unless it needs a terminal or rich, which takes longer. Return whether it was written."""
        is_usual = self._is_plain and line.isprintable()
        if is_usual:
            self._file.write(f"{line}\n")
            self._file.flush()
        return is_usual

    @cached_property
    def _terminal(self) -> Terminal:
        from .terminal import Terminal

        return Terminal(self._file)
