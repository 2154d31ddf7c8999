"""The variables of the Serverless Framework: their places in a text, their parts, and the files that they name.

https://www.serverless.com/framework/docs/guides/variables
https://www.serverless.com/framework/docs/guides/variables#reference-properties-in-other-files
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import field

from ....documents.json import BadJsonError
from ....documents.pattern import Hole, Holed, Text, text_of
from ....memo import by_value
from ...files.files import file_text
from ...files.values.documents import documents_of
from ...files.values.nodes import Fields, Node, parts_of
from ...reading.files import UnreadableError, is_file, list_folder
from ...reading.yaml_events import BadYamlError

_START = re.compile(r"\$\{\s*(?:[a-z][a-zA-Z0-9]*(?:\(|:(?!:))|\$\{)")
"""The beginning of a variable of the framework. `${Name}` and `${AWS::Region}` are CloudFormation's."""
_OF_IAM = re.compile(r"\$\{\s*aws:[A-Z]")
FILE = re.compile(r"file\((.*)\)(?:\s*:\s*(.*))?", re.DOTALL)
"""A source that is a file, perhaps with the address of a value in it."""
_MARKED = r"\$\{\s*(?:self|opt|sls|param|file|env|ssm|cf|s3)[:(]"
_NAMES = r"\b[a-z][a-zA-Z0-9]*:[\w./~-]+"
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
STAGE = "opt:stage"
"""The option for the stage of a deployment."""


def is_marked(text: str) -> bool:
    """Return whether a text has variables of the framework."""
    return re.search(_MARKED, text) is not None


def names_in(text: str) -> tuple[str, ...]:
    """Return the names of the variables in a text, such as `opt:stage`. The user can give their values."""
    return (*dict.fromkeys(re.findall(_NAMES, text)), STAGE) if is_marked(text) else ()


def plain_name(name: str) -> str:
    """Return the name of an input without its default."""
    return name.partition(",")[0]


def alone(text: str) -> str | None:
    """Return the content of a text that is one variable, or None."""
    text = text.strip()
    spans = list(variables_in(text))
    return text[2:-1] if spans == [(0, len(text))] else None


def variables_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each variable of a text begins and ends. Variables inside others are not among them."""
    here = 0
    while found := _START.search(text, here):
        here = found.end()
        if _OF_IAM.match(text, found.start()):
            continue
        end = _end(text, found.start() + 2)
        if end is None:
            return
        here = end
        yield found.start(), end


def _end(text: str, start: int) -> int | None:
    """Return the end of a variable whose content begins at `start`; None if it has none."""
    depth, here = 1, start
    while here < len(text):
        quoted = _QUOTED.match(text, here) if depth == 1 else None
        if quoted:
            here = quoted.end()
            continue
        depth += text.startswith("${", here) - (text[here] == "}")
        here += 1
        if not depth:
            return here
    return None


def sources_of(inner: str) -> Iterator[str]:
    """Yield the sources of a variable, which commas separate."""
    depth, begin, here = 0, 0, 0
    while here < len(inner):
        quoted = _QUOTED.match(inner, here)
        if quoted:
            here = quoted.end()
            continue
        depth += (inner[here] in "({") - (inner[here] in ")}")
        if inner[here] == "," and not depth:
            yield inner[begin:here].strip()
            begin = here + 1
        here += 1
    yield inner[begin:].strip()


def pieces_of(text: Text, separator: str) -> list[Text | Hole]:
    """Return the pieces of a text between separators."""
    pieces: list[list[str | Hole]] = [[]]
    for part in parts_of(text):
        first, *others = part.split(separator) if isinstance(part, str) else (part,)
        pieces[-1].append(first)
        pieces += [[one] for one in others]
    found = [text_of(piece) for piece in pieces]
    return [one.parts[0] if isinstance(one, Holed) and len(one.parts) == 1 else one for one in found]


def steps_of(path: Text) -> list[Text | Hole]:
    """Return the names in a path."""
    return [piece.strip() if isinstance(piece, str) else piece for piece in pieces_of(path, ".")]


def members_of(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the fields of an object, or the items of a list by their index."""
    yield from node.fields
    yield from ((str(number), item) for number, item in enumerate(node.items))


def member(node: Node, step: str) -> Node | None:
    """Return a field of an object or an item of a list, or None."""
    if step.isdecimal() and node.items:
        return node.items[int(step)] if int(step) < len(node.items) else None
    return node.get(step)


def may_have(node: Node | None, steps: Sequence[Text | Hole]) -> bool:
    """Return whether a value may have something at a path."""
    for step in steps:
        if node is None or not isinstance(step, str) or not isinstance(node.value, (Fields, tuple)):
            return node is not None and (node.text is None or is_marked(node.text) or not isinstance(step, str))
        node = member(node, step)
    return node is not None and node.value is not None


_DATA = (".yml", ".yaml", ".json", ".tfstate")
"""The endings of files that the framework reads as data. It runs programs, and takes other files as text."""
_PROGRAMS = (".js", ".cjs", ".mjs", ".ts")


@by_value
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
            return list_folder(os.path.join(self.folder, folder))  # noqa: PTH118 - the same reason
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
