"""Widely used modules whose sources need not be here: their effect is known for the versions listed.

`known/modules.json` is the table. It has the supported versions with their commits and, for each folder of a module,
its arguments and its model. A model, `known/*.model`, is Terraform source with the statements that the module makes. It
is evaluated as if the module itself were here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from . import paths
from .folders import Folder, folder_of
from .grammar import read_source
from .module_sources import ModuleSource
from .versions import allows_later, follows_newest, newest_allowed, of_ref

_TABLE = Path(__file__).with_name("known")
_ROOT = "known-module:"
"""The beginning of the models' paths. No folder of the user begins like this."""

_AS = "judged as version {} of `{}` uses its arguments, because its source is not here"
_NEWER = "; no version is fixed, so a newer version may differ"
_UNCHECKED = "{} of `{}` is not one of the known versions {} to {}, so what it makes is not known"
_ARGUMENT = "`{}` is not an argument of `{}` that is known here, so what it makes is not known"


@dataclass(frozen=True, slots=True)
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
    doubts = () if version else (_UNCHECKED.format(_name_of_source(source), source.id, first, last),)
    path = paths.joined(f"{_ROOT}{source.id}", source.folder) if source.folder else f"{_ROOT}{source.id}"
    return KnownModule(path, source, frozenset(folder["arguments"]), notes, doubts)


def _is_open(source: ModuleSource) -> bool:
    return follows_newest(source.ref) if source.is_git else allows_later(source.constraint)


def _name_of_source(source: ModuleSource) -> str:
    return f"`ref={source.ref}`" if source.is_git else f"version `{source.constraint}`"


def is_model(path: str) -> bool:
    """Return whether a path is that of a model, and not of a folder or file of the user."""
    return path.startswith(_ROOT)


def model_of(path: str) -> Folder | None:
    """Return a model by its path; None if there is none."""
    for id_, row in _table().items():
        folder = path.removeprefix(f"{_ROOT}{id_}").lstrip(paths.SEPARATOR)
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
