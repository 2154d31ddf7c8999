"""A folder of Terraform sources: its blocks by kind, from all of its files; and the paths of files and folders.

A path is as the user writes it: `./a` stays `./a` where it is read. Equal paths have the same spelling.
"""

from __future__ import annotations

import os
import re
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ....errors import in_our_words
from ...files.files import VALUE_SUFFIXES, File, file_text
from ...found.found import Unread
from ...reading.files import UnreadableError, files_like, is_folder, list_folder
from .grammar import TooDeepError, is_json_source, read_json_source, read_source
from .tree import Argument, Block, Body, Source

SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")
_OVERRIDES = ("override", "_override")
_VALUES = ("terraform.tfvars", "terraform.tfvars.json")
_MOST_BELOW = 4
"""The levels of folders that are searched for values of environments, such as `environments/prod/terraform.tfvars`."""

_STATES = frozenset({"backend", "cloud"})
_AUTOMATIC = (".auto.tfvars", ".auto.tfvars.json")


@dataclass(slots=True)
class Folder:
    """The blocks of one folder: `resources` and `data` by type and name, the others by name.

    `twice`: whether something is defined twice, so that the files are not one configuration. `repeated`: the repeated
    resources. Terraform would reject them, but each of their policies is still reported. `settings`: the `terraform`
    blocks. `own`: the part whose policies are reported, None for all. `is_open`: whether its calls may pass more inputs
    than are written here.
    """

    path: str
    variables: MutableMapping[str, Block] = field(default_factory=dict)
    locals: MutableMapping[str, Argument] = field(default_factory=dict)
    resources: MutableMapping[tuple[str, str], Block] = field(default_factory=dict)
    data: MutableMapping[tuple[str, str], Block] = field(default_factory=dict)
    calls: MutableMapping[str, Block] = field(default_factory=dict)
    outputs: MutableMapping[str, Block] = field(default_factory=dict)
    providers: list[Block] = field(default_factory=list)
    settings: list[Block] = field(default_factory=list)
    errors: list[Unread] = field(default_factory=list)
    twice: bool = False
    repeated: list[Block] = field(default_factory=list)
    own: Folder | None = None
    is_open: bool = False

    @property
    def told(self) -> Folder:
        """The part whose resources and calls are reported."""
        return self if self.own is None else self.own

    def add(self, block: Block) -> None:
        """Add a block. Of two with the same name, the first is kept."""
        match block.type, block.labels:
            case "locals", ():
                self.twice |= not self.locals.keys().isdisjoint(block.attributes)
                self.locals.update({name: self.locals.get(name, said) for name, said in block.attributes.items()})
            case ("provider", (_,)) | ("terraform", ()):
                (self.providers if block.type == "provider" else self.settings).append(block)
            case _:
                blocks, name = self._blocks_like(block)
                if name in blocks:
                    self.twice = True
                    self.repeated += [block] if block.type == "resource" else []
                elif name is not None:
                    blocks[name] = block

    def _blocks_like(self, block: Block) -> tuple[MutableMapping[Any, Block], object]:
        """Return the blocks of the same type, and the name of a block among them. None for one of another form."""
        match block.type, block.labels:
            case (("resource" | "data"), (_, _)):
                return (self.resources if block.type == "resource" else self.data), block.labels
            case (("variable" | "module" | "output"), (name,)):
                return {"variable": self.variables, "module": self.calls, "output": self.outputs}[block.type], name
        return {}, None

    def override(self, block: Block) -> None:
        """Merge a block of an override file into the block with its name.

        For `locals`, each value overrides the one with its name.
        """
        if not self._is_laid(block):
            self.add(block)

    def _is_laid(self, block: Block) -> bool:
        """Merge a block into the block with its name, and return whether there is one."""
        if block.type == "locals":
            self.locals.update(block.attributes)
            return True
        blocks, name = self._blocks_like(block)
        known = blocks.get(name)
        if known is None:
            return False
        given = {one.type for one in block.blocks}
        kept = tuple(one for one in known.blocks if one.type not in given)
        attributes = {**known.attributes, **block.attributes}
        body: Body = attributes, (*kept, *block.blocks)
        blocks[name] = Block(known.type, known.labels, known.at, lambda: body)
        return True

    def overlay(self, whole: Folder, overrides: Iterable[Block], providers: list[Block]) -> Folder:
        """Return the `whole` folder with the blocks here before it, and with the override blocks for them.

        The folder is not copied, because this is called for each of its files. `providers`: all providers.
        """
        for block in overrides:
            self._is_laid(block)
        return Folder(
            whole.path,
            ChainMap(self.variables, whole.variables),
            ChainMap(self.locals, whole.locals),
            ChainMap(self.resources, whole.resources),
            ChainMap(self.data, whole.data),
            ChainMap(self.calls, whole.calls),
            ChainMap(self.outputs, whole.outputs),
            providers,
            own=self,
        )


