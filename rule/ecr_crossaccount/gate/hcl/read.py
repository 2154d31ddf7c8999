"""Folders of Terraform sources: which of them are configurations, and the policies that those make."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ...policy.holes import Hole
from ..context import Context
from ..files import UnreadableError, text_of
from ..found import Harvest, Place, Skipped, Unread, unread
from ..terraform.carried import Resource, found_policy, what_is_missing
from ..terraform.partial import Value
from ..terraform.policies import read_policy
from ..terraform.resources import CARRIERS, STACK
from ..terraform.stacks import stack
from . import paths, tree
from .errors import TooMuchError
from .evaluate import Budget, Scope, spelled
from .folders import Folder, files_in, folder_of, value_files, values_in
from .grammar import read_expression
from .instances import Instance, instances
from .module import Module, World
from .things import ResourceThing
from .tree import Block, Said

_DEEPEST = 20
_ELSEWHERE = (
    "module `{}`: its source, `{}`, is not here, so it was not followed: check the plan, `terraform show -json`"
)
_ASKS_FOR_PLAN = "{} known to Terraform only: check the plan, `terraform show -json`"
_TOO_MUCH = "takes too long to evaluate: check the plan, `terraform show -json`"
_REQUIRED = frozenset({"policy", "policy_text"})


def read(folders: Iterable[str], context: Context) -> Harvest:
    """Return the policies of folders of sources, with the local modules that they call."""
    return _Reading(context).harvest(folders)


class _Reading:
    """One run over some folders: each is read once, however often it is called."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._folders: dict[str, Folder] = {}
        self._shown: dict[str, str] = {}
        self._values: dict[str, Mapping[str, Said]] = {}
        self._errors: list[Unread] = []
        self._skipped: list[Skipped] = []

    def harvest(self, folders: Iterable[str]) -> Harvest:
        """Return what the folders hold."""
        self._shown = {paths.normal(path): path or "." for path in folders}
        found = [self.folder(path) for path in self._shown]
        called = {path for folder in found for path in _local_calls(folder)}
        given = self._given()
        whole = [one for one in found if one.path not in called or self._is_whole(one, given)]
        policies = [self._configuration(one, given) for one in whole]
        errors = [one for folder in self._folders.values() for one in folder.errors]
        return Harvest.of(policies) + Harvest(errors=tuple(errors + self._errors), skipped=tuple(self._skipped))

    def folder(self, path: str) -> Folder:
        """Return a folder, read when it is first asked for."""
        known = self._folders.get(path)
        if known is None:
            files, errors = files_in(self._shown.get(path, path))
            known = self._folders[path] = folder_of(files, path)
            known.errors += errors
        return known

    # --- variables ---

    def _given(self) -> dict[str, Said]:
        """Return the variables that the user gives for every configuration: by file, then by name."""
        given: dict[str, Said] = {}
        for path in self._context.var_files:
            given.update(self._values_of(path))
        return given

    def _values_of(self, path: str) -> Mapping[str, Said]:
        if path not in self._values:
            try:
                self._values[path] = values_in(path)
            except UnreadableError as error:
                self._errors.append(Unread(path, None, str(error)))
                self._values[path] = {}
        return self._values[path]

    def _inputs(self, folder: Folder, given: Mapping[str, Said]) -> dict[str, Said]:
        found: dict[str, Said] = {}
        for path in value_files(folder.path):
            found.update(self._values_of(path))
        found.update(given)
        for name, text in self._context.parameters.items():
            found[name] = _parameter(text, folder.variables.get(name))
        return {name: said for name, said in found.items() if name in folder.variables}

    def _is_whole(self, folder: Folder, given: Mapping[str, Said]) -> bool:
        """Whether a folder that others call could be applied by itself, with other values than they hand in."""
        inputs = self._inputs(folder, given)
        return bool(folder.variables) and all(
            name in inputs or "default" in block.attributes for name, block in folder.variables.items()
        )

    # --- configurations ---

    def _configuration(self, folder: Folder, given: Mapping[str, Said]) -> Harvest:
        world = World(self._context, Budget(), folder.path, _Children(self, _installed(folder.path)).child, [])
        alone = Module(folder, world, {})
        inputs = {name: alone.value(said) for name, said in self._inputs(folder, given).items()}
        try:
            found = Harvest.of(list(self._module(Module(folder, world, inputs))))
            return replace(found, followed=(*found.followed, *world.read))
        except TooMuchError:
            return unread(folder.path, _TOO_MUCH)
        except RecursionError:
            return unread(folder.path, "nested too deeply to be evaluated")

    def _module(self, module: Module) -> Iterator[Harvest]:
        for (kind, _), block in module.folder.resources.items():
            if kind in CARRIERS or kind == STACK:
                for one in instances(block, module):
                    yield self._resource(module, block, one)
        for block in module.folder.calls.values():
            for child, _ in module.children(block):
                if child is not None:
                    yield from self._module(child)

    def _resource(self, module: Module, block: Block, instance: Instance) -> Harvest:
        thing = module.thing(block, instance)
        kind = block.labels[0]
        attributes = _Attributes(thing)
        address = f"{module.address}{thing.address}"
        if kind == STACK:
            said = block.attributes.get("template_body")
            return stack(
                address, attributes.all(("template_body", "parameters")), said.at if said else block.at, self._context
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
        return Hole(name) if name in _REQUIRED else None

    def skip(self, block: Block, source: str) -> None:
        """Note a module call that is not followed."""
        self._skipped.append(Skipped(block.at.file, _ELSEWHERE.format(block.labels[0], source)))


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


class _Children:
    """Follows module calls."""

    def __init__(self, reading: _Reading, installed: Mapping[str, str]) -> None:
        self._reading = reading
        self._installed = installed

    def child(self, module: Module, name: str, block: Block, instance: Instance) -> Module | None:
        """Return the module that is called, None where its sources are not here."""
        said = block.attributes.get("source")
        source = module.value(said) if said is not None else None
        address = f"{module.address}module.{name}{instance.key}."
        path = self._path(module, source, _plain(address))
        if path is None or module.depth == _DEEPEST:
            self._reading.skip(block, str(source))
            return None
        return Module(
            self._reading.folder(path),
            module.world,
            _Inputs(module, block, instance),
            address,
            module.foreign or _hands_in_another_provider(block),
            module.depth + 1,
        )

    def _path(self, module: Module, source: Value, key: str) -> str | None:
        if isinstance(source, str) and source.startswith(("./", "../")):
            path = paths.normal(paths.joined(module.folder.path, source))
            return path if paths.is_folder(path) else None
        installed = self._installed.get(key)
        return paths.normal(paths.joined(module.world.root, installed)) if installed is not None else None


class _Inputs(Mapping[str, Value]):
    """What a call hands in, each argument evaluated when the module asks for it."""

    _OWN = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})

    def __init__(self, module: Module, block: Block, instance: Instance) -> None:
        self._module = module
        self._said = {name: said for name, said in block.attributes.items() if name not in self._OWN}
        self._scope: Scope = instance.scope(module)
        self._key = ("input", block.labels[0], instance.key)

    def __getitem__(self, name: str) -> Value:
        said = self._said[name]
        return self._module.once((*self._key, name), lambda: self._module.value(said, self._scope))

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)


