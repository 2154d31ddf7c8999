"""One configuration: a root module with everything that it calls, and the policies that it makes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from ...policy.holes import Hole
from ..context import Context
from ..files import UnreadableError, text_of
from ..found import NOTHING, Harvest, Skipped, unread
from ..terraform.carried import Resource, found_policy, what_is_missing
from ..terraform.partial import Value
from ..terraform.policies import read_policy
from ..terraform.resources import CARRIERS, REQUIRED, STACKS
from ..terraform.stacks import stack
from . import paths
from .errors import TooMuchError
from .folders import Folder
from .handed import handed
from .instances import Instance, instances
from .module import Module, World
from .providers import accounts_in_call, accounts_of
from .scope import Budget, Scope
from .things import ResourceThing
from .tree import Block, Said

_PER_INSTANCE = 20
"""Steps that every instance of a resource or module costs, whatever it holds."""
_FILE = "main.tf"
"""Stands for the files of a configuration where the path of one says whose it is."""
_PLAN = "check the plan, `terraform show -json`"
_ELSEWHERE = f"module `{{}}`: its source, `{{}}`, is not here, so it was not followed: {_PLAN}"
_ASKS_FOR_PLAN = f"only Terraform knows {{}}: where that matters, {_PLAN}"
_TOO_MUCH = f"takes too long to evaluate: {_PLAN}"
_TOO_DEEP = f"nested too deeply to be evaluated: {_PLAN}"


class Folders(Protocol):
    """Where the folders of called modules come from."""

    context: Context

    def folder(self, path: str) -> Folder:
        """Return a folder."""


class Configuration:
    """`named`: the files whose say in a policy matters, None for all. `alone`: whether only their own policies do."""

    def __init__(
        self,
        folders: Folders,
        folder: Folder,
        inputs: Mapping[str, Said],
        named: frozenset[str] | None,
        *,
        alone: bool = False,
    ) -> None:
        self._folders = folders
        self._folder = folder
        self._said = inputs
        self._named = named
        self._alone = alone
        self._installed = _installed(folder.path)
        self._world = World(folders.context.at(paths.joined(folder.path, _FILE)), Budget(), folder.path, self._child)
        self._skipped: list[tuple[set[str], Skipped]] = []

    def harvest(self) -> Harvest:
        """Return what the configuration makes."""
        bare = Module(self._folder, self._world, {})
        inputs = {name: bare.value(said) for name, said in self._said.items()}
        root = Module(self._folder, self._world, inputs, accounts=accounts_of(bare), above=(self._folder.path,))
        try:
            found = Harvest.of(list(self._module(root)))
        except TooMuchError:
            return unread(self._folder.path, _TOO_MUCH)
        except RecursionError:
            return unread(self._folder.path, _TOO_DEEP)
        skipped = tuple(one for files, one in self._skipped if self._matters(files))
        whole = replace(found, skipped=(*found.skipped, *skipped), followed=tuple(self._world.read))
        return whole.owned_by(self._world.context.account)

    def _matters(self, files: set[str]) -> bool:
        return self._named is None or not self._named.isdisjoint(files)

    def _module(self, module: Module) -> Iterator[Harvest]:
        for block in [*module.folder.resources.values(), *module.folder.repeated]:
            if block.labels[0] in CARRIERS or block.labels[0] in STACKS:
                yield self._block(module, block)
        for block in module.folder.calls.values():
            for child, instance in list(module.children(block)):
                if child is not None:
                    yield from self._module(child)
                else:
                    yield self._handed(module, block, instance)

    def _handed(self, module: Module, block: Block, instance: Instance) -> Harvest:
        """Return the policies that are handed to a module that is not here; where that takes too long, it is listed."""
        self._world.budget.renew()
        self._world.touched.append({block.at.file, *module.via})
        try:
            found = tuple(handed(module, block, instance))
        except (TooMuchError, RecursionError):
            found = ()
        files = self._world.touched.pop()
        matters = self._matters({block.at.file, *module.via} if self._alone else files)
        return Harvest(found) if found and matters else NOTHING

    def _block(self, module: Module, block: Block) -> Harvest:
        """Return what a resource makes; one that cannot be evaluated does not keep the others from it."""
        self._world.budget.renew()
        try:
            found = [self._made(module, block, *one) for one in self._instances(module, block)]
        except (TooMuchError, RecursionError) as error:
            reason = _TOO_DEEP if isinstance(error, RecursionError) else _TOO_MUCH
            return unread(block.at.file, f"{module.address}{'.'.join(block.labels)}: {reason}", block.at.line)
        return Harvest.of(found)

    def _instances(self, module: Module, block: Block) -> list[tuple[Instance, set[str]]]:
        """Return the instances of a block, each with the files that decide whether there is one."""
        self._world.touched.append({block.at.file, *module.via})
        found = list(instances(block, module))
        files = self._world.touched.pop()
        return [(one, files) for one in found]

    def _made(self, module: Module, block: Block, instance: Instance, files: set[str]) -> Harvest:
        self._world.budget.spend(_PER_INSTANCE)
        self._world.touched.append(set(files))
        found = self._resource(module, block, instance)
        touched = self._world.touched.pop()
        return found if self._matters({block.at.file, *module.via} if self._alone else touched) else NOTHING

    def _resource(self, module: Module, block: Block, instance: Instance) -> Harvest:
        thing = module.thing(block, instance)
        kind = block.labels[0]
        attributes = _Attributes(thing)
        address = f"{module.address}{thing.address}"
        if kind in STACKS:
            said = block.attributes.get("template_body")
            return stack(
                address,
                kind,
                attributes.all(("template_body", "parameters")),
                said.at if said else block.at,
                self._world.context,
            )
        carrier = CARRIERS[kind]
        said = block.attributes.get(carrier.policy)
        at = said.at if said is not None else block.at
        value = self._policy(attributes, carrier.policy, is_said=said is not None)
        missing = what_is_missing(value)
        notes = (_ASKS_FOR_PLAN.format(missing),) if missing else ()
        names = [name for name in (carrier.name, carrier.prefix) if name is not None]
        region = attributes.get("region") if "region" in block.attributes else None
        found = found_policy(
            Resource(
                address,
                kind,
                attributes.all(tuple(names)),
                at,
                block.at,
                read_policy(value, at),
                account=thing.account,
                region=region if isinstance(region, str) else None,
                notes=(*notes, *thing.notes),
            )
        )
        return Harvest((found,))

    def _policy(self, attributes: _Attributes, name: str, *, is_said: bool) -> Value:
        if is_said:
            return attributes.get(name)
        return Hole(name) if name in REQUIRED else None

    def _child(self, module: Module, name: str, block: Block, instance: Instance) -> Module | None:
        """Return the module that is called, None where its sources are not here."""
        self._world.budget.spend(_PER_INSTANCE)
        said = block.attributes.get("source")
        source = module.value(said) if said is not None else None
        address = f"{module.address}module.{name}{instance.key}."
        path = self._path(module, source, _plain(address))
        if path is None or path in module.above:
            skipped = Skipped(block.at.file, _ELSEWHERE.format(name, source), absent=True)
            self._skipped.append(({block.at.file, *module.via}, skipped))
            return None
        return Module(
            self._folders.folder(path),
            module.world,
            _Inputs(module, block, instance),
            address,
            accounts_in_call(block, module.accounts),
            lent=module.lent or "providers" in block.attributes,
            via=(*module.via, block.at.file),
            above=(*module.above, path),
        )

    def _path(self, module: Module, source: Value, key: str) -> str | None:
        if isinstance(source, str) and source.startswith(("./", "../")):
            path = paths.normal(paths.joined(module.folder.path, source))
            return path if paths.is_folder(path) else None
        installed = self._installed.get(key)
        return paths.normal(paths.joined(module.world.root, installed)) if installed is not None else None


class _Attributes:
    """The attributes of one resource, each evaluated when it is asked for."""

    def __init__(self, thing: ResourceThing) -> None:
        self._thing = thing

    def get(self, name: str) -> Value:
        """Return an attribute."""
        return self._thing.attribute(name)

    def all(self, names: tuple[str, ...]) -> dict[str, Value]:
        """Return the attributes of these names that the block has."""
        return {name: self.get(name) for name in names if name in self._thing.block.attributes}


class _Inputs(Mapping[str, Value]):
    """What a call hands in, each argument evaluated when the module asks for it."""

    _OWN = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})

    def __init__(self, module: Module, block: Block, instance: Instance) -> None:
        self._module = module
        self._said = {name: said for name, said in block.attributes.items() if name not in self._OWN}
        self._scope: Scope = instance.scope(module)
        self._key = ("input", block.labels[0], instance.identity)

    def __getitem__(self, name: str) -> Value:
        said = self._said[name]
        self._module.world.touch([said.at.file])
        return self._module.once((*self._key, name), lambda: self._module.value(said, self._scope))

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)


def _plain(address: str) -> str:
    """Return a module's address as Terraform's list of installed modules has it: names alone, with dots."""
    steps = [part for part in address.split(".") if part and part != "module"]
    return ".".join(step.partition("[")[0] for step in steps)


def _installed(root: str) -> dict[str, str]:
    """Return where `terraform init` has put modules, by their names."""
    path = paths.joined(root, ".terraform", "modules", "modules.json")
    if not paths.is_file(path):
        return {}
    try:
        listed = json.loads(text_of(path))["Modules"]
        return {one["Key"]: one["Dir"] for one in listed if one.get("Key")}
    except (UnreadableError, ValueError, KeyError, TypeError, AttributeError):
        return {}
