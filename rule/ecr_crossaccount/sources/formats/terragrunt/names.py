"""What an expression of Terragrunt can name: the inputs of a unit, and functions, as far as known before it runs.

The inputs are its own, those of the files that it includes, and what may pass others.
https://terragrunt.gruntwork.io/docs/reference/hcl/functions/
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path

from ....documents.pattern import Hole, Holed, Text
from ....documents.pattern import text_of as joined_text
from ....memo import by_value
from ...files.files import File
from ...files.files import file_text as text_in
from ...files.values.nodes import Place, parts_of
from ...files.values.partial import Conditional, Value, text_of, ways
from ...found.context import Context
from ...reading.files import UnreadableError, is_file, is_folder, repository_of
from ..hcl import tree
from ..hcl.evaluate import attempt
from ..hcl.folders import Folder, join_path, normal, parent, source_of, value_files, values_in
from ..hcl.module import Module, World
from ..hcl.operators import FailedError, NoFileError, TooMuchError
from ..hcl.tree import Argument, Block, Budget, Expression, Scope, Source, Step, spell

_VALUE_FILES = frozenset({"required_var_files", "optional_var_files"})
_VALUES = re.compile(r"-var|TF_VAR|TF_CLI_ARGS|local\.|merge\(")
"""Signs that variables get values on the command line or in the environment, or may do so."""

Input = tuple[str, Argument] | str
"""A variable and its value, or what may give any variable a value."""


@by_value
class Configured:
    """What a file says: that of a unit, or one that it includes."""

    path: str
    source: Source

    def blocks(self, kind: str) -> Iterator[Block]:
        """Yield the blocks of a type."""
        return (block for block in self.source.blocks if block.type == kind)

    @property
    def locals(self) -> Mapping[str, Argument]:
        """The local values."""
        return {name: said for block in self.blocks("locals") for name, said in block.attributes.items()}

    @property
    def module(self) -> Argument | None:
        """The source of the module, if the file names one."""
        said = (block.attributes.get("source") for block in self.blocks("terraform"))
        return next((argument for argument in said if argument is not None), None)

    def extra(self) -> Iterator[str]:
        """Yield what may give variables other values than the inputs do."""
        yield from ("a block that is not understood" for _ in self.source.faults[:1])
        for block in (one for whole in self.blocks("terraform") for one in whole.inner("extra_arguments")):
            said = block.attributes
            texts = (said[name].source for name in ("arguments", "env_vars") if name in said)
            if not _VALUE_FILES.isdisjoint(said) or any(_VALUES.search(text) for text in texts):
                yield f"extra_arguments {' '.join(block.labels)}".rstrip()


def automatic_inputs(folder: str) -> Iterator[Input]:
    """Yield the variables in the files that Terraform loads automatically from the unit's folder."""
    for path in value_files(folder):
        try:
            yield from values_in(path).items()
        except UnreadableError:
            yield path


@by_value
class Given:
    """The inputs of a unit. `more`: what may pass others; `sure`: those that it does not change."""

    every: dict[str, Argument] = field(default_factory=dict)
    sure: dict[str, Argument] = field(default_factory=dict)
    more: list[str] = field(default_factory=list)
    _deep: set[str] = field(default_factory=set)

    def take(self, inputs: Iterable[Input], *, deep: bool = False) -> None:
        """Add inputs that override the earlier ones. `deep`: whether later ones are merged into them.

        https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#include
        """
        for one in inputs:
            if isinstance(one, str):
                self.more.append(one)
                self.sure.clear()
                continue
            name, said = one
            if name in self._deep and name in self.every:
                said = _merge_inputs(name, self.every[name], said)
            self.every[name] = self.sure[name] = said
            if deep:
                self._deep.add(name)


def literal_argument(value: Value, at: Place, source: str) -> Argument:
    """Return a value as an argument."""
    return Argument(tree.Literal(value), at, source)


def _merge_inputs(name: str, above: Argument, own: Argument) -> Argument:
    """Return an input that a deep merge gives to a unit."""
    first, last = (
        argument.expression.value if isinstance(argument.expression, tree.Literal) else None
        for argument in (above, own)
    )
    if isinstance(first, list) and isinstance(last, list):
        return literal_argument([*first, *last], own.at, own.source)
    simple = all(isinstance(one, (str, int, float)) for one in (first, last))
    return own if simple else literal_argument(Hole(f"inputs.{name}"), own.at, own.source)


