"""From a Terragrunt unit to the policies of the module that it calls, and of the sources that it generates.

https://terragrunt.gruntwork.io/docs/reference/hcl/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ...policy.holes import Hole, Text
from ...reading.files import UnreadableError, files_like
from ..context import Context
from ..files import File, text_of
from ..found import Harvest, Unjudged
from ..hcl import tree
from ..hcl.alone import read_alone
from ..hcl.called import called
from ..hcl.folders import source_of
from ..hcl.json_source import is_json_source
from ..hcl.mentions import mentioned
from ..hcl.paths import joined, normal, parent
from ..hcl.tree import Argument, Block
from ..values.holed import parts_of
from ..values.places import Place
from .inputs import Configured, Given, beside
from .names import Names

_PLAN = "check the plan, `terragrunt show -json`"
_GENERATED = f"the source that it generates is not known before it runs: {_PLAN}"
_JSON = f"Terragrunt in JSON is not read: {_PLAN}"
_STACKED = f"what the {{}} `{{}}` makes is not read: {_PLAN}"
_ECR = re.compile(r"ecr", re.IGNORECASE)
_UNIT = re.compile(r"ecr|^\s*(?:inputs\s*=|terraform\s*\{|include\b)", re.IGNORECASE | re.MULTILINE)
"""A Terragrunt unit, or ECR in an HCL file of any other program."""


def read_unit(file: File, context: Context) -> Harvest:
    """Return what a Terragrunt file holds. A file in JSON is not read, and is reported."""
    if is_json_source(file.name):
        at = Unjudged(file.name, 1, 1, "terragrunt", _JSON)
        return Harvest(unjudged=(at,) if _ECR.search(file.text) else ())
    return _Unit(file, Configured(file.name, source_of(file)), context).harvest()


@dataclass(frozen=True, slots=True)
class _Unit:
    file: File
    own: Configured
    context: Context

    def harvest(self) -> Harvest:
        faults = self.own.source.faults[:1] if _UNIT.search(self.file.text) else ()
        broken = (self._unjudged(Place(self._path, line, column), reason) for line, column, reason in faults)
        run = Harvest(unjudged=tuple(mentioned(self.file)))
        return Harvest.of([*broken, run, *self._stacked(), *self._generated(), self._module()])

    @property
    def _path(self) -> str:
        return self.file.name

    def _stacked(self) -> Iterator[Harvest]:
        """Yield the results for the units of a stack that mention ECR. Each unit is a folder of its own."""
        for block in (*self.own.blocks("unit"), *self.own.blocks("stack")):
            said = " ".join((*block.labels, *(one.source for one in block.attributes.values())))
            if _ECR.search(said):
                yield self._unjudged(block.at, _STACKED.format(block.type, " ".join(block.labels)))

    def _unjudged(self, at: Place, reason: str) -> Harvest:
        return Harvest(unjudged=(Unjudged(at.file, at.line, at.column, "terragrunt", reason),))

    # --- the module ---

    def _module(self) -> Harvest:
        """Return what the module of the unit makes with the unit's inputs."""
        included = {" ".join(block.labels): self._included(block) for block in self.own.blocks("include")}
        sources = list(self._sources({label: one for label, one in included.items() if isinstance(one, Configured)}))
        if not sources and (included or "inputs" in self.own.source.attributes) and self._has_sources():
            sources = [_written(".", Place(self._path))]
        if not sources:
            # An included file that is not here may name the module.
            lost = (one for one in included.values() if isinstance(one, str))
            sources = [_written(Hole(one), Place(self._path)) for one in lost][:1]
        given = self._given(included.values())
        return Harvest.of([self._called(one, given) for one in sources])

    def _sources(self, parents: Mapping[str, Configured]) -> Iterator[Argument]:
        """Yield each source that the module may have, as far as it is known."""
        above = {label: Names(self._path, one.path, one.locals) for label, one in parents.items()}
        here = Names(self._path, self._path, self.own.locals, above)
        for one, names in ((self.own, here), *((one, above[label]) for label, one in parents.items())):
            said = one.module
            if said is not None:
                yield from (_written(text, said.at) for text in names.texts(said))
                return

    def _given(self, included: Iterable[Configured | str]) -> Given:
        given = Given()
        for one in included:
            given.take([one] if isinstance(one, str) else one.inputs_elsewhere())
        given.take(self.own.inputs())
        # These files are beside the module's sources when it runs, and override the inputs.
        given.take(beside(parent(self._path)))
        for one in (*included, self.own):
            given.take(one.extra() if isinstance(one, Configured) else ())
        return given

    def _called(self, source: Argument, given: Given) -> Harvest:
        at = replace(source.at, file=self._path)
        return called(
            source, given.every, at, self.context, local_values=self.own.locals, more=given.more, sure=given.sure
        )

    def _has_sources(self) -> bool:
        return any(files_like(parent(self._path), "*.tf"))

    def _included(self, block: Block) -> Configured | str:
        """Return the file that a block includes. If it is unknown or not here, return the block's text."""
        said = block.attributes.get("path")
        names = Names(self._path, self._path, self.own.locals)
        (text, *others) = names.texts(said) if said is not None else [Hole("path")]
        path = normal(joined(parent(self._path), text)) if isinstance(text, str) and not others else None
        try:
            file = File(path, text_of(path), named=False) if path is not None else None
        except UnreadableError:
            file = None
        found = None if file is None else Configured(file.name, source_of(file))
        # An included file cannot include others.
        if found is None or next(found.blocks("include"), None) is not None:
            return "include" if said is None else f"include {said.source}"
        return found

    # --- generated sources ---

    def _generated(self) -> Iterator[Harvest]:
        """Yield the results for the sources that the unit generates and that mention ECR."""
        for block in self.own.blocks("generate"):
            said = block.attributes.get("contents")
            if said is None or not _ECR.search(said.source):
                continue
            text = self._contents(said.expression)
            file = File(
                self._path, "\n" * (said.at.line - (0 if text and "\n" in text else 1)) + (text or ""), named=False
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


def _written(text: Text | Hole, at: Place) -> Argument:
    """Return a text as an argument. Its unknown parts are names that nothing defines."""
    parts = (
        tree.Piece(one, at) if isinstance(one, str) else tree.Interpolation(tree.Name(one.name))
        for one in parts_of(text)
    )
    return Argument(tree.Template(tuple(parts)), at, str(text))
