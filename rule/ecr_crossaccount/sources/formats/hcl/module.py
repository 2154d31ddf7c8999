"""One instance of a module: its folder, its inputs, the values of its names, and the modules that it calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from ....documents.pattern import Hole
from ....memo import by_value
from ...files.values.partial import Distinct, Prose, Value, first_hole, text_of
from ...found.context import Context
from ...found.found import Location
from ...reading.files import is_file, is_folder
from . import functions, tree
from .evaluate import Instance, content, content_with_places, fill_template, instances, value_of
from .folders import SEPARATOR, Folder, is_whole, join_path, matching, normal
from .module_sources import (
    Installed,
    KnownModule,
    ModelCall,
    arguments_of,
    is_model,
    known_module,
    model_of,
    module_source,
)
from .operators import FailedError
from .things import Account, ResourceThing, accounts_in_call, locations_in_call
from .tree import Argument, Block, Budget, Scope, Step, spread
from .variables import convert


@by_value
class Asked:
    """A variable of the root module, with or without a given value."""

    name: str


Mark = str | Asked
"""A dependency of a value: a file, or a variable of the root module."""


@by_value
class World:
    """The state that all modules of one evaluation share."""

    context: Context
    budget: Budget
    root: str
    child: Callable[[Module, str, Block, Instance], Module | None]
    read: list[str] = field(default_factory=list)
    touched: list[set[Mark]] = field(default_factory=lambda: [set()])

    def touch(self, marks: Iterable[Mark]) -> None:
        """Record dependencies of the value that is being evaluated."""
        self.touched[-1].update(marks)


@dataclass(slots=True, eq=False)
class Module:
    """An instance of a module.

    `inputs`: the caller's inputs, by name. `accounts`: the account of each provider, by name. `locations`: the location
    of each provider, None for that of the deployment. `lent`: whether the caller passes the providers. `via`: what the
    calls that lead here depend on. `above`: the folders of these calls, including its own. `model`: the call of a
    module that is not here, if the folder is the model of that module. `perhaps`: why the module may not be called.
    `is_open`: whether variables without an input may have one.
    """

    folder: Folder
    world: World
    inputs: Mapping[str, Value]
    address: str = ""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    locations: Mapping[str, Location | None] = field(default_factory=dict)
    lent: bool = False
    via: frozenset[Mark] = frozenset()
    above: tuple[str, ...] = ()
    model: ModelCall | None = None
    perhaps: str = ""
    is_open: bool = False
    _known: dict[tuple[str, ...], tuple[Value, set[Mark]]] = field(default_factory=dict)
    _open: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def scope(self) -> Scope:
        """The scope of the module's own expressions."""
        return Scope(self, self.world.budget)

    @property
    def context(self) -> Context:
        """The user's settings besides the files."""
        return self.world.context

    # --- names ---

    def lookup(self, root: str, steps: tuple[Step, ...]) -> tuple[Value, tuple[Step, ...]]:  # noqa: PLR0911 - a table of roots
        """Return the value of a name and its first steps, and the remaining steps."""
        first = steps[0].name if steps and isinstance(steps[0], tree.Attribute) else None
        if first is None:
            return Hole(root), steps
        match root:
            case "var":
                return self.once(("var", first), lambda: self.variable(first)), steps[1:]
            case "local":
                return self.once(("local", first), lambda: self._local(first)), steps[1:]
            case "module":
                return self.once(("module", first), lambda: self.call_of(first)), steps[1:]
            case "path":
                return {"module": self.folder.path, "root": self.world.root}.get(first, "."), steps[1:]
            case "data" if len(steps) > 1 and isinstance(steps[1], tree.Attribute):
                name = steps[1].name
                return self.once(("data", first, name), lambda: self.resource("data", first, name)), steps[2:]
            case "each" | "count" | "self" | "terraform":
                return Hole(f"{root}.{first}"), steps[1:]
        return self.once(("resource", root, first), lambda: self.resource("resource", root, first)), steps[1:]

    def once(self, name: tuple[str, ...], find: Callable[[], Value]) -> Value:
        """Return a name's value. It is computed at the first call, and is a hole if it depends on itself."""
        if name in self._known:
            value, files = self._known[name]
            self.world.touch(files)
            return value
        if name in self._open:
            return Hole(".".join(name[1:3]) if name[0] in ("attribute", "resource") else ".".join(name[:3]))
        self._open.add(name)
        self.world.touched.append(set())
        try:
            value = find()
            self._known[name] = value, self.world.touched[-1]
            return value
        finally:
            self._open.discard(name)
            self.world.touch(self.world.touched.pop())

    def value(self, said: Argument, scope: Scope | None = None) -> Value:
        """Return the value of an attribute, or a hole if Terraform would fail."""
        return value_of(said, scope or self.scope)

    def variable(self, name: str) -> Value:
        """Return the value of a variable: its input, its default, or a hole."""
        block = self.folder.variables.get(name)
        unknown = Hole(f"var.{name}", "" if self.address else f"--parameter {name}=…, or --var-file FILE")
        if block is None:
            return unknown
        self.world.touch([block.at.file] if self.address else [block.at.file, Asked(name)])
        default = block.attributes.get("default")
        kind = block.attributes.get("type")
        given = self.inputs.get(name) if name in self.inputs else None
        if name in self.inputs and (given is not None or default is None or self._is_nullable(block)):
            return convert(given, kind, self.scope)
        if default is None or self.is_open:
            return unknown
        return convert(self.value(default), kind, self.scope)

    def _is_nullable(self, block: Block) -> bool:
        said = block.attributes.get("nullable")
        return said is None or self.value(said) is not False

    def _local(self, name: str) -> Value:
        said = self.folder.locals.get(name)
        if said is None:
            return Hole(f"local.{name}")
        self.world.touch([said.at.file])
        return self.value(said)

    # --- resources, data and calls ---

    def resource(self, mode: str, kind: str, name: str) -> Value:
        """Return a resource or data source: one thing, or a list or map of them."""
        block = (self.folder.data if mode == "data" else self.folder.resources).get((kind, name))
        label = f"data.{kind}.{name}" if mode == "data" else f"{kind}.{name}"
        if block is None:
            return Hole(label)
        self.world.touch([block.at.file])
        return self._gather_instances(
            block, [(instance.name, self.thing(block, instance)) for instance in instances(block, self.scope)]
        )

    def thing(self, block: Block, instance: Instance) -> ResourceThing:
        """Return one instance of a resource or data source."""
        name = ".".join(block.labels)
        address = f"{'data.' if block.type == 'data' else ''}{name}{instance.key}"
        return ResourceThing(self, block, instance, address)

    def _gather_instances(self, block: Block, found: list[tuple[Value, Value]]) -> Value:
        if "for_each" in block.attributes and all(isinstance(key, str) for key, _ in found):
            return {str(key): one for key, one in found}
        if "count" in block.attributes and all(isinstance(key, int) for key, _ in found):
            return [one for _, one in found]
        return found[0][1] if found and found[0][0] is None else Hole(".".join(block.labels))

    def call_of(self, name: str) -> Value:
        """Return the outputs of a module call, with a hole for each instance that cannot be followed."""
        block = self.folder.calls.get(name)
        if block is None:
            return Hole(f"module.{name}")
        self.world.touch([block.at.file])
        outputs = (
            (one.name, Outputs(child) if child is not None else Hole(f"module.{name}{one.key}"))
            for child, one in self.children(block)
        )
        return self._gather_instances(block, list(outputs))

    def children(self, block: Block) -> Iterator[tuple[Module | None, Instance]]:
        """Yield the instances of a called module, with None if the call cannot be followed."""
        name = block.labels[0]
        for instance in instances(block, self.scope):
            make = partial(self.world.child, self, name, block, instance)
            known = self.once(("child", name, instance.identity), make)
            yield (known if isinstance(known, Module) else None), instance

    def output(self, name: str) -> Value:
        """Return an output. Raises FailedError if there is none."""
        block = self.folder.outputs.get(name)
        said = block.attributes.get("value") if block is not None else None
        if said is None:
            if self.model is not None:
                return Hole(f"{self.address}{name}")
            raise FailedError(f"no output `{name}`")
        self.world.touch([said.at.file])
        return self.once(("output", name), lambda: self.value(said))

    # --- functions that read files ---

    def call(self, name: str, arguments: list[Value], scope: Scope) -> Value:
        """Return the result of a function. Each argument that is one of two is tried both ways. Raises FailedError."""
        return spread(arguments, lambda values: self._call(name.removeprefix("core::"), values, scope))

    def _call(self, name: str, arguments: list[Value], scope: Scope) -> Value:  # noqa: PLR0911 - a table of functions
        match name:
            case "file":
                return self._file(*arguments[:1])
            case "filebase64":
                return functions.call("base64encode", [self._file(*arguments[:1])])
            case "templatefile":
                return self._template(arguments, scope)
            case "templatestring":
                return self._fill_text_template(arguments, scope)
            case "fileexists":
                path = self._path(arguments[0])
                # A file that is not here may be there when Terraform runs.
                return path if isinstance(path, Hole) else is_file(path) or Hole(f'fileexists("{path}")')
            case "fileset":
                return self._files(*arguments)
            case "abspath" | "pathexpand":
                return arguments[0]
        return functions.call(name, arguments)

    def _fill_text_template(self, arguments: list[Value], scope: Scope) -> Value:
        """Return a template in a text, filled in. The places of its lines are no longer known."""
        text, given = (text_of(arguments[0]), arguments[1]) if len(arguments) == 2 else (None, None)  # noqa: PLR2004 - both
        if not isinstance(text, str) or not isinstance(given, Mapping):
            return first_hole(arguments, "templatestring(…)")
        found = fill_template(text, self.folder.path, given, scope)
        return text_of(found) if isinstance(found, Prose) else found

    def _path(self, value: Value) -> str | Hole:
        """Return a path relative to the working folder. Terraform's paths are relative to the root module."""
        if not isinstance(value, str):
            return value if isinstance(value, Hole) else Hole("file(…)")
        here = tuple(text + SEPARATOR for text in (self.folder.path, self.world.root))
        if is_whole(value) or (value + SEPARATOR).startswith(here):
            return value
        return join_path(self.world.root, value)

    def _files(self, folder: Value, pattern: Value) -> Value:
        """Return the files of a folder that match a pattern, by their paths from there."""
        path = self._path(folder)
        if isinstance(path, Hole) or not isinstance(pattern, str) or not is_folder(path):
            return Hole("fileset(…)")
        found = matching(path, pattern)
        return Hole("fileset(…)") if found is None else Distinct(found)

    def _file(self, value: Value) -> Value:
        path = self._path(value)
        if isinstance(path, Hole):
            return path
        self.world.read.append(path)
        return content_with_places(path)

    def _template(self, arguments: list[Value], scope: Scope) -> Value:
        path = self._path(arguments[0])
        given = arguments[1] if len(arguments) > 1 else {}
        if isinstance(path, Hole):
            return path
        if not isinstance(given, Mapping):
            return given if isinstance(given, Hole) else Hole("templatefile(…)")
        self.world.read.append(path)
        return fill_template(content(path), path, given, scope)


@by_value
class Outputs:
    """The outputs of a module, as its caller reads them."""

    module: Module

    def attribute(self, name: str) -> Value:
        """Return an output. Raises FailedError."""
        return self.module.output(name)


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
        known = _find_module(source, version) if path is None else None
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
            path = normal(join_path(module.folder.path, source))
            return path if is_model(path) or is_folder(path) else None
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


def _find_module(source: Value, version: str | None) -> KnownModule | None:
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
