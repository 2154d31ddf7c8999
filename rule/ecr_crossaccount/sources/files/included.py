"""Files beside a file: what it includes, and what the AWS CDK writes with its templates.

A playbook includes tasks and roles, and a kustomization resources and patches. They are read with a file that the user
names, as they would be read in a folder. pre-commit names only changed files. The CDK's files say where each stack will
be deployed.

- https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_reuse.html
- https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
- https://github.com/aws/aws-cdk-cli/tree/main/packages/@aws-cdk/cloud-assembly-schema
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from pathlib import Path

from ...documents.document import is_account
from ...documents.json import BadJsonError
from ...memo import by_value
from ..found.found import Skipped
from ..reading.files import STANDARD_INPUT, UnreadableError, files_like, is_file, is_folder
from ..reading.yaml_events import BadYamlError
from .files import file_text
from .values.documents import YAML_SUFFIXES, documents_of, read_json
from .values.nodes import Node

_SIGN = r"(?:import|include)_(?:tasks|role|playbook)|\binclude:|\broles:|\bkind:\s*[\"']?(?:Kustomization|Component)\b"
_FILES = frozenset({"import_tasks", "include_tasks", "include", "import_playbook"})
_ROLES = frozenset({"import_role", "include_role"})
_PARTS = ("tasks", "handlers")
"""The folders of a role with tasks."""
_RESOURCES = ("resources", "bases", "components", "crds", "patchesStrategicMerge", "generators", "transformers")
_PATCHES = ("patches", "patchesJson6902", "replacements")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_EXPRESSION = r"\{\{.*?\}\}"
_MOST = 1_000
"""The most files that one named file includes."""
_NOT_HERE = "it includes `{}`, which is not here: check that as well"


@by_value
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
        roots = documents_of(name, text) if re.search(_SIGN, text) or base in _KUSTOMIZATIONS else ()
    except (UnreadableError, BadJsonError, BadYamlError):
        return
    folder = os.path.dirname(name)  # noqa: PTH120 - keeps `./a` as the user wrote it
    for root in roots:
        builds = base in _KUSTOMIZATIONS or root.find("kind").text in ("Kustomization", "Component")
        yield from _of_kustomization(root, folder) if builds else _of_tasks(root, folder)


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
    pattern = re.sub(_EXPRESSION, "*", written)
    if Path(pattern).is_absolute():
        yield None, written
        return
    found = sorted(files_like(folder, pattern)) if pattern.strip("*/. ") or "*" not in pattern else []
    yield from ((_render_path(path, folder), written) for path in found) if found else ((None, written),)


def _render_path(path: str, folder: str) -> str:
    return os.path.join(folder, os.path.relpath(path, folder or "."))  # noqa: PTH118 - keeps `./a` as the user wrote it


def _role(node: Node, folder: str) -> Iterator[tuple[str | None, str]]:
    named = node if node.text is not None else node.get("role") or node.find("name")
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


def _of_kustomization(root: Node, folder: str) -> Iterator[tuple[str | None, str]]:
    listed = (item.text for name in _RESOURCES for item in root.find(name).items if "\n" not in (item.text or ""))
    patches = (item.find("path").text for name in _PATCHES for item in root.find(name).items)
    yield from ((_resource(text, folder), text) for text in (*listed, *patches) if text is not None)


def _resource(written: str, folder: str) -> str | None:
    """Return the file for a path: a manifest, or the kustomization of a folder. None if it is not here."""
    path = os.path.join(folder, written)  # noqa: PTH118 - keeps `./a` as the user wrote it
    names = (path, *(os.path.join(path, kustomization) for kustomization in _KUSTOMIZATIONS))  # noqa: PTH118
    return next(filter(is_file, names), None)


MANIFEST = "manifest.json"
_TEMPLATE, _ASSETS = ".template.json", ".assets.json"
_ASSET = re.compile(r"asset\.[0-9a-f]{4,64}(?:\..*)?", re.DOTALL)
_TREE = "tree-"
"""The beginning of the tree's version, such as `tree-0.1`."""
_ENVIRONMENT = r"aws://([^/]+)/([^/]+)"


@by_value
class Environment:
    """Where a stack will be deployed, as the manifest says. None if it is open."""

    account: str | None = None
    region: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


