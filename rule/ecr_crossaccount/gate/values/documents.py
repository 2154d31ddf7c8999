"""A template's text, YAML or JSON, as data with places."""

from __future__ import annotations

from ...policy.holes import Text
from .holed import Stencil
from .json_nodes import BadJsonError, read_json
from .nodes import Fields, Node
from .yaml_nodes import read_yaml


def documents(text: Text) -> tuple[Node, ...]:
    """Return the documents in a text, whose holes stand inside of values. Raises BadJsonError or BadYamlError.

    What begins as JSON is read as JSON, and as YAML if it is none: flow style looks like it.
    """
    if isinstance(text, str):
        return _documents(text)
    stencil = Stencil(text)
    return tuple(map(stencil.node, _documents(stencil.text)))


YAML_SUFFIXES = (".yaml", ".yml", ".template", ".cfn")
"""The endings of the names of files in which what looks like JSON may be YAML in flow style."""

_JSON_SUFFIXES = (".json", ".jsonc", ".json5", ".tfstate", ".tfplan")
_OPENINGS = ("{", "[")


def documents_of(name: str, text: str) -> tuple[Node, ...]:
    """Return the documents in the text of a file. Raises BadJsonError or BadYamlError.

    JSON that is damaged may be YAML that says something else than the JSON was to say, and that no service takes: what
    the name calls JSON is nothing but JSON, and what begins as JSON is YAML only if the name says so.
    """
    name = name.lower()
    begins_as_json = text.lstrip().startswith(_OPENINGS)
    if name.endswith(_JSON_SUFFIXES) or (begins_as_json and not name.endswith(YAML_SUFFIXES)):
        return (read_json(text),)
    return _documents(text)


def documents_inside(text: Text, at: Node) -> tuple[Node, ...]:
    """Return the documents in a text that stands in a file, with the places of that file. Raises as `documents`."""
    return tuple(_moved(root, at) for root in documents(text))


def _moved(root: Node, to: Node) -> Node:
    # How far a text in lines of its own is indented is not known any more.
    line, column = to.line + int(to.block), 1 if to.block else to.column

    def moved(node: Node) -> Node:
        match node.value:
            case Fields() as fields:
                value: object = Fields(tuple((moved(name), moved(one)) for name, one in fields.pairs))
            case tuple() as items:
                value = tuple(moved(one) for one in items)
            case scalar:
                value = scalar
        return Node(value, line + node.line - 1 if to.block else line, column, node.block)  # type: ignore[arg-type]

    return moved(root)


def _documents(text: str) -> tuple[Node, ...]:
    if not text.lstrip().startswith(_OPENINGS):
        return read_yaml(text)
    try:
        return (read_json(text),)
    except BadJsonError as error:
        try:
            return read_yaml(text)
        except ValueError:
            raise error from None
