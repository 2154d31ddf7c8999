"""Places in files, and the one value that each deployment has for itself."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from ....documents.holes import Hole

REGION = Hole("AWS::Region")
"""The Region of the deployment if it is unknown. In the Resource of a registry policy it is the registry's own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file. The file is as the user names it; line and column are counted from 1."""

    file: str
    line: int = 1
    column: int = 1


class Lines:
    """The lines of a text. They are counted once, for any number of places in it."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, index: int) -> tuple[int, int]:
        """Return the line and column of a character, counted from 1."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1