_OPEN = Environment()


def environment_of(template: str) -> Environment:
    """Return where a template will be deployed. It is open for a template outside an assembly."""
    path = Path(template)
    if not path.name.endswith(_TEMPLATE):
        return _OPEN
    return _environments(str(path.parent.resolve())).get(path.name, _OPEN)


def uploaded_as(stack: str, location: str) -> str | None:
    """Return the file that the CDK uploads to `location`, a URL in a bucket, for the template `stack`."""
    if not stack.endswith(_TEMPLATE):
        return None
    return _uploads(stack.removesuffix(_TEMPLATE) + _ASSETS).get(location.rpartition("/")[2])


@lru_cache(maxsize=256)
def _uploads(assets: str) -> dict[str, str]:
    """Return the files of a stack by their object keys in the bucket."""
    try:
        files = read_json(file_text(assets)).find("files")
    except (UnreadableError, BadJsonError):
        return {}
    found: dict[str, str] = {}
    for _, file in files.fields:
        source = file.find("source", "path").text
        for _, destination in file.find("destinations").fields:
            key = destination.find("objectKey").text
            if key and source:
                found[key.rpartition("/")[2]] = str(Path(assets).parent / source)
    return found


def asset_of(file: str) -> str | None:
    """Return the asset that contains a file, or None. An asset is uploaded unchanged, and not deployed as a stack."""
    path = Path(file)
    for part in [path, *path.parents]:
        if _ASSET.fullmatch(part.name) and _is_assembly(str(part.parent)):
            return str(part)
    return None


def assembly_of(template: Path) -> Path | None:
    """Return the outermost assembly around a template, or None. Stages have assemblies of their own inside it."""
    if template.name not in _environments(str(template.parent)):
        return None
    return [*itertools.takewhile(lambda folder: _is_assembly(str(folder)), template.parents)][-1]


@lru_cache(maxsize=64)
def _is_assembly(folder: str) -> bool:
    """Return whether the CDK has written a folder, by its contents."""
    path = Path(folder)
    return path.resolve().name == "cdk.out" or any(is_file(str(path / name)) for name in (MANIFEST, "cdk.out"))


def is_construct_tree(root: Node, file: str) -> bool:
    """Return whether a file is the CDK's tree of constructs. It shows their properties, and no stack deploys it."""
    shows_constructs = (root.find("version").text or "").startswith(_TREE) and root.get("tree") is not None
    return shows_constructs and _is_assembly(str(Path(file).parent))


def faults_of(manifest: str) -> Iterator[str]:
    """Yield why some stacks of an assembly cannot be judged. Yields nothing if the file is not a manifest."""
    path = Path(manifest)
    if path.name != MANIFEST:
        return
    try:
        read_json(file_text(manifest))
    except (UnreadableError, BadJsonError) as error:
        if any(files_like(str(path.parent), f"*{_TEMPLATE}")):
            yield f"{error}, so it is not known into which account the stacks go: run `cdk synth` again"
    for template in _environments(str(path.parent.resolve())):
        if not is_file(str(path.parent / template)):
            yield f"its template `{template}` is not here, so the stack was not judged: run `cdk synth` again"


@lru_cache(maxsize=64)
def _environments(folder: str) -> dict[str, Environment]:
    try:
        manifest = read_json(file_text(str(Path(folder) / MANIFEST)))
    except (UnreadableError, BadJsonError):
        return {}
    found = (_stack(artifact) for _, artifact in manifest.find("artifacts").fields)
    return dict(one for one in found if one is not None)


def _stack(artifact: Node) -> tuple[str, Environment] | None:
    file = artifact.find("properties", "templateFile").text
    if file is None:
        return None
    account, region = _place(artifact.find("environment").text or "")
    parameters = artifact.find("properties", "parameters").fields
    return file, Environment(account, region, {name: one.text for name, one in parameters if one.text is not None})


def _place(environment: str) -> tuple[str | None, str | None]:
    found = re.fullmatch(_ENVIRONMENT, environment)
    if found is None:
        return None, None
    account, region = found.groups()
    return account if is_account(account) else None, None if region.startswith("unknown") else region
