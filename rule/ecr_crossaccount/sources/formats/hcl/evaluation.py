"""One evaluation of a configuration: a root module with the modules that it calls, and the policies that they make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

from ....documents.pattern import Hole
from ....judgement.kinds.table import EXCHANGES
from ....memo import by_value
from ...files.values.partial import NotThere, Value, holes_in
from ...found.context import Context
from ...found.found import NOTHING, Harvest, Skipped, unread
from ..aws_provider.policies import read_policy
from ..aws_provider.resources import (
    ACCOUNT_SETTING,
    CARRIERS,
    REQUIRED,
    STACKS,
    Resource,
    decisive,
    exchange_fields,
    found_policy,
    is_read,
    misplaced_in,
    scope_of,
    unknown,
    what_is_missing,
)
from ..aws_provider.stacks import stack
from .absent import absent, is_about_ecr, not_here, nothing_of
from .evaluate import Instance, contents, instances
from .folders import Folder, join_path
from .module import PER_INSTANCE, Asked, Calls, Folders, Mark, Module, World, source_of
from .module_sources import ModelCall
from .operators import TooMuchError
from .things import ResourceThing, accounts_of, locations_of
from .tree import Argument, Block, Budget

_FILE = "main.tf"
"""Represents the files of a configuration, if the account depends on a path."""
_PLAN = "check the plan, `terraform show -json`"
_ASKS_FOR_PLAN = f"only Terraform knows {{}}: where that matters, {_PLAN}"
_ASKS_FOR_VALUE = f"{{}} has no value here: where that matters, give it (--parameter, --var-file), or {_PLAN}"
_VARIABLE = re.compile(r"`var\.[^`.\[]+`")
"""The name of an unknown value that is a variable. An option can give that of a root module."""
_KEY = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]')
"""The key of an instance in an address."""
_NO_FILE = f"{{}}: put the file there, or {_PLAN}"
_NOTHING = "module `{}`: as it is called, it makes no policy of ECR"
_LEFT_OUT = "{} is not there: its `{}` leaves it out"
_TOO_MUCH = f"takes too long to evaluate: {_PLAN}"
_TOO_DEEP = f"nested too deeply to be evaluated: {_PLAN}"


_META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "provider", "providers"})
_OUTERMOST = 2
"""The number of folders down to a module that the root calls: the root's and its own."""

_Found = TypeVar("_Found")


@by_value
class Sources:
    """A folder that is a configuration, and the given values of its variables.

    `named`: only policies that depend on these files are reported; None for all policies.
    """

    folders: Folders
    folder: Folder
    inputs: Mapping[str, Argument]
    named: frozenset[str] | None

    @property
    def context(self) -> Context:
        """The surroundings of the configuration. Its folder may determine the account."""
        return self.folders.context.for_path(join_path(self.folder.path, _FILE))


