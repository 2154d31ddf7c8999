"""Values of a task's arguments: `{{ … }}` of Jinja is a hole, unless the files here say what it is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ....documents.holes import Hole, Text
from ....documents.holes import text_of as joined
from ...files.files import File, file_text
from ...files.values.nodes import Fields, Node, parts_of, plain, scalar_text
from ...files.values.templated import braces, name_filled_in, name_of
from ...reading.files import UnreadableError, is_file
from .definitions import Definition, Level, Project, in_scope

_DEFAULT = r"\s*\|\s*(?:default|d)\(\s*(?:'([^']*)'|\"([^\"]*)\")\s*(?:,\s*true\s*)?\)"
_FILTERS = r"(?:\s*\|\s*(?:to_json|to_nice_json|from_json|string|trim|mandatory))*\s*"
_PATH = r"([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[\s*(?:\d+|'[^']*'|\"[^\"]*\")\s*\])*)"
_VARIABLE = re.compile(rf"\{{\{{-?\s*{_PATH}(?:{_DEFAULT})?{_FILTERS}-?\}}\}}")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[\s*(?:(\d+)|'([^']*)'|\"([^\"]*)\")\s*\]")
_LOOKUP = re.compile(
    rf"\s*\{{\{{\s*(?:lookup|query|q)\(\s*['\"](?:ansible\.builtin\.)?(file|template)['\"]\s*,"
    rf"\s*['\"]([^'\"]+)['\"]\s*\){_FILTERS}\}}\}}\s*"
)
_STATEMENT = re.compile(r"\{%|\{#")
_FOLDERS = {"file": "files", "template": "templates"}
_UNSAFE = "Fn::unsafe"
"""The name of the tag `!unsafe`, whose text has no variables."""

_MOST_STEPS = 10
_MOST_INSIDE = 3
"""The deepest nesting of variables in the values of variables, and inside of objects."""

_LONGEST = 65_536
"""The longest text that variables make, in characters. ECR takes policies of 10,240."""

Scoped = Mapping[str, tuple[Level, Node]]


@dataclass(frozen=True, slots=True)
class Known:
    """A value as far as it is known. `written`: the text in `file` that it comes from."""

    value: Node
    written: Node
    file: File


@dataclass(frozen=True, slots=True)
class Values:
    """A reader for the values of a task, in one world.

    `given`: the user's values for variables. `project`: what the files here say about variables. `assumed`: of a
    variable with several possible values, the number of the one that it has. `open`: receives those that have none.
    `used` and `followed`: lists that receive the variables and the files that a value comes from.
    """

    file: File
    variables: Scoped
    given: Mapping[str, str]
    project: Project
    assumed: Mapping[str, int] = field(default_factory=dict)
    open: dict[str, tuple[Definition, ...]] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)

    def known(self, written: Node) -> Known:
        """Return a value as far as it is known."""
        return self._known(Known(written, written, self.file), _MOST_STEPS)

    def _known(self, one: Known, steps: int) -> Known:
        written = one.written
        text = written.text
        if text is None:
            return Known(self._whole(written, one.file, steps), written, one.file)
        looked_up, named = _LOOKUP.fullmatch(text), _VARIABLE.fullmatch(text.strip())
        if looked_up:
            return self._lookup(one, looked_up[1], looked_up[2])
        value = self._variable(named) if named and steps else None
        if value is not None and value.value.value is not None:
            return self._known(value, steps - 1)
        return Known(Node(self._text(text, steps), written.line, written.column, written.block), written, one.file)

    # --- variables ---

    def _variable(self, found: re.Match[str]) -> Known | None:
        """Return the value of a variable, or of a part of it. None if it is not known."""
        name, path = found[1], found[2]
        default = next((one for one in (found[3], found[4]) if one is not None), None)
        if name in self.given:
            return _inside(Known(Node(self.given[name]), Node(self.given[name]), self.file), path)
        candidates = self._candidates(name, default)
        if not candidates:
            return None
        index = self.assumed.get(name) if len(candidates) > 1 else 0
        if index is None:
            self.open[name] = candidates
            return None
        chosen = candidates[index]
        if chosen.value is None:
            return None
        if chosen.level is not Level.LOOP:
            self.used.append(name)
        return _inside(Known(chosen.value, chosen.value, chosen.file), path)

    def _candidates(self, name: str, default: str | None) -> tuple[Definition, ...]:
        """Return the different values that a variable may have."""
        here = in_scope(self.variables, name, self.file)
        if default is not None:
            here.append(Definition(Level.DEFAULT, Node(default), self.file))
        found: list[Definition] = []
        for one in self.project.of(name, here):
            if all(_plain(one) != _plain(other) for other in found):
                found.append(one)
        return tuple(found)

    def _text(self, text: str, steps: int) -> Text | Hole:
        """Return a text with the values of its variables, and with holes for all other expressions."""
        if not steps or _STATEMENT.search(text) or len(text) > _LONGEST:
            return braces(text)
        parts: list[str | Hole] = []
        end = 0
        for found in _VARIABLE.finditer(text):
            value = self._variable(found)
            known = scalar_text(self._known(value, steps - 1).value.value) if value is not None else None  # type: ignore[arg-type]
            if known is None:
                continue
            parts += [*parts_of(braces(text[end : found.start()])), *parts_of(known)]
            end = found.end()
        made = joined([*parts, *parts_of(braces(text[end:]))]) if end else braces(text)
        return made if len(str(made)) <= _LONGEST else Hole(name_of(text))

    # --- objects ---

    def _whole(self, node: Node, file: File, steps: int) -> Node:
        """Return an object or a list with its variables filled in, and with holes."""
        left = min(steps - 1, _MOST_INSIDE)
        if left < 0:
            return node.but(Hole("…"))
        match node.value:
            case Fields(pairs=((name, value),)) if str(name.value).startswith("Fn::"):
                return value if name.value == _UNSAFE else node.but(Hole(str(name.value).removeprefix("Fn::")))
            case Fields() as fields:
                filled_in = name_filled_in(fields, braces)
                if filled_in is not None:
                    return node.but(Hole(filled_in))
                pairs = ((key, self._inner(value, file, left)) for key, value in fields.pairs)
                return node.but(Fields(tuple(pairs)))
            case tuple() as items:
                return node.but(tuple(self._inner(item, file, left) for item in items))
        return node

    def _inner(self, node: Node, file: File, steps: int) -> Node:
        if node.text is None:
            # Objects in objects are no step: only variables are.
            return self._whole(node, file, steps + 1)
        return self._known(Known(node, node, file), steps).value

    # --- files ---

    def _lookup(self, one: Known, kind: str, name: str) -> Known:
        """Return the content of a file that a lookup finds. A template has holes; a file is used unchanged."""
        paths = list(dict.fromkeys(map(os.path.realpath, self._paths(kind, name))))
        hole = Known(one.written.but(Hole(name_of(name))), one.written, one.file)
        if len(paths) != 1:
            return hole
        path = next(one for one in self._paths(kind, name) if os.path.realpath(one) == paths[0])
        try:
            text = file_text(path)
        except UnreadableError:
            return hole
        self.followed.append(path)
        node = Node(text)
        value = Node(self._text(text, _MOST_STEPS)) if kind == "template" else node
        return Known(value, node, File(path, text, named=False))

    def _paths(self, kind: str, name: str) -> Iterator[str]:
        """Yield where a file may be: beside the playbook, or in the folder for such files of playbook or role."""
        if Path(name).is_absolute() or "{{" in name:
            return
        here = os.path.dirname(self.file.name)  # noqa: PTH120 - keeps `./a` as the user wrote it
        for start in (here, os.path.join(here, _FOLDERS[kind]), os.path.join(here, "..", _FOLDERS[kind])):  # noqa: PTH118
            path = os.path.join(start, name)  # noqa: PTH118
            if is_file(path):
                yield path


def _plain(one: Definition) -> object:
    return None if one.value is None else (plain(one.value),)


def _inside(known: Known, path: str) -> Known | None:
    """Return the value at a path in a value, or None if it is not there, or comes from another expression."""
    node: Node | None = known.value
    for found in _STEP.finditer(path):
        if node is None:
            return None
        if found[2] is not None:
            node = node.items[int(found[2])] if int(found[2]) < len(node.items) else None
        else:
            node = node.get(next(one for one in (found[1], found[3], found[4]) if one is not None))
    return None if node is None else Known(node, node, known.file)
