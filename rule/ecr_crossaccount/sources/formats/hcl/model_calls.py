"""A call of a module that is known by its model. The results are reported in terms of the call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from ...files.values.nodes import Place
from ...found.found import FoundPolicy, Harvest, Unjudged, Unread
from . import tree
from .folders import Folder
from .known_modules import KnownModule, is_model, model_of
from .module_sources import arguments_of
from .tree import Block

Arguments = Mapping[Place, tuple[str, ...]]
"""The arguments that determine the value at a place of a model."""


@dataclass(frozen=True, slots=True)
class ModelCall:
    """The user's call, and the module that it calls.

    `through`: the arguments that decide which inner modules it has.
    """

    known: KnownModule
    block: Block
    through: tuple[str, ...] = ()

    def inside(self, call: Block, model: Folder) -> ModelCall:
        """Return the same call for a module that a model calls itself."""
        return replace(self, through=tuple(_values_named(call, model)))

    def told(self, found: Harvest, model: Folder) -> Harvest:
        """Return what a model makes, as part of the call.

        Each result has the place of the argument that determines it.
        """
        places = _arguments(model.path)
        at = self.block.at
        return replace(
            found,
            policies=tuple(self._policy(one, places) for one in found.policies),
            unjudged=tuple(self._unjudged(one, places) for one in found.unjudged),
            errors=tuple(Unread(at.file, at.line, one.reason) for one in found.errors),
        )

    def _policy(self, found: FoundPolicy, places: Arguments) -> FoundPolicy:
        (own,), statements = self._places((found.at,), places), self._places(found.statements, places)
        others = (replace(one, statements=self._places(one.statements, places)) for one in found.otherwise)
        return replace(
            found,
            at=next((one for one in (*statements, own) if one != self.block.at), self.block.at),
            statements=statements,
            otherwise=tuple(others),
            notes=(*self.known.notes, *found.notes),
            doubts=(*found.doubts, *self.doubts),
            resource_at=self.block.at,
        )

    def _unjudged(self, found: Unjudged, places: Arguments) -> Unjudged:
        at = self._place(places.get(Place(found.file, found.line, found.column), ()))
        return replace(found, file=at.file, line=at.line, column=at.column)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the module may make something other than its model."""
        return self.known.doubts_about(arguments_of(self.block))

    def _places(self, places: Iterable[Place], arguments: Arguments) -> tuple[Place, ...]:
        return tuple(self._place(arguments.get(one, ())) if is_model(one.file) else one for one in places)

    def _place(self, arguments: Iterable[str]) -> Place:
        names = (*arguments, *self.through)
        said = (self.block.attributes[name].at for name in names if name in self.block.attributes)
        return next(said, self.block.at)


@cache
def _arguments(path: str) -> Arguments:
    """Return the arguments that determine each statement and resource of a model, those for its principals first."""
    model = model_of(path)
    if model is None:
        return {}
    blocks = [(block, block) for block in model.resources.values()]
    blocks += [
        (next(block.inner("content"), block), block) for document in model.data.values() for block in document.blocks
    ]
    found: dict[Place, tuple[str, ...]] = {}
    blocks += [(one, outer) for block in model.resources.values() for outer in block.blocks for one in _within(outer)]
    for made, block in blocks:
        named = [*made.inner("principals"), *made.inner("condition"), made, block]
        found[made.at] = tuple(dict.fromkeys(name for one in named for name in _values_named(one, model)))
    return found


def _within(block: Block) -> Iterator[Block]:
    yield block
    for inner in block.blocks:
        yield from _within(inner)


def _values_named(block: Block, model: Folder) -> Iterator[str]:
    """Yield the arguments that a block refers to, including those through local values."""
    waiting: list[object] = [said.expression for said in block.attributes.values()]
    seen: set[str] = set()
    while waiting:
        for one in tree.parts(waiting.pop(0)):
            match one:
                case tree.Access(of=tree.Name(name="var"), steps=(tree.Attribute(name=name), *_)):
                    yield name
                case tree.Access(of=tree.Name(name="local"), steps=(tree.Attribute(name=name), *_)) if name not in seen:
                    seen.add(name)
                    waiting += [model.locals[name].expression] if name in model.locals else []
    for inner in block.blocks:
        yield from _values_named(inner, model)
