"""One configuration: a root module with everything that it calls, and the policies that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ...policy.holes import Hole
from ..found import NOTHING, Harvest, unread
from ..terraform.carried import Resource, found_policy, what_is_missing
from ..terraform.exchanges import unjudged
from ..terraform.partial import Value
from ..terraform.policies import read_policy
from ..terraform.resources import CARRIERS, REQUIRED, STACKS, is_read
from ..terraform.stacks import stack
from .absent import absent, not_here, nothing_of
from .blocks import contents
from .calls import PER_INSTANCE, Calls, Folders
from .errors import TooMuchError
from .folders import Folder
from .instances import Instance, instances
from .model_calls import ModelCall
from .module import Module, World
from .providers import accounts_of
from .scope import Budget
from .things import ResourceThing
from .tree import Block, Said

_PLAN = "check the plan, `terraform show -json`"
_ASKS_FOR_PLAN = f"only Terraform knows {{}}: where that matters, {_PLAN}"
_TOO_MUCH = f"takes too long to evaluate: {_PLAN}"
_TOO_DEEP = f"nested too deeply to be evaluated: {_PLAN}"


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
        self._called: set[str] = set()
        self._world = World(folders.context, Budget(), folder.path, Calls(folders, folder.path).child)

    @property
    def called(self) -> frozenset[str]:
        """The folders whose modules were called, once it is harvested."""
        return frozenset(self._called)

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
        return replace(found, followed=tuple(self._world.read))

    def _matters(self, files: set[str]) -> bool:
        return self._named is None or not self._named.isdisjoint(files)

    def _module(self, module: Module) -> Iterator[Harvest]:
        for block in [*module.folder.resources.values(), *module.folder.repeated]:
            if is_read(block.labels[0]):
                yield self._block(module, block)
        for block in module.folder.calls.values():
            for child, instance in list(module.children(block)):
                if child is not None:
                    self._called.add(child.folder.path)
                if child is None:
                    yield self._absent(module, block, instance)
                elif child.model is None or module.model is not None:
                    yield from self._module(child)
                else:
                    yield self._modelled(child, child.model)

    def _modelled(self, module: Module, call: ModelCall) -> Harvest:
        """Return what a module makes that is not here, but known; what is not known of it never goes unsaid."""
        found = Harvest.of(list(self._module(module)))
        if found.policies or not self._matters({call.block.at.file, *module.via}):
            return found
        return found + nothing_of(call, module.address)

    def _absent(self, module: Module, block: Block, instance: Instance) -> Harvest:
        """Return what can be said of a module of which nothing is known; if that takes too long, that it is there."""
        self._world.budget.renew()
        self._world.touched.append({block.at.file, *module.via})
        try:
            found = absent(module, block, instance)
        except (TooMuchError, RecursionError):
            found = not_here(module, block)
        files = self._world.touched.pop()
        own = {block.at.file, *module.via}
        matters = self._matters(own if self._alone else files)
        return found if matters and (found.policies or self._matters(own)) else NOTHING

    def _block(self, module: Module, block: Block) -> Harvest:
        """Return what a resource makes, in terms of the call where the resource stands in a model."""
        found = self._found(module, block)
        return found if module.model is None else module.model.told(found, module.folder)

    def _found(self, module: Module, block: Block) -> Harvest:
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
        self._world.budget.spend(PER_INSTANCE)
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
                self._folders.context,
            )
        if kind not in CARRIERS:
            owner = thing.account or self._folders.context.account
            inside = contents(block, module, instance.scope(module))
            return unjudged(address, kind, inside, block.at, owner)
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
