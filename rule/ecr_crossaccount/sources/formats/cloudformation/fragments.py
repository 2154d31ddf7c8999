"""Parts of templates in files of other kinds: for AWS::Include, or resources of the Serverless Framework."""

from __future__ import annotations

from collections.abc import Iterator

from ...files.values.nodes import Fields, Node
from .resources import is_ours

_ALONE = "Resource"
"""The name of a resource that is the only content of a file."""


def fragments(root: Node) -> tuple[Node, ...]:
    """Return the parts that can be read as templates: an object with Resources, or a group of resources as one."""
    if _is_resource(root):
        return (_template(root.but(Fields(((root.but(_ALONE), root),)))),)
    return tuple(_fragments(root, None))


def _template(resources: Node) -> Node:
    return resources.but(Fields(((resources.but("Resources"), resources),)))


def _fragments(node: Node, parent: Node | None) -> Iterator[Node]:
    ours = any(_is_resource(value) for _, value in node.fields)
    if ours and parent is not None and parent.get("Resources") is node:
        yield parent
        return
    if ours:
        yield _template(node)
        return
    for _, value in node.fields:
        yield from _fragments(value, node)
    for item in node.items:
        yield from _fragments(item, None)


def _is_resource(node: Node) -> bool:
    kind = node.get("Type")
    return kind is not None and is_ours(kind.text)
