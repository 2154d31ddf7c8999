"""Module calls: where the sources of the called module are, and its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from ...files.values.partial import Value, text_of
from ...found.context import Context
from . import paths
from .folders import Folder
from .installed import Installed
from .instances import Instance
from .known_modules import KnownModule, is_model, known_module, model_of
from .model_calls import ModelCall
from .module import Module
from .module_sources import arguments_of, module_source
from .providers import accounts_in_call, locations_in_call
from .scope import Scope
from .tree import Block

PER_INSTANCE = 20
"""The steps that each instance of a resource or module costs, whatever its contents."""


_LOCAL = ("./", "../")


class Folders(Protocol):
    """The source of the folders of called modules."""

    context: Context

    def folder(self, path: str) -> Folder:
        """Return a folder."""


class Calls:
    """The modules that the calls of one configuration lead to. Its root is a folder."""

    def __init__(self, folders: Folders, root: str) -> None:
        self._folders = folders
        self._installed = Installed(root)

    def child(self, module: Module, name: str, block: Block, instance: Instance) -> Module | None:
        """Return the called module, or None if its sources are not here and it is not a known module."""
        module.world.budget.spend(PER_INSTANCE)
        address = f"{module.address}module.{name}{instance.key}."
        source, version = source_of(module, block)
        path = self._path(module, source, version, address)
        known = _known(source, version) if path is None else None
        path = known.path if known is not None else path
        if path is None or path in module.above:
            return None
        return Module(
            model_of(path) or self._folders.folder(path),
            module.world,
            _Inputs(module, block, instance),
            address,
            accounts_in_call(block, module.accounts),
            locations_in_call(block, module.locations),
            lent=module.lent or "providers" in block.attributes,
            above=(*module.above, path),
            model=_model_call(module, known, block),
            is_open=module.folder.is_open,
        )

    def local(self, module: Module, block: Block) -> Iterator[str]:
        """Yield the folder of a call's module if it is here, also if a `count` of 0 leaves it out."""
        source, _ = source_of(module, block)
        path = self._path(module, source, None, "") if isinstance(source, str) and source.startswith(_LOCAL) else None
        if path is not None:
            yield path

    def _path(self, module: Module, source: Value, version: str | None, address: str) -> str | None:
        if not isinstance(source, str):
            return None
        if source.startswith(_LOCAL):
            path = paths.normal(paths.joined(module.folder.path, source))
            return path if is_model(path) or paths.is_folder(path) else None
        return self._installed.path_of(address, source, version)


def source_of(module: Module, block: Block) -> tuple[Value, str | None]:
    """Return the source and the version constraint of a call, each None if it is not set."""
    said, version = (block.attributes.get(name) for name in ("source", "version"))
    source = text_of(module.value(said)) if said is not None else None
    if version is None:
        return source, None
    constraint = text_of(module.value(version))
    return source, constraint if isinstance(constraint, str) else f"{constraint}"


def _model_call(module: Module, known: KnownModule | None, block: Block) -> ModelCall | None:
    if known is not None:
        return ModelCall(known, block)
    return module.model.inside(block, module.folder) if module.model is not None else None


def _known(source: Value, version: str | None) -> KnownModule | None:
    found = module_source(source, version) if isinstance(source, str) else None
    return known_module(found) if found is not None else None


class _Inputs(Mapping[str, Value]):
    """The inputs of a call. Each argument is evaluated when the module uses it."""

    def __init__(self, module: Module, block: Block, instance: Instance) -> None:
        self._module = module
        self._said = arguments_of(block)
        self._scope: Scope = instance.scope(module.scope)
        self._key = ("input", block.labels[0], instance.identity)

    def __getitem__(self, name: str) -> Value:
        said = self._said[name]
        self._module.world.touch([said.at.file])
        return self._module.once((*self._key, name), lambda: self._module.value(said, self._scope))

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)
