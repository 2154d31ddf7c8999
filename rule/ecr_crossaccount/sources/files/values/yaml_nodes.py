"""YAML with the place of every value, and CloudFormation's short intrinsic functions in their long form.

Scalars are text whatever they look like, because CloudFormation passes them on as text: `Version: 2012-10-17` is not a
date and `012345678901` is not an octal number.
"""

from __future__ import annotations

import yaml

from ...reading.yaml_events import Limits, Place, read
from .nodes import Fields, Node, Scalar

LIMITS = Limits(deepest=100, most=500_000)

_TRUTHS = frozenset({"True", "TRUE", "False", "FALSE"})
"""Spellings of Booleans, which CloudFormation passes on as `true` and `false`."""
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS_OF_YAML = "tag:yaml.org,2002:"
_MERGE = "<<"
_WHOLE_NAMES = frozenset({"!Ref", "!Condition"})
"""Tags whose long form does not begin with `Fn::`."""


def read_yaml(text: str) -> tuple[Node, ...]:
    """Return the documents in `text`. Raises BadYamlError."""
    return tuple(read(text, _Nodes(), LIMITS))


class _Nodes:
    """A builder of nodes. A name that appears twice in an object is kept twice."""

    def scalar(self, event: yaml.ScalarEvent, place: Place) -> Node:
        plain = bool(event.implicit[0]) and event.tag is None
        value: Scalar = None if plain and event.value in _NULLS else str(event.value)
        if plain and value in _TRUTHS:
            value = str(value).lower()
        return _tagged(Node(value, *place, block=event.style in ("|", ">")), event.tag)

    def items(self, items: list[Node], tag: str | None, place: Place) -> Node:
        return _tagged(Node(tuple(items), *place), tag)

    def fields(self, fields: list[tuple[Node, Node]], tag: str | None, place: Place) -> Node:
        return _tagged(Node(_merged(fields), *place), tag)

    def repeated(self, known: Node, _anchor: str, _place: Place) -> Node:
        return known


def _merged(pairs: list[tuple[Node, Node]]) -> Fields:
    """Return an object with the fields that `<<` merges into it."""
    if not any(name.value == _MERGE for name, _ in pairs):
        return Fields(tuple(pairs))
    merged = [(name, value) for name, value in pairs if name.value != _MERGE]
    sources = [one for name, value in pairs if name.value == _MERGE for one in value.items or (value,)]
    for one in sources:
        known = {str(name.value) for name, _ in merged}
        more = one.value.pairs if isinstance(one.value, Fields) else ()
        merged += [(name, value) for name, value in more if str(name.value) not in known]
    return Fields(tuple(merged))


def _tagged(node: Node, tag: str | None) -> Node:
    """Return `!Sub x` as `{"Fn::Sub": x}`. YAML's own tags are ignored."""
    if tag is None or tag == "!" or tag.startswith(_TAGS_OF_YAML) or not tag.startswith("!"):
        return node
    if tag in _WHOLE_NAMES:
        name = tag[1:]
    else:
        name = f"Fn::{tag[1:]}"
        if tag == "!GetAtt" and isinstance(node.value, str):
            node = _attribute(node)
    return node.but(Fields(((node.but(name), node),)))


def _attribute(node: Node) -> Node:
    """Return `!GetAtt A.B` in its long form, a list of two."""
    resource, _, attribute = str(node.value).partition(".")
    return node.but((node.but(resource), node.but(attribute)))
