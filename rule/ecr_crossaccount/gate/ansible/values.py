"""Values of a task's arguments: `{{ … }}` of Jinja is a hole, unless it names a variable of the file."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...policy.holes import Hole
from ...reading.files import UnreadableError
from ..files import File, text_of
from ..values.nodes import Fields, Node
from ..values.templated import braces, name_filled_in, name_of

_FILTERS = r"(?:\s*\|\s*(?:to_json|to_nice_json|from_json|string|trim))*\s*"
_NAME = re.compile(rf"\s*\{{\{{\s*([A-Za-z_]\w*){_FILTERS}\}}\}}\s*")
_LOOKUP = re.compile(
    rf"\s*\{{\{{\s*(?:lookup|query|q)\(\s*['\"](?:ansible\.builtin\.)?(file|template)['\"]\s*,"
    rf"\s*['\"]([^'\"]+)['\"]\s*\){_FILTERS}\}}\}}\s*"
)
_FOLDERS = {"file": "files", "template": "templates"}
_UNSAFE = "Fn::unsafe"
"""The name of the tag `!unsafe`, whose text has no variables."""

_MOST_STEPS = 10
"""The deepest nesting of variables in the values of variables."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value as far as it is known. `written`: the text in `file` that it comes from."""

    value: Node
    written: Node
    file: File


@dataclass(frozen=True, slots=True)
class Values:
    """A reader for the values of a task.

    `given`: the user's values for variables. `changed`: the variables whose values may change while the play runs.
    `used` and `followed`: lists that receive the variables and the files that a value comes from.
    """

    file: File
    variables: Mapping[str, Node]
    given: Mapping[str, str]
    changed: Collection[str]
    used: list[str]
    followed: list[str]

    def known(self, written: Node) -> Known:
        """Return a value as far as it is known."""
        return self._known(written, _MOST_STEPS)

    def _known(self, written: Node, steps: int) -> Known:
        text = written.text
        if text is None:
            return Known(self._whole(written), written, self.file)
        named, looked_up = _NAME.fullmatch(text), _LOOKUP.fullmatch(text)
        if looked_up:
            return self._file(written, looked_up[1], looked_up[2])
        value = self._variable(named[1]) if named and steps else None
        if value is not None and value.value is not None:
            return self._known(value, steps - 1)
        return Known(Node(braces(text), written.line, written.column, written.block), written, self.file)

    def _variable(self, name: str) -> Node | None:
        """Return the value of a variable; None if it may have another one."""
        if name in self.given:
            return Node(self.given[name])
        if name not in self.variables or name in self.changed or "*" in self.changed:
            return None
        self.used.append(name)
        return self.variables[name]

    def _whole(self, node: Node) -> Node:
        """Return an object or a list with its variables filled in, and with holes."""
        match node.value:
            case Fields(pairs=((name, value),)) if str(name.value).startswith("Fn::"):
                return value if name.value == _UNSAFE else node.but(Hole(str(name.value).removeprefix("Fn::")))
            case Fields() as fields:
                filled_in = name_filled_in(fields, braces)
                if filled_in is not None:
                    return node.but(Hole(filled_in))
                return node.but(Fields(tuple((key, self._known(value, 1).value) for key, value in fields.pairs)))
            case tuple() as items:
                return node.but(tuple(self._known(item, 1).value for item in items))
        return node

    def _file(self, written: Node, kind: str, name: str) -> Known:
        """Return the content of a file that a lookup finds. A template has holes; a file is used unchanged."""
        paths = list(dict.fromkeys(map(os.path.realpath, self._paths(kind, name))))
        hole = Known(written.but(Hole(name_of(name))), written, self.file)
        if len(paths) != 1:
            return hole
        path = next(one for one in self._paths(kind, name) if os.path.realpath(one) == paths[0])
        try:
            text = text_of(path)
        except UnreadableError:
            return hole
        self.followed.append(path)
        node = Node(text)
        return Known(Node(braces(text)) if kind == "template" else node, node, File(path, text, named=False))

    def _paths(self, kind: str, name: str) -> Iterator[str]:
        """Yield where a file may be: beside the playbook, or in the folder for such files of playbook or role."""
        if Path(name).is_absolute() or "{{" in name:
            return
        here = os.path.dirname(self.file.name)  # noqa: PTH120 - keeps `./a` as the user wrote it
        for start in (here, os.path.join(here, _FOLDERS[kind]), os.path.join(here, "..", _FOLDERS[kind])):  # noqa: PTH118
            path = os.path.join(start, name)  # noqa: PTH118
            if Path(path).is_file():
                yield path
