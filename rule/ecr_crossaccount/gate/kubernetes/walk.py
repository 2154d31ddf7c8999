"""The resources of ECR in a manifest: by themselves, in a List, in a Composition, in what wraps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...policy.holes import Hole
from ..values.documents import documents_inside
from ..values.json_nodes import BadJsonError
from ..values.nodes import Fields, Node
from ..values.templated import opened
from ..values.yaml_nodes import BadYamlError
from .groups import MARK, group_of
from .patches import Patch, patched, patches_of, referred, sets_in

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_NOT_ENTERED = frozenset({"status", _LAST_APPLIED})
"""What is no wish but the record of one."""

_HOLDERS = frozenset({"base", "manifest", "template", "items"})
"""Names of fields of which the value is a resource, though it may have nothing of its own."""

_MOST_TEXTS = 3
"""Texts inside of texts."""

_DESCRIPTIONS = frozenset({"CustomResourceDefinition", "APIService", "ClusterRole", "Role"})
"""Kinds that speak of groups and make no resource."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A resource of ECR. `written`: as the file has it; `known`: with holes; `above`: what it stands in, by name.

    `called`: what a Composition calls it.
    """

    written: Node
    known: Node
    group: str
    above: tuple[str, ...] = ()
    called: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """A text that speaks of a group of ECR and that could not be read as a manifest."""

    at: Node
    above: tuple[str, ...] = ()


Found = Manifest | Prose


def manifests(root: Node) -> Iterator[Found]:
    """Yield what of ECR a document of a file holds."""
    kind = root.get("kind")
    if kind is None or kind.text not in _DESCRIPTIONS:
        yield from _walk(_Place(root, opened(root), holder="items"))


@dataclass(frozen=True, slots=True)
class _Place:
    """A value of a document. `holder`: the name of the field that it stands in; `texts`: how many it is inside of."""

    written: Node
    known: Node
    holder: str
    above: tuple[str, ...] = ()
    texts: int = 0
    sets: Mapping[str, Node] = field(default_factory=dict)
    called: str = ""


def _walk(place: _Place) -> Iterator[Found]:
    written = place.written
    group = group_of(written)
    if group is not None:
        if _is_resource(place):
            yield Manifest(written, place.known, group, place.above, place.called)
        return
    if written.text is not None:
        yield from _text(place)
        return
    if _is_target(written):
        yield Prose(written, place.above)
    above, sets, named = _named(place), {**place.sets, **sets_in(written)}, written.get("name")
    called = (named.text if named is not None else None) or place.called
    for name, value, known in _members(place):
        if name not in _NOT_ENTERED:
            yield from _walk(_Place(value, known, name, above, place.texts, sets, called))


def _is_resource(place: _Place) -> bool:
    """Tell a resource from what only refers to one, by group, kind and name."""
    return place.holder in _HOLDERS or any(place.written.get(name) is not None for name in ("spec", "metadata"))


def _is_target(node: Node) -> bool:
    """Tell a patch of Kustomize for resources of ECR."""
    target = node.get("target")
    group = target.get("group") if target is not None else None
    return group is not None and MARK.match(group.text or "") is not None


def _named(place: _Place) -> tuple[str, ...]:
    """Return what a resource's parts are in: of a List, which has no name, nothing more."""
    kind, metadata = place.written.get("kind"), place.written.get("metadata")
    name = metadata.get("name") if metadata is not None else None
    if kind is None or kind.text is None or name is None or name.text is None:
        return place.above
    return (*place.above, f"{kind.text}/{name.text}")


def _members(place: _Place) -> Iterator[tuple[str, Node, Node]]:
    """Yield what stands in an object or a list, by the name of its field, with what is put into it."""
    for number, item in enumerate(place.written.items):
        items = place.known.items
        yield place.holder, item, items[number] if number < len(items) else _unknown(place.known, item)
    for number, (name, value) in enumerate(place.written.fields):
        held = _field(place.known, name, number) or _unknown(place.known, value)
        for patch in _put_in(place, name):
            held = patched(held, patch)
        yield name, value, held


def _field(known: Node, name: str, number: int) -> Node | None:
    """Return a field by its number, for a name may stand twice; by its name where patches have moved it."""
    pairs = known.value.pairs[number : number + 1] if isinstance(known.value, Fields) else ()
    return pairs[0][1] if pairs and pairs[0][0].value == name else known.get(name)


def _unknown(known: Node, written: Node) -> Node:
    return written.but(known.value if isinstance(known.value, Hole) else Hole("patch"))


def _put_in(place: _Place, name: str) -> Iterator[Patch]:
    """Yield what is put into a field: by a Composition into a base, by an Object's references into its manifest."""
    if name == "base":
        yield from patches_of(place.written, place.sets)
    references = place.written.get("references") if name == "forProvider" else None
    for one in references.items if references is not None else ():
        yield from referred(one)


def _text(place: _Place) -> Iterator[Found]:
    """Yield the manifests in a text; the text itself if it speaks of ECR and cannot be read."""
    text = place.written.text or ""
    if MARK.search(text) is None or "apiVersion" not in text:
        return
    try:
        roots = documents_inside(text, place.written) if place.texts < _MOST_TEXTS else ()
    except (BadJsonError, BadYamlError):
        roots = ()
    if not roots:
        yield Prose(place.written, place.above)
    for root in roots:
        if root.text is None:
            yield from _walk(_Place(root, opened(root), "items", place.above, place.texts + 1))
