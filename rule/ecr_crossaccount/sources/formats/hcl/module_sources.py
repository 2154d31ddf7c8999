"""The source of a module and its version, and the effect of modules whose sources need not be here.

A source is a registry, GitHub or Terragrunt's `tfr`, all by the name in the public registry. The version is the newest
that the constraint of the call allows, or the one in its ref.

https://developer.hashicorp.com/terraform/language/modules/sources
https://developer.hashicorp.com/terraform/language/expressions/version-constraints
https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#terraform

`terraform init` lists the modules that it has installed in `.terraform/modules`. The list is a file of the checkout
like any other, so it is not trusted. A module in it counts only if its folder is in `.terraform/modules`, after links
are followed, and if it is the one that the call asks for now.

The effect of widely used modules is known. `known/modules.json` is the table. It has the supported versions with their
commits and, for each folder of a module, its arguments and its model. A model, `known/*.model`, is Terraform source
with the statements that the module makes. It is evaluated as if the module itself were here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from ....documents.json import BadJsonError, strict_value_of
from ....memo import by_value
from ...files.files import file_text
from ...files.values.nodes import Place
from ...found.found import FoundPolicy, Harvest, Unread
from ...reading.files import UnreadableError, is_file, is_folder
from . import tree
from .folders import SEPARATOR, Folder, folder_of, is_inside, join_path, normal
from .grammar import read_source
from .tree import Argument, Block

Version = tuple[int, int, int]

_CONSTRAINT = r"(=|!=|>=|<=|>|<|~>)?\s*v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})"
_TAG = r"(?:refs/)?(?:tags/)?v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})"
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_NEWEST = frozenset({None, "", "HEAD", "main", "master", "refs/heads/main", "refs/heads/master"})
_LATER = (10**9, 0, 0)
"""A version later than any real one."""


def parse_version(text: str) -> Version:
    """Return a version's three numbers. Missing ones are 0."""
    numbers = [int(one) for one in text.split(".")]
    major, minor, patch = (*numbers, 0, 0)[:3]
    return major, minor, patch


def newest_allowed(constraint: str | None, versions: Sequence[str]) -> str | None:
    """Return the newest of some versions, oldest first, that a constraint allows; None if it allows none."""
    return next((version for version in reversed(versions) if allows(constraint, parse_version(version))), None)


def allows(constraint: str | None, version: Version) -> bool:
    """Return whether a constraint allows a version. A constraint that cannot be parsed allows none."""
    if constraint is None:
        return True
    found = [re.fullmatch(_CONSTRAINT, part.strip()) for part in constraint.split(",")]
    return all(one is not None and _holds(one[1] or "=", one[2], version) for one in found)


def _holds(operator: str, text: str, version: Version) -> bool:
    wanted = parse_version(text)
    # `~> 1.2` does not fix its last number.
    fixed = max(1, text.count("."))
    return {
        "=": version == wanted,
        "!=": version != wanted,
        ">": version > wanted,
        "<": version < wanted,
        ">=": version >= wanted,
        "<=": version <= wanted,
        "~>": version >= wanted and version[:fixed] == wanted[:fixed],
    }[operator]


def of_ref(ref: str | None, commits: Mapping[str, str]) -> str | None:
    """Return the version for a Git ref, from known `commits`, oldest first. None if there is none."""
    if ref in _NEWEST:
        return list(commits)[-1]
    tag = re.fullmatch(_TAG, str(ref))
    if tag is not None and (tag[1].count(".") or not _COMMIT.fullmatch(str(ref))):
        same = [text for text in commits if text == tag[1] or text.startswith(f"{tag[1]}.")]
        return same[-1] if same else None
    if _COMMIT.fullmatch(str(ref).lower()):
        return next((one for one, commit in commits.items() if commit.startswith(str(ref).lower())), None)
    return None


_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_PUBLIC = r"(?:(?:registry\.terraform\.io|registry\.opentofu\.org)/)?"
_REGISTRY = rf"{_PUBLIC}({_NAME})/({_NAME})/([a-z0-9]+)"
_TFR = r"tfr://(?:registry\.terraform\.io|registry\.opentofu\.org)?/"
_GITHUB = (
    r"(?:git::)?(?:(?:https|ssh|git)://)?(?:[^@/]*@)?(?:www\.)?github\.com[/:]+"
    rf"({_NAME})/terraform-([a-z0-9]+)-({_NAME}?)(?:\.git)?"
)
RESERVED = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
"""The arguments of a call that are for Terraform, and not inputs. No variable may have such a name.

https://developer.hashicorp.com/terraform/language/block/variable
"""
_SUBFOLDER = re.compile(r"(?<![:/])//")
"""What a folder inside a module follows. The `//` of `https://` and of `tfr:///` is another one."""