class Evaluation:
    """A configuration with the values `assumed` for variables.

    After the harvest, `called` has the folders of the called modules, and `left` those that are left out, with reasons.
    `asked` has the variables that each policy depends on, by its resource, and `asked_by_any` those that anything
    depends on. `off` has the variables without a value that leave something out. `wanted`: the addresses to evaluate,
    without keys; None for all.
    """

    def __init__(self, sources: Sources, assumed: Mapping[str, Value], wanted: AbstractSet[str] | None = None) -> None:
        self._folder = sources.folder
        self._said = sources.inputs
        self._named = sources.named
        self._assumed = assumed
        self._wanted = wanted
        self.called: set[str] = set()
        self.left: dict[str, Skipped] = {}
        self.asked: dict[str, frozenset[str]] = {}
        self.asked_by_any: set[str] = set()
        self.off: set[str] = set()
        self._left: list[str] = []
        self._calls = Calls(sources.folders, sources.folder.path)
        self._world = World(sources.context, Budget(), sources.folder.path, self._calls.child)

    def harvest(self) -> Harvest:
        """Return what the configuration makes."""
        bare = Module(self._folder, self._world, {})
        inputs = {**{name: bare.value(said) for name, said in self._said.items()}, **self._assumed}
        accounts = accounts_of(self._folder.providers, bare.context.account, bare.scope)
        locations = locations_of(self._folder.providers, accounts, bare.scope)
        root = Module(
            self._folder, self._world, inputs, accounts=accounts, locations=locations, above=(self._folder.path,)
        )
        try:
            found = Harvest.from_parts(list(self._module(root)))
        except TooMuchError:
            return unread(self._folder.path, _TOO_MUCH)
        except RecursionError:
            return unread(self._folder.path, _TOO_DEEP)
        found = replace(found, followed=tuple(self._world.read)).owned_by(self._world.context.account)
        return found.deployed_with(self._folder.path or ".")

    def value(self, said: Argument) -> Value:
        """Return the value of an expression of the root module that refers to nothing in it, such as a default."""
        return Module(self._folder, self._world, {}).value(said)

    def _is_wanted(self, address: str) -> bool:
        return self._wanted is None or any(text.startswith(bare(address)) for text in self._wanted)

    def _matters(self, files: AbstractSet[Mark]) -> bool:
        return self._named is None or not self._named.isdisjoint(files)

    def _module(self, module: Module) -> Iterator[Harvest]:
        told = module.folder.told
        for block in [*told.resources.values(), *told.repeated]:
            if is_read(block.labels[0]):
                yield self._block(module, block)
        for block in told.calls.values():
            if self._is_wanted(f"{module.address}module.{block.labels[0]}"):
                yield from self._call(module, block)

    def _call(self, module: Module, block: Block) -> Iterator[Harvest]:
        children, marks = self._find_with_marks({block.at.file, *module.via}, lambda: list(module.children(block)))
        if not children:
            self._note_off(marks)
            self.left |= {path: _why_left_out(block) for path in self._calls.local(module, block)}
            if is_about_ecr(block.labels[0], str(source_of(module, block)[0])):
                yield self._left_out(module, block)
        for child, instance in children:
            if child is None:
                yield self._absent(module, block, instance)
                continue
            child.perhaps = module.perhaps or self._perhaps(instance, marks)
            child.via = frozenset(marks)
            self.called.add(child.folder.path)
            if child.model is not None and module.model is None:
                yield self._read_model(child, child.model)
            else:
                yield self._read_call(child, block)

    def _read_call(self, module: Module, block: Block) -> Harvest:
        """Return what a module here makes. If it makes no policy because all are left out, that is reported."""
        before = len(self._left)
        found = Harvest.from_parts(list(self._module(module)))
        outermost = len(module.above) == _OUTERMOST
        if found.policies or len(self._left) == before or not outermost or not self._matters({block.at.file}):
            return found
        return found + Harvest(skipped=(Skipped(block.at.file, _NOTHING.format(block.labels[0])),))

    def _read_model(self, module: Module, call: ModelCall) -> Harvest:
        """Return what a known module makes that is not here. If it makes no policy, that is reported."""
        found = Harvest.from_parts(list(self._module(module)))
        if found.policies or not self._matters({call.block.at.file, *module.via}):
            return found
        return found + nothing_of(call, module.address)

    def _absent(self, module: Module, block: Block, instance: Instance) -> Harvest:
        """Return the result for an unknown module. If its arguments take too long, report only the module."""
        self._world.budget.renew()
        own: set[Mark] = {block.at.file, *module.via}
        found, marks = self._find_with_marks(own, lambda: self._said_of(module, block, instance))
        why = f"the module `{block.labels[0]}`, which is not here, decides that"
        found = found.with_perhaps(why)
        self._depends(found, marks)
        return found if self._matters(marks) and (found.policies or self._matters(own)) else NOTHING

    def _said_of(self, module: Module, block: Block, instance: Instance) -> Harvest:
        try:
            return absent(module, block, instance)
        except (TooMuchError, RecursionError):
            return not_here(module, block)

    def _find_with_marks(self, own: Iterable[Mark], find: Callable[[], _Found]) -> tuple[_Found, set[Mark]]:
        """Return the result of `find`, and the marks that it depends on, including its `own`."""
        self._world.touched.append(set(own))
        try:
            return find(), self._world.touched[-1]
        finally:
            self._world.touched.pop()

    def _depends(self, found: Harvest, marks: Iterable[Mark]) -> None:
        names = frozenset(_asked_names(marks))
        self.asked_by_any |= names
        for resource in (*(policy.resource for policy in found.policies), *(one.resource for one in found.unjudged)):
            self.asked[resource] = self.asked.get(resource, frozenset()) | names

    def _note_off(self, marks: Iterable[Mark]) -> None:
        self.asked_by_any |= set(_asked_names(marks))
        self.off |= set(self._unsettled_names(marks))

    def _unsettled_names(self, marks: Iterable[Mark]) -> list[str]:
        """Return the variables without a value. They have their defaults, if there are any."""
        return sorted({*_asked_names(marks)} - self._said.keys() - self._assumed.keys())

    def _left_out(self, module: Module, block: Block) -> Harvest:
        """Return the result for a block that is left out. Inside a module, the module's call reports it."""
        if module.address:
            self._left.append(module.address)
            return NOTHING
        if not self._matters({block.at.file}):
            return NOTHING
        return Harvest(skipped=(_why_left_out(block),))

    def _block(self, module: Module, block: Block) -> Harvest:
        """Return what a resource makes. For a resource in a model, the result is in terms of the call."""
        if not self._is_wanted(f"{module.address}{'.'.join(block.labels)}"):
            return NOTHING
        found = self._read_resource(module, block)
        return found if module.model is None else module.model.place_results(found, module.folder)

    def _read_resource(self, module: Module, block: Block) -> Harvest:
        """Return what a resource makes. If it cannot be evaluated, the other resources are still read."""
        self._world.budget.renew()
        try:
            own: set[Mark] = {block.at.file, *module.via}
            there, marks = self._find_with_marks(own, lambda: list(instances(block, module.scope)))
            if not there:
                self._note_off(marks)
                return self._left_out(module, block)
            found = [self._read_instance(module, block, instance, marks) for instance in there]
        except (TooMuchError, RecursionError) as error:
            reason = _TOO_DEEP if isinstance(error, RecursionError) else _TOO_MUCH
            return unread(block.at.file, f"{module.address}{'.'.join(block.labels)}: {reason}", block.at.line)
        return Harvest.from_parts(found)

    def _read_instance(self, module: Module, block: Block, instance: Instance, marks: Iterable[Mark]) -> Harvest:
        """Return what one instance makes. `marks`: what decides whether it exists."""
        self._world.budget.spend(PER_INSTANCE)
        found, touched = self._find_with_marks(marks, lambda: self._resource(module, block, instance))
        self._depends(found, touched)
        why = module.perhaps or self._perhaps(instance, marks)
        found = found.with_perhaps(why)
        if why or self._unsettled_names(touched):
            found = replace(found, scopes=tuple(replace(scope, value=None) for scope in found.scopes))
        return found if self._matters(touched) else NOTHING

    def _resource(self, module: Module, block: Block, instance: Instance) -> Harvest:
        thing = module.thing(block, instance)
        kind = block.labels[0]
        address = f"{module.address}{thing.address}"
        if kind in STACKS:
            said = block.attributes.get("template_body")
            return stack(
                address,
                kind,
                _attributes(thing, "template_body", "parameters"),
                said.at if said else block.at,
                replace(self._world.context, account=thing.account or self._world.context.account),
                thing.owners,
            )
        if kind == ACCOUNT_SETTING:
            scope = scope_of(_attributes(thing, "name", "value"))
            made = () if scope is None else (replace(scope, account=thing.account, location=thing.location),)
            return Harvest(scopes=made)
        if kind not in CARRIERS:
            return unknown(address, kind, block.at)
        carrier = CARRIERS[kind]
        said = block.attributes.get(carrier.policy)
        at = said.at if said is not None else block.at
        if carrier.kind in EXCHANGES:
            known: Mapping[str, Value] = contents(block, instance.scope(module.scope))
            value, read = decisive(exchange_fields(carrier, known)), None
            elsewhere: tuple[str, ...] = ()
        else:
            known = _attributes(thing, carrier.name, carrier.prefix)
            unsaid = Hole(carrier.policy) if carrier.policy in REQUIRED else None
            value = unsaid if said is None else thing.attribute(carrier.policy)
            read = read_policy(value, at)
            elsewhere = self._elsewhere(module, instance, thing)
        missing = what_is_missing(value)
        files = dict.fromkeys(hole.name for hole in holes_in(value) if isinstance(hole, NotThere))
        given = missing is not None and not module.address and _VARIABLE.fullmatch(missing)
        asks = _ASKS_FOR_VALUE if given else _ASKS_FOR_PLAN
        notes = tuple(map(_NO_FILE.format, files)) + ((asks.format(missing),) if missing else ())
        region = _attributes(thing, "region").get("region")
        found = found_policy(
            Resource(
                address,
                kind,
                known,
                at,
                block.at,
                read,
                account=thing.account,
                region=region if isinstance(region, str) else None,
                notes=(*notes, *thing.notes),
                misplaced=elsewhere,
            )
        )
        found = replace(found, location=thing.location, owners=thing.owners)
        return Harvest((found,))

    def _elsewhere(self, module: Module, instance: Instance, thing: ResourceThing) -> tuple[str, ...]:
        """Return why another argument may be meant to hold the policy.

        The values that other arguments depend on do not matter, unless one of them does hold the policy.
        """

        def find() -> tuple[str, ...]:
            block, scope = thing.block, instance.scope(module.scope)
            inner = {one.labels[0] if one.labels else one.type: contents(one, scope) for one in block.blocks}
            own = _attributes(thing, *(name for name in block.attributes if name not in _META_ARGUMENTS))
            return misplaced_in(block.labels[0], {**inner, **own})

        found, marks = self._find_with_marks((), find)
        if found:
            self._world.touch(marks)
        return found

    def _perhaps(self, instance: Instance, marks: Iterable[Mark]) -> str:
        """Return why an instance may not exist, or "" if it certainly does. A default does not make it certain."""
        if not instance.is_certain:
            return "its `count` or `for_each` is not known"
        names = self._unsettled_names(marks)
        return f"as by the default of `var.{names[0]}`" if names else ""


def _why_left_out(block: Block) -> Skipped:
    by = "count" if "count" in block.attributes else "for_each"
    name = f"{'module.' if block.type == 'module' else ''}{'.'.join(block.labels)}"
    return Skipped(block.at.file, _LEFT_OUT.format(name, by))


def bare(address: str) -> str:
    """Return an address without the keys of instances."""
    return _KEY.sub("", address)


def _asked_names(marks: Iterable[Mark]) -> Iterator[str]:
    return (mark.name for mark in marks if isinstance(mark, Asked))


def _attributes(thing: ResourceThing, *names: str | None) -> dict[str, Value]:
    return {name: thing.attribute(name) for name in names if name is not None and name in thing.block.attributes}
