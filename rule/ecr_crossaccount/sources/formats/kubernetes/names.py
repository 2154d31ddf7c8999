"""The names of the repositories that a file makes. A policy may refer to one by the name of its resource."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from ...files.values.nodes import Node
from .groups import GROUPS, Role
from .walk import Manifest, manifests

_EXTERNAL = "crossplane.io/external-name"

Key = tuple[str, str | None, str]
"""Group, namespace and name of a resource."""


class Names:
    """The names of the repositories in the documents of a file. They are read at the first call."""

    def __init__(self, roots: tuple[Node, ...]) -> None:
        self._roots = roots

    def of(self, policy: Manifest, reference: Node) -> Node | None:
        """Return the name of the repository that a policy refers to, or None if no document here makes it."""
        name = reference.get("name")
        if name is None or name.text is None or policy.above:
            return None
        return self._known.get((policy.group, _metadata(policy, "namespace"), name.text))

    @cached_property
    def _known(self) -> dict[Key, Node]:
        return dict(self._repositories())

    def _repositories(self) -> Iterator[tuple[Key, Node]]:
        for root in self._roots:
            for one in manifests(root):
                name = _metadata(one, "name") if isinstance(one, Manifest) and not one.above else None
                if isinstance(one, Manifest) and name is not None and _is_repository(one):
                    external = _external(one) or one.known.but(name)
                    yield (one.group, _metadata(one, "namespace"), name), external


def _is_repository(manifest: Manifest) -> bool:
    kind, group = manifest.written.get("kind"), GROUPS.get(manifest.group)
    return group is not None and group.kinds.get(str(kind.text) if kind is not None else "") is Role.REPOSITORY


def _metadata(manifest: Manifest, name: str) -> str | None:
    metadata = manifest.known.get("metadata")
    value = metadata.get(name) if metadata is not None else None
    return value.text if value is not None else None


def _external(manifest: Manifest) -> Node | None:
    metadata = manifest.known.get("metadata")
    annotations = metadata.get("annotations") if metadata is not None else None
    return annotations.get(_EXTERNAL) if annotations is not None else None
