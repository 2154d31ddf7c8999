"""From a Terragrunt unit to the policies of the module that it calls, and of the sources that it generates.

https://terragrunt.gruntwork.io/docs/reference/hcl/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ...reading.files import UnreadableError
from ..context import Context
from ..files import File, text_of
from ..found import Harvest, Unjudged
from ..hcl import tree
from ..hcl.alone import read_alone
from ..hcl.called import called
from ..hcl.folders import source_of, value_files, values_in
from ..hcl.grammar import read_expression
from ..hcl.json_source import is_json_source
from ..hcl.mentions import mentioned
from ..hcl.naming import spelled
from ..hcl.paths import joined, parent
from ..hcl.tree import Argument, Block, Source
from ..values.places import Place

_DIRECTORY = "get_terragrunt_dir"
_ROOT = "get_repo_root"
_DEFAULT = "terragrunt.hcl"
_PLAN = "check the plan, `terragrunt show -json`"
_NO_SOURCE = f"the source of its module, `{{}}`, is not known before it runs: {_PLAN}"
_MORE = f"`{{}}` may pass more inputs than are read here: {_PLAN}"
_GENERATED = f"the source that it generates is not known before it runs: {_PLAN}"
_JSON = f"Terragrunt in JSON is not read: {_PLAN}"
_STACKED = f"what the {{}} `{{}}` makes is not read: {_PLAN}"
_ECR = re.compile(r"ecr", re.IGNORECASE)
_UNIT = re.compile(r"ecr|^\s*(?:inputs\s*=|terraform\s*\{|include\b)", re.IGNORECASE | re.MULTILINE)
"""A Terragrunt unit, or ECR in an HCL file of any other program."""

_VALUE_FILES = frozenset({"required_var_files", "optional_var_files"})
_VALUES = re.compile(r"-var|TF_VAR|TF_CLI_ARGS|local\.|merge\(")
"""Signs that variables get values on the command line or in the environment, or may do so."""

_HERE = "here.unknown"
_MOST_STEPS = 10
"""The deepest nesting of locals in the values of locals."""


def read_unit(file: File, context: Context) -> Harvest:
    """Return what a Terragrunt file holds. A file in JSON is not read, and is reported."""
    if is_json_source(file.name):
        at = Unjudged(file.name, 1, 1, "terragrunt", _JSON)
        return Harvest(unjudged=(at,) if _ECR.search(file.text) else ())
    source = source_of(file)
    return _Unit(file, source, context).harvest()


@dataclass(frozen=True, slots=True)
class _Unit:
    file: File
    source: Source
    context: Context

    def harvest(self) -> Harvest:
        faults = self.source.faults if _UNIT.search(self.file.text) else ()
        broken = (self._unjudged(Place(self.file.name, line, column), reason) for line, column, reason in faults[:1])
        run = Harvest(unjudged=tuple(mentioned(self.file)))
        return Harvest.of([*broken, run, *self._stacked(), *self._generated(), self._module()])

    def _stacked(self) -> Iterator[Harvest]:
        """Yield the results for the units of a stack that mention ECR. Each unit is a folder of its own."""
        for block in (*self._blocks("unit"), *self._blocks("stack")):
            said = " ".join((*block.labels, *(one.source for one in block.attributes.values())))
            if _ECR.search(said):
                yield self._unjudged(block.at, _STACKED.format(block.type, " ".join(block.labels)))

    def _unjudged(self, at: Place, reason: str) -> Harvest:
        return Harvest(unjudged=(Unjudged(at.file, at.line, at.column, "terragrunt", reason),))

    def _blocks(self, kind: str) -> Iterator[Block]:
        return (block for block in self.source.blocks if block.type == kind)

    @property
    def _locals(self) -> Mapping[str, Argument]:
        return {name: said for block in self._blocks("locals") for name, said in block.attributes.items()}

    # --- the module ---

    def _module(self) -> Harvest:
        """Return what the module of the unit makes with the unit's inputs."""
        included = [self._included(block) for block in self._blocks("include")]
        parents = [one for one in included if isinstance(one, _Unit)]
        unknown = [_MORE.format(one) for one in included if isinstance(one, str)]
        said = next((one for unit in (self, *parents) for one in unit._sources()), None)  # noqa: SLF001 - of the same class
        arguments: dict[str, Argument] = {}
        unknown += [_MORE.format(one) for unit in (*parents, self) for one in unit._handing_in()]  # noqa: SLF001 - of the same class
        for unit in (*parents, self):
            given, doubts = unit._inputs()  # noqa: SLF001 - of the same class
            arguments |= given if unit is self else {name: _foreign(one) for name, one in given.items()}
            unknown += doubts
        # These files are beside the module's sources when it runs, and override the inputs.
        arguments |= self._values_beside()
        unknown += [_MORE.format(one) for one in self._closed()]
        if said is None:
            here = self._is_unit(included) and self._has_sources()
            return self._called(".", arguments, unknown, Place(self.file.name)) if here else self._lost(included)
        text = self._text(said)
        if text is not None:
            return self._called(text, arguments, unknown, said.at)
        return self._unjudged(said.at, _NO_SOURCE.format(said.source)) if _ECR.search(self.file.text) else Harvest()

    def _lost(self, included: list[_Unit | str]) -> Harvest:
        """Return the result for a unit that mentions ECR, if the file that names its module is unknown or not here."""
        lost = [one for one in included if isinstance(one, str)]
        if not lost or not _ECR.search(self.file.text):
            return Harvest()
        return self._unjudged(next(self._blocks("include")).at, _MORE.format(lost[0]))

    def _called(self, source: str, arguments: Mapping[str, Argument], unknown: list[str], at: Place) -> Harvest:
        at = replace(at, file=self.file.name)
        found = called(source, arguments, at, self.context, local_values=self._locals)
        doubts = tuple(dict.fromkeys(unknown))
        return replace(found, policies=tuple(replace(one, doubts=(*one.doubts, *doubts)) for one in found.policies))

    def _is_unit(self, included: list[_Unit | str]) -> bool:
        """Return whether a file is a unit, and not an included file or an HCL file of another tool."""
        return bool(included) or "inputs" in self.source.attributes

    def _has_sources(self) -> bool:
        return any(Path(parent(self.file.name) or ".").glob("*.tf"))

    def _handing_in(self) -> Iterator[str]:
        """Yield what may give variables other values than `inputs` does."""
        yield from ("a block that is not understood" for _ in self.source.faults[:1])
        for block in (one for whole in self._blocks("terraform") for one in whole.inner("extra_arguments")):
            said = block.attributes
            texts = (said[name].source for name in ("arguments", "env_vars") if name in said)
            if not _VALUE_FILES.isdisjoint(said) or any(_VALUES.search(one) for one in texts):
                yield f"extra_arguments {' '.join(block.labels)}".rstrip()

    def _values_beside(self) -> dict[str, Argument]:
        """Return the variables in the files that Terraform loads automatically from the unit's folder."""
        found: dict[str, Argument] = {}
        for path in value_files(parent(self.file.name)):
            try:
                found |= {name: _foreign(one) for name, one in values_in(path).items()}
            except UnreadableError:
                continue  # _closed reports it
        return found

    def _closed(self) -> Iterator[str]:
        """Yield the variable files in the unit's folder that cannot be read. They may set any variable."""
        for path in value_files(parent(self.file.name)):
            try:
                values_in(path)
            except UnreadableError:
                yield path

    def _sources(self) -> Iterator[Argument]:
        for block in self._blocks("terraform"):
            if "source" in block.attributes:
                yield block.attributes["source"]

    def _inputs(self) -> tuple[dict[str, Argument], list[str]]:
        """Return the inputs by name, and the reasons why there may be more."""
        said = self.source.attributes.get("inputs")
        if said is None:
            return {}, []
        given: dict[str, Argument] = {}
        doubts: list[str] = []
        for one in self._objects(said.expression):
            if not isinstance(one, tree.ObjectOf):
                doubts.append(_MORE.format(spelled(one)))
                continue
            for key, value in one.pairs:
                name = _name(key)
                if name is None:
                    doubts.append(_MORE.format(spelled(key)))
                else:
                    given[name] = Argument(value, _place(value, one.at), spelled(value))
        return given, doubts

    def _objects(self, expression: tree.Expression) -> Iterator[tree.Expression]:
        """Yield the objects that are merged into one, in order."""
        if isinstance(expression, tree.Call) and expression.name == "merge" and not expression.expands:
            for one in expression.arguments:
                yield from self._objects(one)
            return
        name = spelled(expression)
        said = self._locals.get(name.removeprefix("local.")) if name.startswith("local.") else None
        if said is not None and isinstance(said.expression, tree.ObjectOf):
            yield said.expression
        else:
            yield expression

    def _text(self, said: Argument, steps: int = _MOST_STEPS) -> str | None:
        """Return a source as text, with known folders filled in. None if part of it is unknown."""
        expression = said.expression
        name = spelled(expression)
        if name.startswith("local.") and name.removeprefix("local.") in self._locals:
            return self._text(self._locals[name.removeprefix("local.")], steps - 1) if steps else None
        if not isinstance(expression, tree.Template):
            return None
        parts = [self._part(part) for part in expression.parts]
        return "".join(str(part) for part in parts) if None not in parts else None

    def _part(self, part: tree.Part) -> str | None:
        if isinstance(part, tree.Piece):
            return part.text
        inner = part.expression if isinstance(part, tree.Interpolation) else None
        if not isinstance(inner, tree.Call) or inner.arguments:
            return None
        if inner.name == _DIRECTORY:
            return "."
        return self._root() if inner.name == _ROOT else None

    def _root(self) -> str | None:
        """Return the relative path up to the repository's root, or None if there is none."""
        here, up = Path(parent(self.file.name) or ".").resolve(), "."
        for folder in (here, *here.parents):
            if (folder / ".git").exists():
                return up
            up = f"{up}/.."
        return None

    def _included(self, block: Block) -> _Unit | str:
        """Return the file that a block includes. If it is unknown or not here, return the block's text."""
        said = block.attributes.get("path")
        path = self._path(said) if said is not None else None
        try:
            text = text_of(path) if path is not None else None
        except UnreadableError:
            text = None
        if path is None or text is None or next(self._nested(path, text), None) is not None:
            return "include" if said is None else f"include {said.source}"
        file = File(path, text, named=False)
        return _Unit(file, source_of(file), self.context)

    def _nested(self, path: str, text: str) -> Iterator[Block]:
        """Yield the includes of an included file, which Terragrunt does not allow."""
        return (one for one in source_of(File(path, text, named=False)).blocks if one.type == "include")

    def _path(self, said: Argument) -> str | None:
        expression = said.expression
        if isinstance(expression, tree.Call) and expression.name == "find_in_parent_folders":
            names = [_name(one) for one in expression.arguments[:1]] or [_DEFAULT]
            here = Path(parent(self.file.name) or ".").resolve()
            found = (folder / str(names[0]) for folder in here.parents if names[0] is not None)
            return next((str(one) for one in found if one.is_file()), None)
        text = self._text(said)
        return joined(parent(self.file.name), text) if text is not None else None

    # --- generated sources ---

    def _generated(self) -> Iterator[Harvest]:
        """Yield the results for the sources that the unit generates and that mention ECR."""
        for block in self._blocks("generate"):
            said = block.attributes.get("contents")
            if said is None or not _ECR.search(said.source):
                continue
            text = self._contents(said.expression)
            file = File(
                self.file.name, "\n" * (said.at.line - (0 if text and "\n" in text else 1)) + (text or ""), named=False
            )
            found = read_alone(file, self.context) if text is not None else Harvest()
            whole = text is not None and not found.errors
            yield found if whole else self._unjudged(said.at, _GENERATED)

    def _contents(self, expression: tree.Expression) -> str | None:
        """Return a text with a variable for each interpolation of Terragrunt's; None if it is not a text."""
        if not isinstance(expression, tree.Template):
            return None
        pieces = [one.text if isinstance(one, tree.Piece) else "${var.terragrunt}" for one in expression.parts]
        return "".join(pieces)


