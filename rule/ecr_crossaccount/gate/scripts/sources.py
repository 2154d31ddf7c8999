"""Files whose content a script passes to a command: beside it, in the working folder, or written by the script."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...reading.files import UnreadableError, is_file
from ..files import text_of
from ..values.holed import parts_of
from ..values.places import Place
from ..values.templated import variables
from .words import Parts, Word

_FILE = re.compile(r"fileb?://")
_READS = re.compile(r"(?:fileb?://|(?<![\w-])cat\s+|<\s*)['\"]?[^\s'\"]*\Z")
"""The text before the name of a file that a script only reads."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a script. `text`: the script. `written`: the contents that it writes, by file name, with places.

    `followed`: the files that were read.
    """

    script: str
    text: str
    written: dict[str, list[tuple[Place, Parts]]] = field(default_factory=dict)
    followed: list[str] = field(default_factory=list)

    def content(self, name: str, used: Place) -> Parts | None:
        """Return the content of a file where it is used; None if it cannot be determined."""
        changes = [found for found in self._mentions(name) if not _READS.search(self.text, 0, found.start())]
        if changes:
            bodies = self.written.get(name, [])
            at, parts = bodies[0] if len(bodies) == len(changes) == 1 else (used, ())
            return parts if at.line < used.line else None
        paths = {os.path.realpath(path): path for path in self._paths(name)}
        return self._read(next(iter(paths.values()))) if len(paths) == 1 else None

    def _mentions(self, name: str) -> Iterator[re.Match[str]]:
        return re.finditer(rf"(?<![\w.-]){re.escape(Path(name).name)}(?![\w-])", self.text)

    def _paths(self, name: str) -> Iterator[str]:
        """Yield where a file may be: beside the script, or below the working folder."""
        # An absolute path is one of the machine that runs the script.
        if Path(name).is_absolute():
            return
        beside = os.path.dirname(self.script)  # noqa: PTH120 - keeps `./a` as the user wrote it
        for path in (os.path.join(beside, name), name):  # noqa: PTH118 - the same reason
            if is_file(path):
                yield path

    def _read(self, path: str) -> Parts | None:
        try:
            text = text_of(path)
        except UnreadableError:
            return None
        self.followed.append(path)
        value = variables(text)
        return ((text, Place(path)),) if isinstance(value, str) else tuple((part, None) for part in parts_of(value))


def read_in(word: Word, sources: Sources) -> Word | None:
    """Return a word, or the content of the file for `file://NAME`. None if it cannot be determined."""
    found = _FILE.match(word.start)
    if found is None:
        return None if word.start.startswith(("http://", "https://")) else word
    name = word.after(found.end()).text
    parts = sources.content(name, word.at) if name else None
    return Word(parts, next((at for _, at in parts if at is not None), word.at)) if parts else None
