"""Files that a file includes: the tasks and roles of a playbook, and the resources and patches of a kustomization.

They are read with a file that the user names, as they would be read in a folder. pre-commit names only changed files.

- https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_reuse.html
- https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...documents.json import BadJsonError
from ..found.found import Skipped
from ..reading.files import STANDARD_INPUT, UnreadableError, files_like, is_file, is_folder
from ..reading.yaml_events import BadYamlError
from .files import file_text
from .values.documents import YAML_SUFFIXES, documents_of
from .values.nodes import Node

_SIGN = re.compile(
    r"(?:import|include)_(?:tasks|role|playbook)|\binclude:|\broles:|\bkind:\s*[\"']?(?:Kustomization|Component)\b"
)
_FILES = frozenset({"import_tasks", "include_tasks", "include", "import_playbook"})
_ROLES = frozenset({"import_role", "include_role"})
_PARTS = ("tasks", "handlers")
"""The folders of a role with tasks."""
_RESOURCES = ("resources", "bases", "components", "crds", "patchesStrategicMerge", "generators", "transformers")
_PATCHES = ("patches", "patchesJson6902", "replacements")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_EXPRESSION = re.compile(r"\{\{.*?\}\}")
_MOST = 1_000
"""The most files that one named file includes."""
_NOT_HERE = "it includes `{}`, which is not here: check that as well"


@dataclass(frozen=True, slots=True)
class Included:
    """The files that others include, and those that are not here."""

    files: tuple[str, ...]
    missing: tuple[Skipped, ...]


def included_by(named: Iterable[str]) -> Included:
    """Return the files that some files include, and that these include."""
    waiting = [name for name in named if name != STANDARD_INPUT]
    seen = {os.path.realpath(name) for name in waiting}
    found: list[str] = []
    missing: list[Skipped] = []
    while waiting and len(found) < _MOST:
        name = waiting.pop(0)
        for path, written in _includes(name):
            if path is None:
                missing.append(Skipped(name, _NOT_HERE.format(written), absent=True))
            elif os.path.realpath(path) not in seen:
                seen.add(os.path.realpath(path))
                found.append(path)
                waiting.append(path)
    return Included(tuple(found), tuple(dict.fromkeys(missing)))


def _includes(name: str) -> Iterator[tuple[str | None, str]]:
    """Yield the files that a file includes, or None for one that is not here, with the name as it is written."""
    base = os.path.basename(name)  # noqa: PTH119 - a name as the user wrote it
    if not (name.lower().endswith(YAML_SUFFIXES) or base == _KUSTOMIZATIONS[-1]):
        return
    try:
        text = file_text(name)
        roots = documents_of(name, text) if _SIGN.search(text) or base in _KUSTOMIZATIONS else ()
    except (UnreadableError, BadJsonError, BadYamlError):
        return
    folder = os.path.dirname(name)  # noqa: PTH120 - keeps `./a` as the user wrote it
    for root in roots:
        yield from _of_kustomization(root, folder) if _is_kustomization(root, base) else _of_tasks(root, folder)


# --- Ansible ---


def _of_tasks(node: Node, folder: str) -> Iterator[tuple[str | None, str]]:
    for name, value in node.fields:
        short = name.rpartition(".")[2]
        said = value.get("file") or value
        if short in _FILES and said.text is not None:
            yield from _tasks(said.text.partition(" ")[0] if "{{" not in said.text else said.text, folder)
        elif short in _ROLES:
            yield from _role(value, folder)
        elif name == "roles":
            for one in value.items:
                yield from _role(one, folder)
        else:
            yield from _of_tasks(value, folder)
    for item in node.items:
        yield from _of_tasks(item, folder)


def _tasks(written: str, folder: str) -> Iterator[tuple[str | None, str]]:
    """Yield the files of tasks that a path names. If a part of the path is unknown, each file that it may be."""
    pattern = _EXPRESSION.sub("*", written)
    if Path(pattern).is_absolute():
        yield None, written
        return
    found = sorted(files_like(folder, pattern)) if pattern.strip("*/. ") or "*" not in pattern else []
    yield from ((_render_path(path, folder), written) for path in found) if found else ((None, written),)


def _render_path(path: str, folder: str) -> str:
    return os.path.join(folder, os.path.relpath(path, folder or "."))  # noqa: PTH118 - keeps `./a` as the user wrote it


def _role(node: Node, folder: str) -> Iterator[tuple[str | None, str]]:
    named = node if node.text is not None else node.get("role") or node.get("name") or Node(None)
    if named.text is None:
        return
    above = (folder, os.path.join(folder, ".."), os.path.join(folder, "..", ".."))  # noqa: PTH118 - the same reason
    roles = (os.path.join(upper, "roles", named.text) for upper in above)  # noqa: PTH118
    beside = os.path.join(folder, "..", "..", named.text)  # noqa: PTH118
    candidates = (path for path in (*roles, beside) if "{{" not in path)
    role = next((path for path in candidates if is_folder(os.path.join(path, "tasks"))), None)  # noqa: PTH118
    if role is None:
        yield None, named.text
        return
    for part in _PARTS:
        files = sorted(files_like(os.path.join(role, part), "*.y*ml"))  # noqa: PTH118
        yield from ((os.path.join(role, part, os.path.basename(file)), named.text) for file in files)  # noqa: PTH118, PTH119


# --- Kustomize ---


def _is_kustomization(root: Node, base: str) -> bool:
    kind = root.get("kind")
    return base in _KUSTOMIZATIONS or (kind is not None and kind.text in ("Kustomization", "Component"))


def _of_kustomization(root: Node, folder: str) -> Iterator[tuple[str | None, str]]:
    for name in _RESOURCES:
        for item in (root.get(name) or Node(None)).items:
            if item.text is not None and "\n" not in item.text:
                yield _resource(item.text, folder), item.text
    for name in _PATCHES:
        for item in (root.get(name) or Node(None)).items:
            path = item.get("path")
            if path is not None and path.text is not None:
                yield _resource(path.text, folder), path.text


def _resource(written: str, folder: str) -> str | None:
    """Return the file for a path: a manifest, or the kustomization of a folder. None if it is not here."""
    path = os.path.join(folder, written)  # noqa: PTH118 - keeps `./a` as the user wrote it
    names = (path, *(os.path.join(path, kustomization) for kustomization in _KUSTOMIZATIONS))  # noqa: PTH118
    return next(filter(is_file, names), None)
