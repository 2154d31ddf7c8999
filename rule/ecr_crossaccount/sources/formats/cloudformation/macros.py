"""Macros: they change a part of a template before it is deployed, in a way that is unknown here.

A macro in the Transform section gets the whole template. `Fn::Transform` gets the fields beside it, and may return
anything in their place.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-overview.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ...files.values.nodes import Fields, Node

_FUNCTION, _SHORT = "Fn::Transform", "Transform"
INCLUDE = "AWS::Include"
_OF_AWS = "AWS::"
"""The beginning of the names of AWS's own macros. Except `AWS::Include`, they change no ECR resource."""


def macro_in(node: Node) -> Node | None:
    """Return the macro that gets the fields of an object, or None. JSON may name it by the short form, `Transform`."""
    whole, short = node.get(_FUNCTION), node.get(_SHORT)
    if whole is None and short is not None and (short.get("Name") or Node(None)).text is not None:
        return short
    return whole


def is_macro(name: str, value: Node) -> bool:
    """Return whether a field of an object is a macro."""
    return macro_in(Node(Fields(((Node(name), value),)))) is not None


def of_template(root: Node) -> Iterator[Node]:
    """Yield the macros that get the whole template, or all of its resources."""
    yield from _of_root(root)
    yield from _among_resources(root)


def adding(root: Node) -> Iterator[Node]:
    """Yield the macros that add resources, or whole sections, which are not here."""
    yield from (node for node in _of_root(root) if name_of(node) == INCLUDE)
    yield from _among_resources(root)


def _of_root(root: Node) -> Iterator[Node]:
    section = root.get(_SHORT) or Node(None)
    every = section.value if isinstance(section.value, tuple) else (section,)
    yield from (node for node in (*every, root.get(_FUNCTION)) if node and node.value is not None)


def _among_resources(root: Node) -> Iterator[Node]:
    found = macro_in(root.get("Resources") or Node(None))
    if found is not None:
        yield found


def of_resource(resource: Node) -> Iterator[Node]:
    """Yield the macros that get the fields of a resource, its properties, or the parameters that it passes on."""
    properties = resource.get("Properties") or Node(None)
    for node in (resource, properties, properties.get("Parameters") or Node(None)):
        found = macro_in(node)
        if found is not None:
            yield found


def name_of(macro: Node) -> str:
    """Return the name of a macro, `?` if it is unknown."""
    return (macro.get("Name") or macro).text or "?"


def is_own(macro: Node) -> bool:
    """Return whether a macro is one of the user, whose effect cannot be determined."""
    return not name_of(macro).startswith(_OF_AWS)


def render_macro(macro: Node) -> str:
    """Return how a message calls a macro."""
    return f"the macro `{name_of(macro)}`" if is_own(macro) else name_of(macro)