def is_source(name: str) -> bool:
    """Return whether a file is a Terraform source, by its name, as Terraform does."""
    return name.lower().endswith(SUFFIXES)


def sources_of(files: Iterable[File]) -> dict[str, Source]:
    """Return the source of each file, in the order in which Terraform reads them: overrides last."""
    ordered = sorted(files, key=lambda file: (_is_override(file.name), file.name))
    # OpenTofu reads `x.tofu` instead of `x.tf`.
    opentofu = {_stem(file.name) for file in ordered if ".tofu" in Path(file.name).name}
    kept = [file for file in ordered if ".tofu" in Path(file.name).name or _stem(file.name) not in opentofu]
    return {file.name: source_of(file) for file in kept}


def folder_of(sources: Mapping[str, Source], path: str) -> Folder:
    """Return a folder with the blocks of its files."""
    folder = Folder(path)
    for name, source in sources.items():
        take = folder.override if _is_override(name) else folder.add
        for line, column, reason in source.faults:
            folder.errors.append(Unread(name, line, f"column {column}: {reason}"))
        for block in source.blocks:
            take(block)
    return folder


def each_alone(sources: Mapping[str, Source], whole: Folder, names: Iterable[str]) -> Iterator[Folder]:
    """Yield the whole folder once for each named file, with the blocks of that file before the others.

    The time for each depends on the file and not on the folder, which may have thousands of files with the same blocks.
    """
    overrides: defaultdict[tuple[str, ...], list[tuple[str, Block]]] = defaultdict(list)
    for name in filter(_is_override, sources):
        for block in sources[name].blocks:
            overrides[block.type, *block.labels].append((name, block))
    usual = _by_name(whole.providers)
    overriding = _by_name(one for said in overrides.values() for _, one in said if one.type == "provider")
    for name in names:
        own = folder_of({name: sources[name]}, whole.path)
        said = dict.fromkeys((block.type, *block.labels) for block in sources[name].blocks)
        laid = (block for one in said for file, block in overrides.get(one, ()) if file != name)
        providers = {**usual, **_by_name(own.providers), **overriding}
        yield own.overlay(whole, laid, list(providers.values()))


def _by_name(providers: Iterable[Block]) -> dict[tuple[str, ...], Block]:
    """Return the providers by type and alias, the last of each."""
    aliases = ((provider, provider.attributes.get("alias")) for provider in providers)
    return {(*one.labels, *(() if alias is None else (alias.source,))): one for one, alias in aliases}


def _stem(name: str) -> str:
    base = Path(name).name
    return next((base.removesuffix(end) for end in sorted(SUFFIXES, key=len, reverse=True) if base.endswith(end)), base)


def _is_override(name: str) -> bool:
    stem = _stem(name)
    return stem == _OVERRIDES[0] or stem.endswith(_OVERRIDES[1])


def source_of(file: File) -> Source:
    """Return the blocks of a file, or why there are none."""
    if not file.text.strip():
        return Source(())
    try:
        return read_json_source(file) if is_json_source(file.name) else read_source(file.text, file.name)
    except (TooDeepError, RecursionError):
        return Source((), faults=((1, 1, "nested too deeply"),))
    except ValueError as error:
        return Source((), faults=((1, 1, f"not valid HCL: {error}"),))


def files_in(path: str) -> tuple[list[File], list[Unread]]:
    """Return the sources of a folder, and the errors of reading them."""
    files: list[File] = []
    fault = listing_fault(path)
    errors = [] if fault is None else [Unread(path, None, fault)]
    for name in listing(path):
        if not is_source(name) or name.startswith("."):
            continue
        whole = join_path(path, name)
        try:
            files.append(File(whole, file_text(whole), named=False))
        except UnreadableError as error:
            errors.append(Unread(whole, None, str(error)))
    return files, errors