@by_value
class ModuleSource:
    """A module that can be found by name.

    `id`: the module's name in the public registry. `folder`: the folder inside it, without slashes at its ends.
    `constraint`: the version constraint for a registry. `ref`: the branch, tag or commit for Git. Each is None if it is
    not set, or for the other kind of source. `is_git`: whether it comes from Git.
    """

    id: str
    folder: str = ""
    constraint: str | None = None
    ref: str | None = None
    is_git: bool = False


def module_source(source: str, version: str | None) -> ModuleSource | None:
    """Return the module for a call's `source` and `version`. None if it is not in a public registry or on GitHub."""
    whole, _, query = source.partition("?")
    address, *folder = _SUBFOLDER.split(whole, maxsplit=1)
    asked = {name: value for name, _, value in (text.partition("=") for text in query.split("&"))}
    found = _of_registry(address, asked.get("version", version)) or _of_github(address, asked.get("ref"))
    return replace(found, folder="".join(folder).strip("/").removesuffix(".git")) if found is not None else None


def _of_registry(address: str, version: str | None) -> ModuleSource | None:
    found = re.fullmatch(_REGISTRY, re.sub(_TFR, "", address, flags=re.IGNORECASE), flags=re.IGNORECASE)
    return ModuleSource("/".join(found.groups()).lower(), constraint=version) if found else None


def _of_github(address: str, ref: str | None) -> ModuleSource | None:
    found = re.fullmatch(_GITHUB, address.rstrip("/"), flags=re.IGNORECASE)
    if found is None:
        return None
    owner, provider, name = found.groups()
    return ModuleSource(f"{owner}/{name}/{provider}".lower(), ref=ref, is_git=True)


def arguments_of(call: Block) -> Mapping[str, Argument]:
    """Return the inputs of a call."""
    return {name: said for name, said in call.attributes.items() if name not in RESERVED}


_NUMBERS = r"[0-9]{1,9}(?:\.[0-9]{1,9}){2}"
_FOLDER = (".terraform", "modules")


class Installed:
    """The installed modules of the configuration in one folder."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._modules = {str(module.get("Key")): module for module in _installed_modules(root)}

    def path_of(self, address: str, source: str, version: str | None) -> str | None:
        """Return the folder of a called module, by its address. None if it, or the right version, is not installed."""
        one = self._modules.get(_plain(address), {})
        folder = one.get("Dir")
        if not isinstance(folder, str) or not _is_asked_for(one, source, version):
            return None
        path = normal(join_path(self._root, folder))
        inside = is_inside(path, join_path(self._root, *_FOLDER))
        return path if inside and is_folder(path) else None


def _is_asked_for(one: Mapping[str, Any], source: str, version: str | None) -> bool:
    """Return whether an installed module is the one that a call asks for. The call may have changed since."""
    installed, there = one.get("Source"), one.get("Version")
    if isinstance(installed, str) and _name(installed) != _name(source):
        return False
    return not (isinstance(there, str) and re.fullmatch(_NUMBERS, there)) or allows(version, parse_version(there))


def _name(source: str) -> object:
    """Return a source in a normal form, so that different spellings of one source are equal."""
    return module_source(source, None) or source


def _plain(address: str) -> str:
    """Return a module's address as in the list: names with dots. Keys of instances may contain any character."""
    return ".".join(re.findall(r'module\.([^.\["]+)(?:\["(?:[^"\\]|\\.)*"\]|\[[^\]"]*\])?\.', address))


def _installed_modules(root: str) -> Iterator[Mapping[str, Any]]:
    path = join_path(root, *_FOLDER, "modules.json")
    if not is_file(path):
        return
    try:
        listed = strict_value_of(file_text(path))
    except (UnreadableError, BadJsonError):
        return
    modules = listed.get("Modules") if isinstance(listed, dict) else None
    yield from (
        module
        for module in (modules if isinstance(modules, list) else ())
        if isinstance(module, dict) and module.get("Key")
    )


_TABLE = Path(__file__).with_name("known")
_ROOT = "known-module:"
"""The beginning of the models' paths. No folder of the user begins like this."""

_AS = "judged as version {} of `{}` uses its arguments, because its source is not here"
_NEWER = "; no version is fixed, so a newer version may differ"
_UNCHECKED = "{} of `{}` is not one of the known versions {} to {}, so what it makes is not known"
_ARGUMENT = "`{}` is not an argument of `{}` that is known here, so what it makes is not known"


@by_value
class KnownModule:
    """A folder of a module in the table.

    `path`: the path of its model. `notes` and `doubts`: those about the version.
    """

    path: str
    source: ModuleSource
    arguments: frozenset[str]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]

    def doubts_about(self, arguments: Iterable[str]) -> tuple[str, ...]:
        """Return why a call with some arguments may make something other than the model."""
        unknown = [name for name in arguments if name not in self.arguments]
        return (*self.doubts, *(_ARGUMENT.format(name, self.source.id) for name in unknown))


