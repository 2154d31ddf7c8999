"""The ECR resources in a manifest: alone, in a List, in a Composition, or in one that wraps them; and their names.

A policy may refer to a repository by the name of its resource. The kinds that make something in ECR, by API group:

- Crossplane's own provider (upbound, cluster-wide and namespaced, and its predecessor Terrajet):
  https://github.com/crossplane-contrib/provider-upjet-aws/tree/main/package/crds
- The community's provider: https://github.com/crossplane-contrib/provider-aws/tree/master/package/crds
- ACK: https://github.com/aws-controllers-k8s/ecr-controller/tree/main/config/crd/bases
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import Enum, auto
from functools import cached_property

from ....documents.json import BadJsonError
from ....documents.pattern import Hole
from ....judgement.kinds.table import Field, Format, fields_in
from ....memo import by_value
from ...files.marks import KUBERNETES
from ...files.values.documents import Opener, documents_inside, expressions_to_holes, variables
from ...files.values.nodes import Fields, Node
from ...reading.yaml_events import BadYamlError
from .crossplane import Patch, apply_patch, patches_of, reference_patches, sets_in


class Family(Enum):
    """The project that defines a kind, which determines its fields."""

    UPJET = auto()
    COMMUNITY = auto()
    ACK = auto()


class Role(Enum):
    """The role of a kind without a policy of its own. It gives no access itself."""

    REPOSITORY = auto()
    HARMLESS = auto()


REGISTRY_POLICY = "RegistryPolicy"
_UPJET: Mapping[str, Field | Role] = {
    **fields_in(Format.UPJET),
    "Repository": Role.REPOSITORY,
    "LifecyclePolicy": Role.HARMLESS,
    "RegistryScanningConfiguration": Role.HARMLESS,
}
_UPJET_PUBLIC: Mapping[str, Field | Role] = {**fields_in(Format.UPJET_PUBLIC), "Repository": Role.REPOSITORY}
_COMMUNITY: Mapping[str, Field | Role] = {
    **fields_in(Format.COMMUNITY),
    "Repository": Role.REPOSITORY,
    "LifecyclePolicy": Role.HARMLESS,
}
_ACK = fields_in(Format.ACK)
_ACK_PUBLIC: Mapping[str, Field | Role] = {"Repository": Role.REPOSITORY}


@by_value
class Group:
    """An API group, with the versions whose kinds can be read here."""

    family: Family
    kinds: Mapping[str, Field | Role]
    versions: frozenset[str]


_BETAS = frozenset({"v1beta1", "v1beta2"})
GROUPS: Mapping[str, Group] = {
    "ecr.aws.upbound.io": Group(Family.UPJET, _UPJET, _BETAS),
    "ecr.aws.m.upbound.io": Group(Family.UPJET, _UPJET, _BETAS),
    "ecrpublic.aws.upbound.io": Group(Family.UPJET, _UPJET_PUBLIC, _BETAS),
    "ecrpublic.aws.m.upbound.io": Group(Family.UPJET, _UPJET_PUBLIC, _BETAS),
    "ecr.aws.jet.crossplane.io": Group(Family.UPJET, _UPJET, frozenset({"v1alpha1", "v1alpha2"})),
    "ecrpublic.aws.jet.crossplane.io": Group(Family.UPJET, _UPJET_PUBLIC, frozenset({"v1alpha1", "v1alpha2"})),
    "ecr.aws.crossplane.io": Group(Family.COMMUNITY, _COMMUNITY, frozenset({"v1alpha1", "v1beta1"})),
    "ecr.services.k8s.aws": Group(Family.ACK, _ACK, frozenset({"v1alpha1"})),
    "ecrpublic.services.k8s.aws": Group(Family.ACK, _ACK_PUBLIC, frozenset({"v1alpha1"})),
}


def group_of(resource: Node) -> str | None:
    """Return the group of a resource if it is one of ECR, even an unknown one. None for any other resource."""
    found = KUBERNETES.match(resource.find("apiVersion").text or "")
    return found[0] if found and resource.get("kind") is not None else None


_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_NOT_ENTERED = frozenset({"status", _LAST_APPLIED})
"""Fields that describe an existing state and not a wanted one."""

_HOLDERS = frozenset({"base", "manifest", "template", "items"})
"""Names of fields whose value is a resource, even if it has no fields of its own."""

_MOST_TEXTS = 3
"""The deepest nesting of texts in texts."""

_DESCRIPTIONS = frozenset({"CustomResourceDefinition", "APIService", "ClusterRole", "Role"})
"""Kinds that mention groups and make no resource."""


@by_value
class Manifest:
    """An ECR resource. `written`: as in the file. `known`: with holes. `above`: the names of the resources around it.

    `called`: its name in a Composition.
    """

    written: Node
    known: Node
    group: str
    above: tuple[str, ...] = ()
    called: str = ""


@by_value
class Prose:
    """A text that mentions a group of ECR and cannot be read as a manifest."""

    at: Node
    above: tuple[str, ...] = ()


Found = Manifest | Prose


def manifests(root: Node, opener: Opener = variables) -> Iterator[Found]:
    """Yield the ECR resources in a document of a file. `opener`: what fills in its texts."""
    if root.find("kind").text not in _DESCRIPTIONS:
        yield from _walk(_Place(root, expressions_to_holes(root, opener), holder="items"))


@by_value
class _Place:
    """A value of a document. `holder`: the name of its field. `texts`: the number of texts around it."""

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
    if KUBERNETES.match(written.find("target", "group").text or ""):  # a Kustomize patch for ECR resources
        yield Prose(written, place.above)
    above, sets = _outer_names(place), {**place.sets, **sets_in(written)}
    called = written.find("name").text or place.called
    for name, value, known in _members(place):
        if name not in _NOT_ENTERED:
            yield from _walk(_Place(value, known, name, above, place.texts, sets, called))


def _is_resource(place: _Place) -> bool:
    """Return whether a value is a resource, and not a reference to one by group, kind and name."""
    return place.holder in _HOLDERS or any(place.written.get(name) is not None for name in ("spec", "metadata"))


def _outer_names(place: _Place) -> tuple[str, ...]:
    """Return the names of the resources around a resource's parts. A List has no name, and adds nothing."""
    kind, name = place.written.find("kind").text, place.written.find("metadata", "name").text
    return place.above if kind is None or name is None else (*place.above, f"{kind}/{name}")