def _local_calls(folder: Folder) -> Iterator[str]:
    for block in folder.calls.values():
        said = block.attributes.get("source")
        template = said.expression if said is not None else None
        if (
            isinstance(template, tree.Template)
            and len(template.parts) == 1
            and isinstance(template.parts[0], tree.Piece)
        ):
            source = template.parts[0].text
            if source.startswith(("./", "../")):
                yield paths.normal(paths.joined(folder.path, source))


def _hands_in_another_provider(block: Block) -> bool:
    """Whether a call gives its module a provider of AWS that has a name of its own."""
    said = block.attributes.get("providers")
    if said is None or not isinstance(said.expression, tree.ObjectOf):
        return False
    return any("." in spelled(value) for name, value in said.expression.pairs if spelled_name(name) == "aws")


def spelled_name(expression: tree.Expression) -> str:
    """Return the name of an object's field as written."""
    return str(expression.value) if isinstance(expression, tree.Literal) else spelled(expression)


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


def _parameter(text: str, variable: Block | None) -> Said:
    """Return a variable's value from the command line: a text, or for other types an expression."""
    at = Place("--parameter")
    literal = Said(tree.Template((tree.Piece(text, at),)), at, text)
    kind = variable.attributes.get("type") if variable is not None else None
    if kind is None or spelled(kind.expression) == "string":
        return literal
    return read_expression(text, at) or literal