def _name(expression: tree.Expression) -> str | None:
    """Return a name or a text if it is known."""
    if isinstance(expression, tree.Literal):
        return expression.value if isinstance(expression.value, str) else None
    parts = expression.parts if isinstance(expression, tree.Template) else ()
    return parts[0].text if len(parts) == 1 and isinstance(parts[0], tree.Piece) else None


def _place(expression: tree.Expression, otherwise: Place) -> Place:
    """Return the place of an expression, or `otherwise` if it has none."""
    match expression:
        case tree.ObjectOf(at=at):
            return at
        case tree.Template(parts=(tree.Piece(at=at), *_)):
            return at
        case tree.ListOf(items=(first, *_)):
            return _place(first, otherwise)
    return otherwise


def _foreign(said: Argument) -> Argument:
    """Return an input from another file. If it refers to a name, it is unknown here, because names differ by file."""
    unknown = read_expression(_HERE, said.at)
    return said if unknown is None or _is_literal(said.expression) else unknown


def _is_literal(expression: tree.Expression) -> bool:
    match expression:
        case tree.Literal():
            return True
        case tree.Template(parts=parts):
            return all(isinstance(one, tree.Piece) for one in parts)
        case tree.ListOf(items=items):
            return all(_is_literal(one) for one in items)
        case tree.ObjectOf(pairs=pairs):
            return all(_is_literal(one) for pair in pairs for one in pair)
    return False
