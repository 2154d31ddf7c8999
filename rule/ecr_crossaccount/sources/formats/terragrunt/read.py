"""From a Terragrunt unit to the policies of the module that it calls, and of the sources that it generates.

https://terragrunt.gruntwork.io/docs/reference/hcl/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ....documents.pattern import Hole, Text
from ....memo import by_value
from ...files.files import File
from ...files.values.nodes import Place, parts_of
from ...found.context import Context
from ...found.found import NOTHING, Harvest, unjudged_at
from ...reading.files import files_like
from ..hcl import tree
from ..hcl.absent import is_about_ecr
from ..hcl.folders import join_path, normal, parent, source_of
from ..hcl.grammar import is_json_source
from ..hcl.read import find_mentions, read_alone, read_call
from ..hcl.tree import Argument, Block
from .names import Configured, Given, Input, Names, Run, automatic_inputs, read_configuration

_PLAN = "check the plan, `terragrunt show -json`"
_GENERATED = f"the source that it generates is not known before it runs: {_PLAN}"
_JSON = f"Terragrunt in JSON is not read: {_PLAN}"
_STACKED = f"what the {{}} `{{}}` makes is not read: {_PLAN}"
_UNIT = re.compile(r"^\s*(?:inputs\s*=|terraform\s*\{|include\b)", re.IGNORECASE | re.MULTILINE)
"""A Terragrunt unit, and not an HCL file of any other program."""


def read_unit(file: File, context: Context) -> Harvest:
    """Return what a Terragrunt file holds. A file in JSON is not read, and is reported."""
    if is_json_source(file.name):
        return unjudged_at(Place(file.name), "terragrunt", _JSON) if is_about_ecr(file.text) else NOTHING
    return _Unit(file, Configured(file.name, source_of(file)), context).harvest()


@by_value
class _Unit:
    file: File
    own: Configured
    context: Context

    def harvest(self) -> Harvest:
        faults = self.own.source.faults[:1] if _UNIT.search(self.file.text) or is_about_ecr(self.file.text) else ()
        broken = (
            self._unjudged_harvest(Place(self.file.name, line, column), reason) for line, column, reason in faults
        )
        run = Harvest(unjudged=tuple(find_mentions(self.file)))
        return Harvest.from_parts([*broken, run, *self._read_stacks(), *self._read_generate_blocks(), self._module()])

    def _read_stacks(self) -> Iterator[Harvest]:
        """Yield the results for the units of a stack that mention ECR. Each unit is a folder of its own."""
        for block in (*self.own.blocks("unit"), *self.own.blocks("stack")):
            said = " ".join((*block.labels, *(attribute.source for attribute in block.attributes.values())))
            if is_about_ecr(said):
                yield self._unjudged_harvest(block.at, _STACKED.format(block.type, " ".join(block.labels)))

    def _unjudged_harvest(self, at: Place, reason: str) -> Harvest:
        return unjudged_at(at, "terragrunt", reason)

    # --- the module ---

    def _module(self) -> Harvest:
        """Return what the module of the unit makes with the unit's inputs."""
        run = Run.for_unit(self.file.name, self.context)
        included = [_Included(block, self._read_include(block, run)) for block in self.own.blocks("include")]
        above = {
            " ".join(include.block.labels): include.names for include in included if isinstance(include.names, Names)
        }
        here = Names(run, self.own, self.file.name, above)
        sources = list(_sources([here, *reversed([include.names for include in included if include.is_merged])]))
        is_unit = bool(included) or "inputs" in self.own.source.attributes
        if not sources and is_unit and any(files_like(parent(self.file.name), "*.tf")):
            sources = [_text_argument("./", Place(self.file.name))]
        if not sources:
            # An included file that is not here may name the module.
            lost = (include.names for include in included if isinstance(include.names, str))
            sources = [_text_argument(Hole(text), Place(self.file.name)) for text in lost][:1]
        given = self._collect_inputs(here, included)
        every, more, sure = given.every, given.more, given.sure
        calls = ((source, replace(source.at, file=self.file.name)) for source in sources)
        parts = [read_call(source, every, at, self.context, more=more, sure=sure) for source, at in calls]
        found = Harvest.from_parts(parts)
        return replace(found, followed=(*found.followed, *run.reader.world.read))

    def _collect_inputs(self, here: Names, included: list[_Included]) -> Given:
        given = Given()
        for include in included:
            given.take(include.inputs(), deep=include.is_deep)
        given.take(here.inputs())
        # These files are beside the module's sources when it runs, and override the inputs.
        given.take(automatic_inputs(parent(self.file.name)))
        for file in (*(include.names for include in included if include.is_merged), here):
            given.take(file.own.extra() if isinstance(file, Names) else ())
        return given

    def _read_include(self, block: Block, run: Run) -> Names | str:
        """Return the file that a block includes. If it is unknown or not here, return the block's text."""
        said = block.attributes.get("path")
        names = Names(run, self.own, self.file.name)
        (text, *others) = names.texts(said) if said is not None else [Hole("path")]
        path = normal(join_path(parent(self.file.name), text)) if isinstance(text, str) and not others else None
        found = None if path is None else read_configuration(path)
        # An included file cannot include others.
        if found is None or next(found.blocks("include"), None) is not None:
            return "include" if said is None else f"include {said.source}"
        return Names(run, found, self.file.name)

    # --- generated sources ---

    def _read_generate_blocks(self) -> Iterator[Harvest]:
        """Yield the results for the sources that the unit generates and that mention ECR."""
        for block in self.own.blocks("generate"):
            said = block.attributes.get("contents")
            if said is None or not is_about_ecr(said.source):
                continue
            text = self._contents(said.expression)
            file = File(
                self.file.name, "\n" * (said.at.line - (0 if text and "\n" in text else 1)) + (text or ""), named=False
            )
            found = read_alone(file, self.context) if text is not None else Harvest()
            whole = text is not None and not found.errors
            yield found if whole else self._unjudged_harvest(said.at, _GENERATED)

    def _contents(self, expression: tree.Expression) -> str | None:
        """Return a text with a variable for each interpolation of Terragrunt's; None if it is not a text."""
        if not isinstance(expression, tree.Template):
            return None
        pieces = [part.text if isinstance(part, tree.Piece) else "${var.terragrunt}" for part in expression.parts]
        return "".join(pieces)


@by_value
class _Included:
    """A file that a block includes, or the text of the block if the file is not here."""

    block: Block
    names: Names | str

    @property
    def _strategy(self) -> str:
        said = self.block.attributes.get("merge_strategy")
        return "shallow" if said is None else said.source.strip().strip('"')

    @property
    def is_merged(self) -> bool:
        return self._strategy != "no_merge"

    @property
    def is_deep(self) -> bool:
        return self._strategy != "shallow"

    def inputs(self) -> Iterator[Input]:
        if isinstance(self.names, str):
            yield self.names
        elif self.is_merged:
            yield from self.names.inputs()


def _sources(files: Iterable[Names | str]) -> Iterator[Argument]:
    """Yield each source that the module may have, as far as it is known. The first file that names one counts."""
    for file in files:
        said = file.own.module if isinstance(file, Names) else None
        if said is not None and isinstance(file, Names):
            yield from (_text_argument(text, said.at) for text in file.texts(said))
            return


def _text_argument(text: Text | Hole, at: Place) -> Argument:
    """Return a text as an argument. Its unknown parts are names that nothing defines."""
    parts = (
        tree.Piece(part, at) if isinstance(part, str) else tree.Interpolation(tree.Name(part.name))
        for part in parts_of(text)
    )
    return Argument(tree.Template(tuple(parts)), at, str(text))
