"""The files that the AWS CDK writes beside its templates: where each stack will be deployed.

https://github.com/aws/aws-cdk-cli/tree/main/packages/@aws-cdk/cloud-assembly-schema
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ...documents.json import BadJsonError
from ..reading.files import UnreadableError, files_like, is_file
from .files import file_text
from .values.documents import read_json
from .values.nodes import Node

MANIFEST = "manifest.json"
_TEMPLATE, _ASSETS = ".template.json", ".assets.json"
_ASSET = re.compile(r"asset\.[0-9a-f]{4,64}(?:\..*)?", re.DOTALL)
_TREE = "tree-"
"""The beginning of the tree's version, such as `tree-0.1`."""
_ENVIRONMENT = re.compile(r"aws://([^/]+)/([^/]+)")
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
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
        files = read_json(file_text(assets)).get("files") or Node(None)
    except (UnreadableError, BadJsonError):
        return {}
    found: dict[str, str] = {}
    for _, file in files.fields:
        source = (file.get("source") or Node(None)).get("path")
        for _, destination in (file.get("destinations") or Node(None)).fields:
            key = destination.get("objectKey")
            if key and key.text and source and source.text:
                found[key.text.rpartition("/")[2]] = str(Path(assets).parent / source.text)
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
    version = root.get("version")
    shows_constructs = version is not None and (version.text or "").startswith(_TREE) and root.get("tree") is not None
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
    artifacts = manifest.get("artifacts") or Node(None)
    found = (_stack(artifact) for _, artifact in artifacts.fields)
    return dict(one for one in found if one is not None)


def _stack(artifact: Node) -> tuple[str, Environment] | None:
    properties, where = artifact.get("properties"), artifact.get("environment")
    file = properties.get("templateFile") if properties else None
    if properties is None or file is None or file.text is None:
        return None
    account, region = _place(where.text if where and where.text else "")
    parameters = properties.get("parameters") or Node(None)
    given = {name: value.text for name, value in parameters.fields if value.text is not None}
    return file.text, Environment(account, region, given)


def _place(environment: str) -> tuple[str | None, str | None]:
    found = _ENVIRONMENT.fullmatch(environment)
    if found is None:
        return None, None
    account, region = found.groups()
    return account if _ACCOUNT.fullmatch(account) else None, None if region.startswith("unknown") else region
