"""The inputs of a Terragrunt unit: its own, those of the files that it includes, and what may pass others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...reading.files import UnreadableError
from ..hcl import tree
from ..hcl.folders import value_files, values_in
from ..hcl.grammar import read_expression
from ..hcl.naming import spelled
from ..hcl.tree import Argument, Block, Source
from ..values.places import Place

_VALUE_FILES = frozenset({"required_var_files", "optional_var_files"})
_VALUES = re.compile(r"-var|TF_VAR|TF_CLI_ARGS|local\.|merge\(")
"""Signs that variables get values on the command line or in the environment, or may do so."""

_HERE = "here.unknown"

Input = tuple[str, Argument] | str
"""A variable and its value, or what may give any variable a value."""


@dataclass(frozen=True, slots=True)
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
        return next((one for one in said if one is not None), None)

    def inputs(self) -> Iterator[Input]:
        """Yield the inputs. Later ones override earlier ones."""
        said = self.source.attributes.get("inputs")
        for one in self._objects(said.expression) if said is not None else ():
            if not isinstance(one, tree.ObjectOf):
                yield spelled(one)
                continue
            for key, value in one.pairs:
                name = _name(key)
                yield spelled(key) if name is None else (name, Argument(value, _place(value, one.at), spelled(value)))

    def inputs_elsewhere(self) -> Iterator[Input]:
        """Yield the inputs as they are for another file, in which local values have other names."""
        return (one if isinstance(one, str) else (one[0], _foreign(one[1])) for one in self.inputs())

    def extra(self) -> Iterator[str]:
        """Yield what may give variables other values than the inputs do."""
        yield from ("a block that is not understood" for _ in self.source.faults[:1])
        for block in (one for whole in self.blocks("terraform") for one in whole.inner("extra_arguments")):
            said = block.attributes
            texts = (said[name].source for name in ("arguments", "env_vars") if name in said)
            if not _VALUE_FILES.isdisjoint(said) or any(_VALUES.search(one) for one in texts):
                yield f"extra_arguments {' '.join(block.labels)}".rstrip()

    def _objects(self, expression: tree.Expression) -> Iterator[tree.Expression]:
        """Yield the objects that are merged into one, in order."""
        if isinstance(expression, tree.Call) and expression.name == "merge" and not expression.expands:
            for one in expression.arguments:
                yield from self._objects(one)
            return
        name = spelled(expression)
        said = self.locals.get(name.removeprefix("local.")) if name.startswith("local.") else None
        if said is not None and isinstance(said.expression, tree.ObjectOf):
            yield said.expression
        else:
            yield expression


def beside(folder: str) -> Iterator[Input]:
    """Yield the variables in the files that Terraform loads automatically from the unit's folder."""
    for path in value_files(folder):
        try:
            yield from ((name, _foreign(one)) for name, one in values_in(path).items())
        except UnreadableError:
            yield path


@dataclass(frozen=True, slots=True)
class Given:
    """The inputs of a unit. `more`: what may pass others; `sure`: those that it does not change."""

    every: dict[str, Argument] = field(default_factory=dict)
    sure: dict[str, Argument] = field(default_factory=dict)
    more: list[str] = field(default_factory=list)

    def take(self, inputs: Iterable[Input]) -> None:
        """Add inputs that override the earlier ones."""
        for one in inputs:
            if isinstance(one, str):
                self.more.append(one)
                self.sure.clear()
            else:
                self.every.update([one])
                self.sure.update([one])


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
