"""The inputs of a Terragrunt unit: its own, those of the files that it includes, and what may pass others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ....documents.holes import Hole
from ...files.values.nodes import Place
from ...files.values.partial import Value
from ...reading.files import UnreadableError
from ..hcl import tree
from ..hcl.folders import value_files, values_in
from ..hcl.tree import Argument, Block, Source

_VALUE_FILES = frozenset({"required_var_files", "optional_var_files"})
_VALUES = re.compile(r"-var|TF_VAR|TF_CLI_ARGS|local\.|merge\(")
"""Signs that variables get values on the command line or in the environment, or may do so."""

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

    def extra(self) -> Iterator[str]:
        """Yield what may give variables other values than the inputs do."""
        yield from ("a block that is not understood" for _ in self.source.faults[:1])
        for block in (one for whole in self.blocks("terraform") for one in whole.inner("extra_arguments")):
            said = block.attributes
            texts = (said[name].source for name in ("arguments", "env_vars") if name in said)
            if not _VALUE_FILES.isdisjoint(said) or any(_VALUES.search(one) for one in texts):
                yield f"extra_arguments {' '.join(block.labels)}".rstrip()


def beside(folder: str) -> Iterator[Input]:
    """Yield the variables in the files that Terraform loads automatically from the unit's folder."""
    for path in value_files(folder):
        try:
            yield from values_in(path).items()
        except UnreadableError:
            yield path


@dataclass(frozen=True, slots=True)
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
                said = _merged(name, self.every[name], said)
            self.every[name] = self.sure[name] = said
            if deep:
                self._deep.add(name)


def known(value: Value, at: Place, source: str) -> Argument:
    """Return a value as an argument."""
    return Argument(tree.Literal(value), at, source)


def _merged(name: str, above: Argument, own: Argument) -> Argument:
    """Return an input that a deep merge gives to a unit."""
    first, last = (one.expression.value if isinstance(one.expression, tree.Literal) else None for one in (above, own))
    if isinstance(first, list) and isinstance(last, list):
        return known([*first, *last], own.at, own.source)
    simple = all(isinstance(one, (str, int, float)) for one in (first, last))
    return own if simple else known(Hole(f"inputs.{name}"), own.at, own.source)
