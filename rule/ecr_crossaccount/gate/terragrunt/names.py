"""The names and functions of Terragrunt in an expression, as far as they are known before it runs.

https://terragrunt.gruntwork.io/docs/reference/hcl/functions/
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...policy.holes import Hole, Holed, Text
from ...reading.bounds import repository_of
from ...reading.files import is_file, is_folder
from ..hcl import functions, tree
from ..hcl.errors import FailedError
from ..hcl.evaluate import value_of
from ..hcl.naming import spelled
from ..hcl.paths import parent
from ..hcl.scope import Budget, Scope
from ..hcl.tree import Argument, Step
from ..values.partial import Value, text_of
from ..values.ways import ways

_DEFAULT = "terragrunt.hcl"


@dataclass(frozen=True, slots=True)
class Names:
    """The names in one file of a unit, and the functions, whose paths are relative to the unit's folder.

    `unit`: the path of the unit's own file. `file`: that of the file with the expression. `included`: the names in the
    files that it includes, by label.
    """

    unit: str
    file: str
    locals: Mapping[str, Argument]
    included: Mapping[str, Names] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def texts(self, said: Argument) -> list[Text | Hole]:
        """Return the texts that an expression may have, as far as they are known."""
        texts = (text_of(value) for _, value in ways(self._value(said)))
        return [one if isinstance(one, (str, Holed, Hole)) else Hole(spelled(said.expression)) for one in texts]

    def _value(self, said: Argument) -> Value:
        return value_of(said, Scope(self, Budget()))

    def lookup(self, root: str, steps: tuple[Step, ...]) -> tuple[Value, tuple[Step, ...]]:
        """Return the value of a name and its first steps, and the remaining steps."""
        match root, steps:
            case "local", (tree.Attribute(name=name), *rest) if name in self.locals and name not in self._open:
                self._open.add(name)
                try:
                    return self._value(self.locals[name]), tuple(rest)
                finally:
                    self._open.discard(name)
            case "include", (tree.Attribute(name=label), tree.Attribute(name="locals"), *rest) if (
                label in self.included
            ):
                return self.included[label].lookup("local", tuple(rest))
        return Hole(root), steps

    def call(self, name: str, arguments: list[Value], scope: Scope) -> Value:  # noqa: ARG002, PLR0911 - a table of functions
        """Return the result of a function. Raises FailedError."""
        match name:
            case "get_terragrunt_dir" | "get_original_terragrunt_dir":
                return "."
            case "get_parent_terragrunt_dir":
                return self._relative(self._parent(arguments))
            case "path_relative_from_include":
                return self._relative(self._parent(arguments)).removeprefix("./")
            case "path_relative_to_include":
                return os.path.relpath(self._here, self._parent(arguments))
            case "find_in_parent_folders":
                return self._above(arguments)
            case "get_repo_root" | "get_path_to_repo_root":
                return self._relative(self._root)
            case "get_path_from_repo_root":
                return os.path.relpath(self._here, self._root)
        return functions.call(name, arguments)

    @property
    def _here(self) -> Path:
        return Path(parent(self.unit) or ".").resolve()

    def _parent(self, arguments: list[Value]) -> Path:
        """Return the folder of the file that a label names, or of the first included one."""
        if self.file != self.unit or not self.included:
            return Path(parent(self.file) or ".").resolve()
        label = str(arguments[0]) if arguments else next(iter(self.included))
        if label not in self.included:
            raise FailedError(f"nothing includes `{label}`")
        return Path(parent(self.included[label].file) or ".").resolve()

    @property
    def _root(self) -> Path:
        found = repository_of(str(self._here))
        if found is None:
            raise FailedError("no repository")
        return Path(found)

    def _above(self, arguments: list[Value]) -> Value:
        """Return the nearest file with a name in the folders above."""
        name, *otherwise = arguments or [_DEFAULT]
        if not isinstance(name, str):
            return name
        found = next((one for folder in self._here.parents for one in [folder / name] if _is_here(str(one))), None)
        if found is None and not otherwise:
            raise FailedError(f"no `{name}` above")
        return otherwise[0] if found is None else self._relative(found)

    def _relative(self, path: Path) -> str:
        found = os.path.relpath(path, self._here)
        return found if found.startswith(".") else f"./{found}"


def _is_here(path: str) -> bool:
    return is_file(path) or is_folder(path)