def _members(place: _Place) -> Iterator[tuple[str, Node, Node]]:
    """Yield the members of an object or a list: the field's name, the value, and the value with patches applied."""
    for number, item in enumerate(place.written.items):
        items = place.known.items
        yield place.holder, item, items[number] if number < len(items) else _unknown(place.known, item)
    for number, (name, value) in enumerate(place.written.fields):
        held = _field(place.known, name, number) or _unknown(place.known, value)
        for patch in _put_in(place, name):
            held = apply_patch(held, patch)
        yield name, value, held


def _field(known: Node, name: str, number: int) -> Node | None:
    """Return a field by its index, because a name may appear twice, or by its name if patches have moved it."""
    pairs = known.value.pairs[number : number + 1] if isinstance(known.value, Fields) else ()
    return pairs[0][1] if pairs and pairs[0][0].value == name else known.get(name)


def _unknown(known: Node, written: Node) -> Node:
    return written.but(known.value if isinstance(known.value, Hole) else Hole("patch"))


def _put_in(place: _Place, name: str) -> Iterator[Patch]:
    """Yield the patches for a field: a Composition's for a base, and an Object's references for its manifest."""
    if name == "base":
        yield from patches_of(place.written, place.sets)
    for item in place.written.find("references").items if name == "forProvider" else ():
        yield from reference_patches(item)


def _text(place: _Place) -> Iterator[Found]:
    """Yield the manifests in a text, or the text itself if it mentions ECR and cannot be read."""
    text = place.written.text or ""
    if KUBERNETES.search(text) is None or "apiVersion" not in text:
        return
    try:
        roots = documents_inside(text, place.written) if place.texts < _MOST_TEXTS else ()
    except (BadJsonError, BadYamlError):
        roots = ()
    if not roots:
        yield Prose(place.written, place.above)
    for root in roots:
        if root.text is None:
            yield from _walk(_Place(root, expressions_to_holes(root), "items", place.above, place.texts + 1))


_EXTERNAL = "crossplane.io/external-name"

Key = tuple[str, str | None, str]
"""Group, namespace and name of a resource."""


class Names:
    """The names of the repositories in the documents of a file. They are read at the first call."""

    def __init__(self, roots: tuple[Node, ...]) -> None:
        self._roots = roots

    def repository_name(self, policy: Manifest, reference: Node) -> Node | None:
        """Return the name of the repository that a policy refers to, or None if no document here makes it."""
        name = reference.find("name").text
        if name is None or policy.above:
            return None
        return self._known.get((policy.group, _metadata(policy, "namespace"), name))

    @cached_property
    def _known(self) -> dict[Key, Node]:
        return dict(self._repositories())

    def _repositories(self) -> Iterator[tuple[Key, Node]]:
        for root in self._roots:
            for manifest in manifests(root):
                name = _metadata(manifest, "name") if isinstance(manifest, Manifest) and not manifest.above else None
                if isinstance(manifest, Manifest) and name is not None and _is_repository(manifest):
                    external = manifest.known.find("metadata", "annotations").get(_EXTERNAL)
                    key = manifest.group, _metadata(manifest, "namespace"), name
                    yield key, external or manifest.known.but(name)


def _is_repository(manifest: Manifest) -> bool:
    kind, group = manifest.written.find("kind").text, GROUPS.get(manifest.group)
    return group is not None and group.kinds.get(str(kind)) is Role.REPOSITORY


def _metadata(manifest: Manifest, name: str) -> str | None:
    return manifest.known.find("metadata", name).text
