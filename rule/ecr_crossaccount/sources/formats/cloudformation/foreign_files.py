"""The files that the variables of the Serverless Framework name.

https://www.serverless.com/framework/docs/guides/variables#reference-properties-in-other-files
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ....documents.json_grammar import BadJsonError
from ...files.files import file_text
from ...files.values.documents import documents_of
from ...files.values.nodes import Node
from ...reading.files import UnreadableError, is_file, listed
from ...reading.yaml_events import BadYamlError
from .foreign_syntax import FILE

_DATA = (".yml", ".yaml", ".json", ".tfstate")
"""The endings of files that the framework reads as data. It runs programs, and takes other files as text."""
_PROGRAMS = (".js", ".cjs", ".mjs", ".ts")


@dataclass(frozen=True, slots=True)
class Outer:
    """The whole document that contains a template, and its file.

    `folder`: the folder of the service, which contains the files that variables may name. None if the document is not
    a service. `files`: the files that were read. `followed`: the files that are judged as part of this one.
    """

    root: Node
    file: str
    folder: str | None = None
    files: dict[str, Node | None] = field(default_factory=dict)
    followed: list[str] = field(default_factory=list)

    def path(self, name: str) -> str | None:
        """Return the file with a name, from the folder of the service. None if there is none that may be read."""
        if self.folder is None or "\0" in name:
            return None
        path = os.path.join(self.folder, name)  # noqa: PTH118 - keeps `./a` as the user wrote it
        return path if is_file(path) else None

    def names_in(self, folder: str) -> tuple[str, ...]:
        """Return the names of the files in a folder below that of the service. Empty if it cannot be listed."""
        if self.folder is None:
            return ()
        try:
            return listed(os.path.join(self.folder, folder))  # noqa: PTH118 - the same reason
        except (OSError, ValueError):
            return ()

    def content(self, path: str) -> Node | None:
        """Return the content of a file, or None if it cannot be read as data or text."""
        if path not in self.files:
            self.files[path] = _read(path)
        return self.files[path]


def _read(path: str) -> Node | None:
    if path.lower().endswith(_PROGRAMS):
        return None
    try:
        text = file_text(path)
        if not path.lower().endswith(_DATA):
            return Node(text)
        roots = documents_of(path, text)
    except (UnreadableError, BadJsonError, BadYamlError):
        return None
    return roots[0] if len(roots) == 1 else None


def program_of(source: str) -> str | None:
    """Return the name of the program that a source runs, or None for another source."""
    found = FILE.fullmatch(source)
    name = found[1].strip().strip("'\"") if found else ""
    return name if name.lower().endswith(_PROGRAMS) else None
