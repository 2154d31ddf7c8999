"""Where the variables of a task get their values: files of variables, roles, and the plays that run them.

https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_variables.html#understanding-variable-precedence
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, auto
from functools import cached_property
from pathlib import Path

from ....documents.json import BadJsonError
from ....memo import by_value
from ...files.files import File, file_text
from ...files.included import included_by
from ...files.values.documents import documents_of
from ...files.values.nodes import Node
from ...reading.files import UnreadableError, files_like, is_file, is_folder, list_folder
from ...reading.yaml_events import BadYamlError

_OF_ROLES = frozenset({"tasks", "handlers"})
_OF_PLAYS = frozenset({"playbooks", "plays", "tasks"})
_INVENTORY = frozenset({"group_vars", "host_vars"})
_OF_CALLERS = ("roles/*/tasks/", "", "playbooks/", "plays/", "tasks/")
"""The folders of a project with files that may run others."""
_ENDINGS = (".yml", ".yaml", ".json", "")
_MOST_BELOW = 4
_MOST_FILES = 300
"""The levels of folders that are searched for variables, and the most files that are read for one file."""

_ANY = "*"
_OF_ROLE_ENTRIES = frozenset({"role", "name", "tags", "when", "become", "become_user", "delegate_to", "vars"})


class Level(IntEnum):
    """The precedence of a definition, the highest last."""

    DEFAULT = auto()
    INVENTORY = auto()
    PLAY = auto()
    PLAY_FILE = auto()
    ROLE = auto()
    TASK = auto()
    RUN = auto()
    """What tasks set while they run, and what they pass."""
    LOOP = auto()


@by_value
class Definition:
    """A value that a variable may have. `value` is None if it is not known. `certain`: whether it always applies."""

    level: Level
    value: Node | None
    file: File
    certain: bool = False

    @property
    def where(self) -> str:
        """The place in words."""
        return self.file.name


Found = dict[str, list[Definition]]
"""The definitions by name, `*` for those of any name."""


@dataclass(frozen=True)
class Project:
    """The definitions of variables in the files around a file with tasks. `roots`: the documents of that file."""

    file: File
    roots: tuple[Node, ...] = ()
    _read: dict[str, tuple[File, tuple[Node, ...]]] = field(default_factory=dict)

    def definitions_of(self, name: str, here: Iterable[Definition]) -> list[Definition]:
        """Return what a variable may be: what certainly applies, and what may take precedence over it.

        `here`: what the task itself, its blocks and its play say.
        """
        every = [*here, *self._found.get(name, ()), *self._found.get(_ANY, ())]
        certain = max((one.level for one in every if one.certain), default=None)
        if certain is None:
            return every
        # Of two that always apply on one level, the last is the nearest.
        (*_, nearest) = (one for one in every if one.certain and one.level == certain)
        return [nearest, *(one for one in every if one.level > certain)]

    @property
    def texts(self) -> Iterator[str]:
        """The texts of the files that have been read."""
        yield self.file.text
        yield from (file.text for file, _ in self._read.values())

    @cached_property
    def _found(self) -> Found:
        found: Found = {}
        for name, one in self._definitions():
            found.setdefault(name, []).append(one)
        return found

    def _definitions(self) -> Iterator[tuple[str, Definition]]:
        yield from self._changes(self.file, self.roots)
        yield from self._inventories()
        role = _role_of(self.file.name)
        if role is not None:
            yield from self._of_role(role, certain=True)
        for name in self._roles():
            yield from self._of_role(name, certain=False)
        for file, roots in self._others():
            yield from self._changes(file, roots)
            for root in roots:
                yield from _said_by(file, root)
        if len(self._read) > _MOST_FILES:
            yield _ANY, Definition(Level.RUN, None, self.file)

    # --- files of variables ---

    def _inventories(self) -> Iterator[tuple[str, Definition]]:
        for folder in _folders_below(_root_of(self.file.name), _MOST_BELOW):
            for path in sorted(text for text in files_like(folder, "**/*") if Path(text).suffix in _ENDINGS):
                yield from self._variables(path, Level.INVENTORY)

    def _of_role(self, role: str, *, certain: bool) -> Iterator[tuple[str, Definition]]:
        for part, level in (("defaults", Level.DEFAULT), ("vars", Level.ROLE)):
            for path in sorted(map(Path, files_like(os.path.join(role, part), "**/*"))):  # noqa: PTH118 - as written
                is_main = path.stem == "main" or path.parent.name == "main"
                # The other files of a role's variables are those that it includes.
                there = level if is_main or part == "defaults" else Level.RUN
                yield from self._variables(str(path), there, certain=certain and is_main)

    def _variables(self, path: str, level: Level, *, certain: bool = False) -> Iterator[tuple[str, Definition]]:
        file, roots = self._content(path)
        for root in roots:
            for name, value in root.fields:
                yield name, Definition(level, value, file, certain)

    def _content(self, path: str) -> tuple[File, tuple[Node, ...]]:
        """Return a file and its documents, none if it cannot be read, as if an inventory elsewhere had them."""
        if path not in self._read:
            self._read[path] = File(path, "", named=False), ()
            if len(self._read) <= _MOST_FILES:
                try:
                    file = File(path, file_text(path), named=False)
                    self._read[path] = file, documents_of(path, file.text)
                except (UnreadableError, BadJsonError, BadYamlError):
                    pass
        return self._read[path]

    # --- plays, and other tasks ---

    def _roles(self) -> Iterator[str]:
        """Yield the folders of the roles that the file runs."""
        for root in self.roots:
            for name in _role_names(root):
                for start in (_root_of(self.file.name), os.path.dirname(self.file.name)):  # noqa: PTH120 - as written
                    role = os.path.join(start, "roles", name)  # noqa: PTH118 - the same reason
                    if is_folder(role):
                        yield role
                        break

    def _others(self) -> Iterator[tuple[File, tuple[Node, ...]]]:
        """Yield the files that run this one, and the tasks that it includes."""
        own = os.path.realpath(self.file.name)
        seen = {own}
        for path in (*_callers_of(self.file.name), *included_by([self.file.name]).files):
            if os.path.realpath(path) not in seen:
                seen.add(os.path.realpath(path))
                yield self._content(path)

    def _changes(self, file: File, roots: Iterable[Node]) -> Iterator[tuple[str, Definition]]:
        """Yield what tasks set while they run, and the variables of files that they include."""
        for root in roots:
            yield from self._changed_variables(file, root)

    def _changed_variables(self, file: File, node: Node) -> Iterator[tuple[str, Definition]]:
        for name, value in node.fields:
            short = name.rpartition(".")[2]
            if short == "set_fact":
                yield from ((one, Definition(Level.RUN, None, file)) for one, _ in value.fields or ((_ANY, value),))
            elif short == "include_vars":
                yield from self._included_variables(file, value.get("file") or value, Level.RUN)
            elif name == "vars_prompt":
                yield from ((text, Definition(Level.PLAY_FILE, None, file)) for text in _prompt_names(value))
            elif name == "vars_files":
                for one in value.items:
                    yield from self._included_variables(file, one, Level.PLAY_FILE)
            elif name == "register" and value.text is not None:
                yield value.text, Definition(Level.RUN, None, file)
            else:
                yield from self._changed_variables(file, value)
        for item in node.items:
            yield from self._changed_variables(file, item)

    def _included_variables(self, file: File, written: Node, level: Level) -> Iterator[tuple[str, Definition]]:
        """Yield the variables of an included file, or those of any name if it is not here."""
        for item in written.items or (written,):
            paths = list(_paths(file.name, item.text)) if item.text and "{{" not in item.text else []
            for path in paths:
                yield from self._variables(path, level)
            if not paths:
                yield _ANY, Definition(level, None, file)


def _prompt_names(value: Node) -> Iterator[str]:
    for item in value.items:
        yield item.find("name").text or _ANY
    if not value.items:
        yield _ANY


def _paths(file: str, name: str) -> Iterator[str]:
    """Yield where a file of variables may be: beside the tasks, or in `vars` of the play or the role."""
    here = os.path.dirname(file)  # noqa: PTH120 - keeps `./a` as the user wrote it
    for start in (here, os.path.join(here, "vars"), os.path.join(here, "..", "vars"), os.path.join(here, "..")):  # noqa: PTH118
        path = os.path.join(start, name)  # noqa: PTH118
        if not Path(name).is_absolute() and is_file(path):
            yield path
            return


def _said_by(file: File, node: Node) -> Iterator[tuple[str, Definition]]:
    """Yield the variables that another file defines for its plays, or passes to roles and tasks."""
    variables = node.get("vars")
    level = Level.PLAY if node.get("hosts") is not None else Level.RUN
    if variables is not None:
        yield from ((name, Definition(level, value, file)) for name, value in variables.fields)
    for name, value in node.fields:
        if name == "roles":
            for one in value.items:
                passed = (pair for pair in one.fields if pair[0] not in _OF_ROLE_ENTRIES)
                yield from ((key, Definition(Level.RUN, said, file)) for key, said in passed)
                yield from _said_by(file, one)
        elif name not in ("vars", "module_defaults"):
            yield from _said_by(file, value)
    for item in node.items:
        yield from _said_by(file, item)


def _role_names(node: Node) -> Iterator[str]:
    for name, value in node.fields:
        if name == "roles":
            for one in value.items:
                named = one if one.text is not None else one.get("role") or one.find("name")
                if named.text is not None:
                    yield named.text
        elif name.rpartition(".")[2] in ("import_role", "include_role"):
            named = value.find("name")
            if named.text is not None:
                yield named.text
        else:
            yield from _role_names(value)
    for item in node.items:
        yield from _role_names(item)


# --- folders ---


def _role_of(file: str) -> str | None:
    """Return the folder of the role that a file of tasks belongs to, or None."""
    folder = Path(file).parent
    return str(folder.parent) if folder.name in _OF_ROLES and folder.parent.parent.name == "roles" else None


def _root_of(file: str) -> str:
    """Return the folder of the project that a file belongs to."""
    role, folder = _role_of(file), Path(file).parent
    if role is not None:
        return str(Path(role).parent.parent)
    return str(folder.parent) if folder.name in _OF_PLAYS else str(folder)


def _folders_below(folder: str, levels: int) -> Iterator[str]:
    """Yield the folders with variables of an inventory, in order."""
    try:
        inside = list_folder(folder)
    except OSError:
        return
    for name in inside:
        one = os.path.join(folder, name)  # noqa: PTH118 - keeps `./a` as the user wrote it
        if name in _INVENTORY:
            yield one
        elif levels and not name.startswith("."):
            yield from _folders_below(one, levels - 1)


def _callers_of(file: str) -> Iterator[str]:
    """Yield the files that mention the role of a file, or the file itself."""
    role, root = _role_of(file), _root_of(file)
    called = Path(role or file).name
    sign = re.compile(rf"(?<![\w.-]){re.escape(called)}(?![\w-])")
    found = (path for start in _OF_CALLERS for path in files_like(root, f"{start}*.y*ml"))
    for path in sorted({*found}):
        try:
            text = file_text(path)
        except UnreadableError:
            continue
        if sign.search(text):
            yield path


def in_scope(variables: Mapping[str, tuple[Level, Node]], name: str, file: File) -> list[Definition]:
    """Return what the task itself, its blocks and its play say about a variable."""
    found = variables.get(name)
    return [] if found is None else [Definition(found[0], found[1], file, certain=True)]
