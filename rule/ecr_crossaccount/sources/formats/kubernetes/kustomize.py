"""Kustomizations: the ECR resources that they change, as they are after the change.

A change is a JSON Patch, or a part of a resource that is merged into it:
https://datatracker.ietf.org/doc/html/rfc6902 and https://datatracker.ietf.org/doc/html/rfc7396

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from ....documents.json import BadJsonError
from ....documents.pattern import Hole
from ....errors import InternalError
from ....memo import by_value
from ...files.files import file_text
from ...files.values.documents import documents, documents_of
from ...files.values.nodes import Fields, Node
from ...reading.files import UnreadableError, is_file
from ...reading.yaml_events import BadYamlError

_UNKNOWN = Hole("a patch that is not understood")
_DIRECTIVE = "$patch"


class _NotUnderstoodError(InternalError):
    """An operation that changes a resource in an unknown way."""


def changed_by(resource: Node, operations: Iterable[Node]) -> Node:
    """Return a resource after some operations, or a hole if one of them is not understood."""
    try:
        for operation in operations:
            resource = _apply_operation(resource, operation)
    except _NotUnderstoodError:
        return resource.but(_UNKNOWN)
    return resource


def _apply_operation(resource: Node, operation: Node) -> Node:
    name, path = operation.get("op"), operation.get("path")
    if name is None or path is None or path.text is None:
        raise _NotUnderstoodError
    steps = _steps(path.text)
    match name.text:
        case "test":
            return resource
        case "add" | "replace":
            return _put(resource, steps, operation.find("value"), add=name.text == "add")
        case "remove":
            return _put(resource, steps, None, add=False)
        case "copy" | "move":
            source = operation.get("from")
            if source is None or source.text is None:
                raise _NotUnderstoodError
            value = _value_at_path(resource, _steps(source.text))
            left = _put(resource, _steps(source.text), None, add=False) if name.text == "move" else resource
            return _put(left, steps, value, add=True)
    raise _NotUnderstoodError


def _steps(path: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def _value_at_path(node: Node, steps: list[str]) -> Node:
    for step in steps:
        items = node.items
        found = items[int(step)] if step.isdecimal() and int(step) < len(items) else node.get(step)
        if found is None:
            raise _NotUnderstoodError
        node = found
    return node


def _put(node: Node, steps: list[str], value: Node | None, *, add: bool) -> Node:
    """Return a value with another one at a path, or without the one there if `value` is None."""
    if not steps:
        if value is None:
            raise _NotUnderstoodError
        return value
    step, *rest = steps
    if isinstance(node.value, tuple):
        return node.but(_in_list(node.value, step, rest, value, add=add))
    if not isinstance(node.value, Fields):
        raise _NotUnderstoodError
    old = node.get(step)
    kept = tuple((name, one) for name, one in node.value.pairs if name.value != step)
    if rest:
        if old is None:
            raise _NotUnderstoodError
        return node.but(Fields((*kept, (node.but(step), _put(old, rest, value, add=add)))))
    return node.but(Fields(kept if value is None else (*kept, (node.but(step), value))))


def _in_list(items: tuple[Node, ...], step: str, rest: list[str], value: Node | None, *, add: bool) -> tuple[Node, ...]:
    if step == "-" and not rest and value is not None:
        return (*items, value)
    if not step.isdecimal() or int(step) > len(items) - (not (add and not rest)):
        raise _NotUnderstoodError
    index = int(step)
    before, after = items[:index], items[index + 1 :]
    if rest:
        return (*before, _put(items[index], rest, value, add=add), *after)
    if value is None:
        return (*before, *after)
    return (*before, value, *(items[index:] if add else after))


def merge_part(resource: Node, part: Node) -> Node:
    """Return a resource with a part merged into it. Lists are replaced, and null removes a field."""
    if not isinstance(part.value, Fields) or not isinstance(resource.value, Fields):
        return part
    if part.get(_DIRECTIVE) is not None:
        return resource.but(_UNKNOWN)
    pairs = {str(name.value): (name, value) for name, value in resource.value.pairs}
    for name, value in part.value.pairs:
        known = str(name.value)
        if value.value is None:
            pairs.pop(known, None)
        else:
            old = pairs[known][1] if known in pairs else None
            pairs[known] = name, value if old is None else merge_part(old, value)
    return resource.but(Fields(tuple(pairs.values())))


KIND = "Kustomization"
_FILES = ("kustomization.yaml", "kustomization.yml", KIND)
_KINDS = (KIND, "Component")
_MOST_NESTED = 10


@by_value
class _Patch:
    """A change of resources. `content`: operations or a part of a resource, None if it is not known.

    `file`: the file with the content, "" if it is in the kustomization itself.
    """

    at: Node
    target: Node | None
    content: Node | None
    file: str = ""

    def matches(self, manifest: Node) -> bool:
        """Return whether the patch changes a resource, or may do so."""
        if self.target is None:
            return self.content is None or _is_same(self.content, manifest)
        group, _, version = _text(manifest, "apiVersion").rpartition("/")
        said = {"group": group, "version": version, "kind": _text(manifest, "kind")}
        if any(_text(self.target, name) not in ("", value) for name, value in said.items()):
            return False
        metadata = manifest.find("metadata")
        return all(_fits(_text(self.target, name), _text(metadata, name)) for name in ("name", "namespace"))

    def apply(self, manifest: Node) -> Node:
        """Return a resource with the change."""
        if self.content is None:
            return manifest.but(Hole("a patch that is not here"))
        if isinstance(self.content.value, tuple):
            return changed_by(manifest, self.content.items)
        return merge_part(manifest, self.content)


def is_kustomization(root: Node, name: str) -> bool:
    """Return whether a document of a file is a kustomization."""
    kind = root.find("kind").text
    if kind is not None:
        return kind in _KINDS
    return os.path.basename(name) in _FILES  # noqa: PTH119 - a name as the user wrote it


# --- building ---


def build_resources(root: Node, name: str, left: int = _MOST_NESTED) -> Iterator[tuple[Node, _Patch | None]]:
    """Yield the resources of a kustomization after its patches, each with the last patch that changes it."""
    folder = os.path.dirname(name)  # noqa: PTH120 - keeps `./a` as the user wrote it
    patches = list(_patches(root, folder))
    for manifest in _resources(root, folder, left):
        made, by = manifest, None
        for patch in patches:
            if patch.matches(manifest):
                made, by = _keep_identity(manifest, patch.apply(made)), patch
        yield made, by


def _keep_identity(manifest: Node, changed: Node) -> Node:
    """Return a changed resource. If it is a hole, keep its kind and name."""
    if not isinstance(changed.value, Hole):
        return changed
    names = ("apiVersion", "kind", "metadata")
    pairs = [(manifest.but(name), value) for name in names if (value := manifest.get(name)) is not None]
    return manifest.but(Fields((*pairs, (manifest.but("spec"), changed))))


def _resources(root: Node, folder: str, left: int) -> Iterator[Node]:
    for section in ("resources", "bases"):
        for item in root.find(section).items:
            if item.text is None:
                continue
            path = os.path.join(folder, item.text)  # noqa: PTH118 - keeps `./a` as the user wrote it
            inner = next((os.path.join(path, name) for name in _FILES if is_file(os.path.join(path, name))), None)  # noqa: PTH118
            if inner is not None and left:
                for document in _documents(inner):
                    yield from (manifest for manifest, _ in build_resources(document, inner, left - 1))
            else:
                yield from (each for document in _documents(path) for each in _each(document))


def _each(document: Node) -> Iterator[Node]:
    """Yield the resources of a document, which may be a List."""
    items = document.get("items")
    if _text(document, "kind").endswith("List") and items is not None:
        yield from items.items
    elif document.get("kind") is not None:
        yield document


def _documents(path: str) -> tuple[Node, ...]:
    """Return the documents of a file, none if it is not here or cannot be read, which is reported elsewhere."""
    if not is_file(path):
        return ()
    try:
        return documents_of(path, file_text(path))
    except (UnreadableError, BadJsonError, BadYamlError):
        return ()


def _patches(root: Node, folder: str) -> Iterator[_Patch]:
    for section in ("patches", "patchesJson6902"):
        for item in root.find(section).items:
            written, path = item.get("patch"), item.get("path")
            target = item.get("target")
            if written is not None:
                yield from (_Patch(item, target, content) for content in _inline(written))
            else:
                yield from _patches_in_file(item, target, path, folder)
    for item in root.find("patchesStrategicMerge").items:
        if "\n" in (item.text or ""):
            yield from (_Patch(item, None, content) for content in _inline(item))
        else:
            yield from _patches_in_file(item, None, item, folder)


def _inline(written: Node) -> tuple[Node | None, ...]:
    try:
        found = documents(written.text or "")
    except (BadJsonError, BadYamlError):
        return (None,)
    return tuple(node for node in found if node.value is not None) or (None,)


def _patches_in_file(at: Node, target: Node | None, path: Node | None, folder: str) -> Iterator[_Patch]:
    name = os.path.join(folder, path.text) if path is not None and path.text else ""  # noqa: PTH118 - as written
    found = [document for document in _documents(name) if document.value is not None]
    yield from (_Patch(at, target, content, name) for content in found)
    if not found:
        yield _Patch(at, target, None)


# --- matching ---


def _text(node: Node, name: str) -> str:
    return node.find(name).text or ""


def _fits(pattern: str, name: str) -> bool:
    """Return whether a name fits the pattern of a target. A pattern that cannot be understood fits every name."""
    try:
        return not pattern or re.fullmatch(pattern, name) is not None
    except re.error:
        return True


def _is_same(part: Node, manifest: Node) -> bool:
    """Return whether a part of a resource is of this one, by kind and name."""
    if any(_text(part, name) not in ("", _text(manifest, name)) for name in ("apiVersion", "kind")):
        return False
    one, other = (node.find("metadata") for node in (part, manifest))
    return _text(one, "name") in ("", _text(other, "name"))