def value_files(path: str) -> list[str]:
    """Return the variable files that Terraform loads automatically in a folder.

    A later file overrides an earlier one.
    """
    names = listing(path)
    automatic = [name for name in names if name.endswith(_AUTOMATIC)]
    return [join_path(path, name) for name in (*[value for value in _VALUES if value in names], *automatic)]


def named_value_files(path: str) -> list[str]:
    """Return the variable files in a folder, or below it, that Terraform reads only if the user names them."""
    automatic = {*value_files(path)}
    return [value for value in _values_below(path, _MOST_BELOW) if value not in automatic]


def _values_below(path: str, levels: int) -> Iterator[str]:
    """Yield the variable files in a folder, and in the folders below it that have no sources of their own."""
    names = listing(path)
    yield from (join_path(path, name) for name in names if name.endswith(VALUE_SUFFIXES))
    for below in (join_path(path, name) for name in names if levels and not name.startswith(".")):
        if is_folder(below) and not any(map(is_source, listing(below))):
            yield from _values_below(below, levels - 1)


def is_applied(folder: Folder) -> bool:
    """Return whether a folder seems to be a root module: it has values of its own, or configures a state."""
    kept = (
        name for setting in folder.settings for name in (*setting.attributes, *(inner.type for inner in setting.blocks))
    )
    return bool(value_files(folder.path)) or not _STATES.isdisjoint(kept)


def values_in(path: str, *, named: bool = False) -> Mapping[str, Argument]:
    """Return the variables in a `.tfvars` or `.tfvars.json` file. `named`: whether the user named it.

    Raises UnreadableError.
    """
    file = File(path, file_text(path, named=named), named)
    source = source_of(file)
    if source.faults:
        line, column, reason = source.faults[0]
        raise UnreadableError(f"line {line} column {column}: {reason}")
    return source.attributes


# --- paths ---

SEPARATOR = os.sep

_PLAIN_PATTERN = r"[\w./*?-]+"
_BRACES = r"\{([^{}]*)\}"
_MOST_MATCHES = 500
_MOST_ALTERNATIVES = 32

join_path, parent, name_of = os.path.join, os.path.dirname, os.path.basename
real, is_whole = os.path.realpath, os.path.isabs
"""The canonical form of a path, with links followed; and whether it begins at the root."""


def normal(path: str) -> str:
    """Return the normal form of a path."""
    return os.path.normpath(path or ".")


def listing(path: str) -> tuple[str, ...]:
    """Return the names in a folder, in order. Empty if there is no such folder."""
    try:
        return list_folder(path)
    except OSError:
        return ()


def listing_fault(path: str) -> str | None:
    """Return why a folder cannot be listed. None if it can be, or if there is no such folder."""
    try:
        list_folder(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return in_our_words(error)
    return None


def is_inside(path: str, folder: str) -> bool:
    """Return whether a path leads into a folder, with links followed."""
    whole = real(folder)
    return (real(path) + SEPARATOR).startswith(whole + SEPARATOR)


def matching(folder: str, pattern: str) -> list[str] | None:
    """Return the files that match a pattern of `*`, `**`, `?`, `{a,b}`. None for other patterns, or too many files."""
    patterns = list(islice(_alternatives(pattern), _MOST_ALTERNATIVES + 1))
    if len(patterns) > _MOST_ALTERNATIVES:
        return None
    if not all(re.fullmatch(_PLAIN_PATTERN, text) and ".." not in text and text[0] != "/" for text in patterns):
        return None
    found = list(islice((file for text in patterns for file in files_like(folder, text)), _MOST_MATCHES + 1))
    return None if len(found) > _MOST_MATCHES else sorted({Path(text).relative_to(folder).as_posix() for text in found})


def _alternatives(pattern: str) -> Iterator[str]:
    """Yield the patterns that a pattern with `{a,b}` stands for."""
    braces = re.search(_BRACES, pattern)
    if braces is None:
        yield pattern
        return
    for one in braces[1].split(","):
        yield from _alternatives(pattern[: braces.start()] + one + pattern[braces.end() :])
