"""The modules that `terraform init` has installed in `.terraform/modules`, from the list there.

The list is a file of the checkout like any other, so it is not trusted. A module in it counts only if its folder is in
`.terraform/modules`, after links are followed, and if it is the one that the call asks for now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ....documents.json_grammar import BadJsonError
from ....documents.strict_json import strict_value_of
from ...files.files import file_text
from ...reading.files import UnreadableError
from . import paths
from .module_sources import module_source
from .versions import allows, parsed

_NUMBERS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){2}")
_FOLDER = (".terraform", "modules")


class Installed:
    """The installed modules of the configuration in one folder."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._modules = {str(one.get("Key")): one for one in _listed(root)}

    def path_of(self, address: str, source: str, version: str | None) -> str | None:
        """Return the folder of a called module, by its address. None if it, or the right version, is not installed."""
        one = self._modules.get(_plain(address))
        folder = one.get("Dir") if one is not None else None
        if one is None or not isinstance(folder, str) or not _is_asked_for(one, source, version):
            return None
        path = paths.normal(paths.joined(self._root, folder))
        inside = paths.is_inside(path, paths.joined(self._root, *_FOLDER))
        return path if inside and paths.is_folder(path) else None


def _is_asked_for(one: Mapping[str, Any], source: str, version: str | None) -> bool:
    """Return whether an installed module is the one that a call asks for. The call may have changed since."""
    installed, there = one.get("Source"), one.get("Version")
    if isinstance(installed, str) and _name(installed) != _name(source):
        return False
    return not (isinstance(there, str) and _NUMBERS.fullmatch(there)) or allows(version, parsed(there))


def _name(source: str) -> object:
    """Return a source in a normal form, so that different spellings of one source are equal."""
    return module_source(source, None) or source


def _plain(address: str) -> str:
    """Return a module's address as in the list: names with dots. Keys of instances may contain any character."""
    return ".".join(re.findall(r'module\.([^.\["]+)(?:\["(?:[^"\\]|\\.)*"\]|\[[^\]"]*\])?\.', address))


def _listed(root: str) -> Iterator[Mapping[str, Any]]:
    path = paths.joined(root, *_FOLDER, "modules.json")
    if not paths.is_file(path):
        return
    try:
        listed = strict_value_of(file_text(path))
    except (UnreadableError, BadJsonError):
        return
    modules = listed.get("Modules") if isinstance(listed, dict) else None
    yield from (
        one for one in (modules if isinstance(modules, list) else ()) if isinstance(one, dict) and one.get("Key")
    )