def known_module(source: ModuleSource) -> KnownModule | None:
    """Return a module of the table; None if it is unknown."""
    row = _table().get(source.id)
    folder = row["folders"].get(source.folder) if row is not None else None
    if row is None or folder is None:
        return None
    commits: Mapping[str, str] = row["versions"]
    version = of_ref(source.ref, commits) if source.is_git else newest_allowed(source.constraint, list(commits))
    first, *_, last = commits
    notes = (_AS.format(version or last, source.id) + (_NEWER if _is_open(source) else ""),)
    name = f"`ref={source.ref}`" if source.is_git else f"version `{source.constraint}`"
    doubts = () if version else (_UNCHECKED.format(name, source.id, first, last),)
    path = join_path(f"{_ROOT}{source.id}", source.folder) if source.folder else f"{_ROOT}{source.id}"
    return KnownModule(path, source, frozenset(folder["arguments"]), notes, doubts)


def _is_open(source: ModuleSource) -> bool:
    """Return whether a call follows the newest version, in any major version."""
    return source.ref in _NEWEST if source.is_git else allows(source.constraint, _LATER)


def is_model(path: str) -> bool:
    """Return whether a path is that of a model, and not of a folder or file of the user."""
    return path.startswith(_ROOT)


def model_of(path: str) -> Folder | None:
    """Return a model by its path; None if there is none."""
    for id_, row in _table().items():
        folder = path.removeprefix(f"{_ROOT}{id_}").lstrip(SEPARATOR)
        if path.startswith(f"{_ROOT}{id_}") and folder in row["folders"]:
            return _model(path, row["folders"][folder]["model"])
    return None


@cache
def _table() -> dict[str, Any]:
    """Return the table beside this module, which is part of the package."""
    table: dict[str, Any] = json.loads((_TABLE / "modules.json").read_text("utf-8"))
    return table


@cache
def _model(path: str, name: str) -> Folder:
    text = (_TABLE / f"{name}.model").read_text("utf-8")
    return folder_of({path: read_source(text, path)}, path)


Arguments = Mapping[Place, tuple[str, ...]]
"""The arguments that determine the value at a place of a model."""


@by_value
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

    def place_results(self, found: Harvest, model: Folder) -> Harvest:
        """Return what a model makes, as part of the call.

        Each result has the place of the argument that determines it.
        """
        places = _arguments(model.path)
        at = self.block.at
        arguments = [
            (one, self._place(places.get(Place(one.file, one.line, one.column), ()))) for one in found.unjudged
        ]
        return replace(
            found,
            policies=tuple(self._policy(policy, places) for policy in found.policies),
            unjudged=tuple(replace(one, file=at.file, line=at.line, column=at.column) for one, at in arguments),
            errors=tuple(Unread(at.file, at.line, error.reason) for error in found.errors),
        )

    def _policy(self, found: FoundPolicy, places: Arguments) -> FoundPolicy:
        (own,), statements = self._places((found.at,), places), self._places(found.statements, places)
        others = (replace(one, statements=self._places(one.statements, places)) for one in found.otherwise)
        return replace(
            found,
            at=next((statement for statement in (*statements, own) if statement != self.block.at), self.block.at),
            statements=statements,
            otherwise=tuple(others),
            notes=(*self.known.notes, *found.notes),
            doubts=(*found.doubts, *self.doubts),
            resource_at=self.block.at,
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the module may make something other than its model."""
        return self.known.doubts_about(arguments_of(self.block))

    def _places(self, places: Iterable[Place], arguments: Arguments) -> tuple[Place, ...]:
        return tuple(self._place(arguments.get(place, ())) if is_model(place.file) else place for place in places)

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
    blocks += [
        (one, outer) for block in model.resources.values() for outer in block.blocks for one in _walk_blocks(outer)
    ]
    for made, block in blocks:
        named = [*made.inner("principals"), *made.inner("condition"), made, block]
        found[made.at] = tuple(dict.fromkeys(name for one in named for name in _values_named(one, model)))
    return found


def _walk_blocks(block: Block) -> Iterator[Block]:
    yield block
    for inner in block.blocks:
        yield from _walk_blocks(inner)


def _values_named(block: Block, model: Folder) -> Iterator[str]:
    """Yield the arguments that a block refers to, including those through local values."""
    waiting: list[object] = [said.expression for said in block.attributes.values()]
    seen: set[str] = set()
    while waiting:
        for part in tree.parts(waiting.pop(0)):
            match part:
                case tree.Access(of=tree.Name(name="var"), steps=(tree.Attribute(name=name), *_)):
                    yield name
                case tree.Access(of=tree.Name(name="local"), steps=(tree.Attribute(name=name), *_)) if name not in seen:
                    seen.add(name)
                    waiting += [model.locals[name].expression] if name in model.locals else []
    for inner in block.blocks:
        yield from _values_named(inner, model)