_DEFAULT = "terragrunt.hcl"
_READ_FILES = frozenset({"file", "fileexists", "fileset", "templatefile"})


@by_value
class Run:
    """What the expressions of one unit share: the path of its file, and the functions that read files."""

    unit: str
    reader: Module
    read: dict[str, Names] = field(default_factory=dict)

    @staticmethod
    def for_unit(unit: str, context: Context) -> Run:
        """Return the run of a unit."""
        folder = normal(parent(unit))
        world = World(context, Budget(), folder, lambda *_: None)
        return Run(unit, Module(Folder(folder), world, {}))


@by_value
class Names:
    """The names in one file of a unit, and the functions.

    `here`: the path of the file whose folder is the working folder. `included`: the names in the files that it
    includes, by label.
    """

    run: Run
    own: Configured
    here: str
    included: Mapping[str, Names] = field(default_factory=dict)
    _known: dict[str, Value] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def texts(self, said: Argument) -> list[Text | Hole]:
        """Return the texts that an expression may have, as far as they are known. Paths are relative to the unit."""
        texts = (text_of(value) for _, value in ways(self._value(said.expression)))
        return [
            self._relative(text) if isinstance(text, (str, Holed, Hole)) else Hole(spell(said.expression))
            for text in texts
        ]

    def inputs(self) -> Iterator[Input]:
        """Yield the inputs. Later ones override earlier ones."""
        said = self.own.source.attributes.get("inputs")
        for one in self._objects(said.expression) if said is not None else ():
            if isinstance(one, tree.ObjectOf):
                for key, value in one.pairs:
                    name = text_of(self._value(key))
                    whole = literal_argument(self._value(value), _place(value, one.at), spell(value))
                    yield (name, whole) if isinstance(name, str) else spell(key)
                continue
            found = self._value(one)
            if not isinstance(found, Mapping) or any(isinstance(value, Conditional) for value in found.values()):
                yield spell(one)
            elif said is not None:
                yield from ((name, literal_argument(value, said.at, spell(one))) for name, value in found.items())

    def _objects(self, expression: Expression) -> Iterator[Expression]:
        """Yield the objects that are merged into one, in order."""
        if isinstance(expression, tree.Call) and expression.name == "merge" and not expression.expands:
            for argument in expression.arguments:
                yield from self._objects(argument)
            return
        name = spell(expression)
        said = self.own.locals.get(name.removeprefix("local.")) if name.startswith("local.") else None
        literal = said is not None and isinstance(said.expression, tree.ObjectOf)
        yield said.expression if said is not None and literal else expression

    def _value(self, expression: Expression) -> Value:
        try:
            return attempt(expression, Scope(self, self.run.reader.world.budget), Hole(spell(expression)))
        except TooMuchError:
            return Hole(spell(expression))

    # --- names ---

    def lookup(self, root: str, steps: tuple[Step, ...]) -> tuple[Value, tuple[Step, ...]]:
        """Return the value of a name and its first steps, and the remaining steps."""
        match root, steps:
            case "local", (tree.Attribute(name=name), *rest) if name in self.own.locals:
                return self._local(name), tuple(rest)
            case "include", (tree.Attribute(name=label), *rest) if label in self.included:
                return self.included[label].exposed_values(), tuple(rest)
            case "include", _ if "" in self.included:
                return self.included[""].exposed_values(), steps
        return Hole(root), steps

    def exposed_values(self) -> Mapping[str, Value]:
        """Return what another file sees of this one."""
        said = self.own.source.attributes.get("inputs")
        merged = next(self.own.blocks("include"), None) is not None
        inputs = {} if said is None else self._once("inputs", said.expression)
        return {
            "locals": {name: self._local(name) for name in self.own.locals},
            "inputs": Hole("inputs") if merged else inputs,
        }

    def _local(self, name: str) -> Value:
        return self._once(f"local.{name}", self.own.locals[name].expression)

    def _once(self, name: str, expression: Expression) -> Value:
        """Return a value. It is computed once, and is a hole if it depends on itself."""
        if name in self._open:
            return Hole(name)
        if name not in self._known:
            self._open.add(name)
            try:
                self._known[name] = self._value(expression)
            finally:
                self._open.discard(name)
        return self._known[name]

    # --- functions ---

    def call(self, name: str, arguments: list[Value], scope: Scope) -> Value:  # noqa: C901, PLR0911 - a table of functions
        """Return the result of a function. Raises FailedError."""
        match name:
            case "get_terragrunt_dir":
                return str(self._folder)
            case "get_original_terragrunt_dir":
                return str(_absolute(self.run.unit))
            case "get_parent_terragrunt_dir":
                return str(self._parent(arguments))
            case "path_relative_from_include":
                return os.path.relpath(self._parent(arguments), self._folder)
            case "path_relative_to_include":
                return os.path.relpath(self._folder, self._parent(arguments))
            case "find_in_parent_folders":
                return self._find_in_parents(arguments)
            case "get_repo_root":
                return str(self._root)
            case "get_path_to_repo_root":
                return os.path.relpath(self._root, self._folder)
            case "get_path_from_repo_root":
                return os.path.relpath(self._folder, self._root)
            case "read_terragrunt_config":
                return self._config(*arguments[:1])
        if name in _READ_FILES and arguments:
            arguments = [self._path_from_unit(arguments[0]), *arguments[1:]]
        return self.run.reader.call(name, arguments, scope)

    @property
    def _folder(self) -> Path:
        return _absolute(self.here)

    def _parent(self, arguments: list[Value]) -> Path:
        """Return the folder of the file that a label names, or of the first included one."""
        if self.own.path != self.run.unit or not self.included:
            return _absolute(self.own.path)
        label = str(arguments[0]) if arguments else next(iter(self.included))
        if label not in self.included:
            raise FailedError(f"nothing includes `{label}`")
        return _absolute(self.included[label].own.path)

    @property
    def _root(self) -> Path:
        found = repository_of(str(self._folder))
        if found is None:
            raise FailedError("no repository")
        return Path(found)

    def _find_in_parents(self, arguments: list[Value]) -> Value:
        """Return the nearest file with a name in the folders above."""
        name, *otherwise = arguments or [_DEFAULT]
        if not isinstance(name, str):
            return name
        above = (str(folder / name) for folder in self._folder.parents)
        found = next((text for text in above if is_file(text) or is_folder(text)), None)
        if found is None and not otherwise:
            raise FailedError(f"no `{name}` above")
        return otherwise[0] if found is None else str(found)

    def _config(self, path: Value) -> Value:
        """Return what another file of Terragrunt exposes. It is read in its own folder."""
        found = self._path_from_unit(path)
        if not isinstance(found, str):
            return Hole("read_terragrunt_config(…)")
        found = normal(join_path(parent(self.run.unit), found))
        if found not in self.run.read:
            own = read_configuration(found)
            if own is None or own.source.faults:
                raise NoFileError(found, "it cannot be read")
            self.run.read[found] = Names(self.run, own, found)
        return self.run.read[found].exposed_values()

    def _path_from_unit(self, path: Value) -> Value:
        """Return the path of a file that is read, relative to the unit: it is in the folder of this file, or there."""
        whole = text_of(path)
        text = self._relative(whole) if isinstance(whole, str) else whole
        if not isinstance(text, str) or text != whole:
            return text
        own = os.path.relpath(_absolute(self.own.path) / text, _absolute(self.run.unit))
        found = {one: None for one in (own, text) if is_file(join_path(parent(self.run.unit), one))}
        return Hole(f"file {text}") if len({*map(normal, found)}) > 1 else next(iter(found), text)

    def _relative(self, text: Text | Hole) -> Text | Hole:
        """Return a text whose absolute path at the beginning is relative to the unit."""
        first, *others = parts_of(text) or ("",)
        if not isinstance(first, str) or not first.startswith("/"):
            return text
        path, mark, below = first.partition("//")
        found = os.path.relpath(path, _absolute(self.run.unit)) + ("/" if path.endswith("/") else "")
        found = found if found.startswith(".") else f"./{found}"
        return joined_text([found + mark + below, *others])


def read_configuration(path: str) -> Configured | None:
    """Return a file of Terragrunt. None if it is not here, or cannot be read."""
    try:
        file = File(path, text_in(path), named=False)
    except UnreadableError:
        return None
    return Configured(path, source_of(file))


def _absolute(path: str) -> Path:
    """Return the folder of a file."""
    return Path(parent(path) or ".").resolve()


def _place(expression: Expression, otherwise: Place) -> Place:
    match expression:
        case tree.ObjectOf(at=at):
            return at
        case tree.Template(parts=(tree.Piece(at=at), *_)):
            return at
        case tree.ListOf(items=(first, *_)):
            return _place(first, otherwise)
    return otherwise
