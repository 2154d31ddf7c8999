"""A call of a module that is known by its model: what is found there, told in terms of the call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..found import FoundPolicy, Place
from . import tree
from .folders import Folder
from .known_modules import KnownModule, is_model
from .module_sources import arguments_of
from .tree import Block


@dataclass(frozen=True, slots=True)
class ModelCall:
    """The user's call, and the module that it is of. `through`: the arguments that decide which modules are in it."""

    known: KnownModule
    block: Block
    through: tuple[str, ...] = ()

    def inside(self, call: Block, model: Folder) -> ModelCall:
        """Return the same call as one of a module that a model calls itself."""
        return replace(self, through=tuple(_named(call, model)))

    def told(self, found: FoundPolicy, model: Folder) -> FoundPolicy:
        """Return a policy that a model makes as one of the call: each statement stands where its argument does."""
        places = _arguments(model)
        statements = self._places(found.statements, places)
        others = (replace(one, statements=self._places(one.statements, places)) for one in found.otherwise)
        return replace(
            found,
            at=next((one for one in statements if one != self.block.at), self.block.at),
            statements=statements,
            otherwise=tuple(others),
            notes=(*self.known.notes, *found.notes),
            doubts=(*found.doubts, *self.doubts),
            resource_at=self.block.at,
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the module may make something else than its model says."""
        return self.known.doubts_about(arguments_of(self.block))

    def _places(self, places: Iterable[Place], arguments: Mapping[Place, tuple[str, ...]]) -> tuple[Place, ...]:
        return tuple(self._place(arguments.get(one, ())) if is_model(one.file) else one for one in places)

    def _place(self, arguments: Iterable[str]) -> Place:
        names = (*arguments, *self.through)
        said = (self.block.attributes[name].at for name in names if name in self.block.attributes)
        return next(said, self.block.at)


def _arguments(model: Folder) -> Mapping[Place, tuple[str, ...]]:
    """Return the arguments that decide each statement of a model, by its place, those for its principals first."""
    found: dict[Place, tuple[str, ...]] = {}
    for document in model.data.values():
        for block in document.blocks:
            made = next(block.inner("content"), block)
            named = [*made.inner("principals"), *made.inner("condition"), made, block]
            found[made.at] = tuple(dict.fromkeys(name for one in named for name in _named(one, model)))
    return found


def _named(block: Block, model: Folder) -> Iterator[str]:
    """Yield the arguments that a block refers to, through local values too."""
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
