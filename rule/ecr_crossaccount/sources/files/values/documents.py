"""The text of a template, YAML or JSON, as data with places."""

from __future__ import annotations

from ....documents.holes import Text
from ....documents.json_grammar import BadJsonError
from .holed import Stencil
from .json_nodes import read_json
from .nodes import Fields, Node
from .yaml_nodes import read_yaml


def documents(text: Text) -> tuple[Node, ...]:
    """Return the documents in a text. Holes may be inside of values. Raises BadJsonError or BadYamlError.

    A text that begins like JSON is read as JSON, or as YAML if it is not valid JSON, because flow style looks the same.
    """
    if isinstance(text, str):
        return _documents(text)
    stencil = Stencil(text)
    return tuple(map(stencil.node, _documents(stencil.text)))


YAML_SUFFIXES = (".yaml", ".yml", ".template", ".cfn")
"""The suffixes of files in which a text that looks like JSON may be YAML in flow style."""

_JSON_SUFFIXES = (".json", ".jsonc", ".json5", ".tfstate", ".tfplan")
_OPENINGS = ("{", "[")


def documents_of(name: str, text: str) -> tuple[Node, ...]:
    """Return the documents in the text of a file. Raises BadJsonError or BadYamlError.

    Damaged JSON may be valid YAML with another meaning, which no service accepts. So a file with a JSON suffix is read
    only as JSON. A text that begins like JSON is read as YAML only if the suffix is one of YAML.
    """
    name = name.lower()
    begins_as_json = text.lstrip().startswith(_OPENINGS)
    if name.endswith(_JSON_SUFFIXES) or (begins_as_json and not name.endswith(YAML_SUFFIXES)):
        return (read_json(text),)
    return _documents(text)


def documents_inside(text: Text, at: Node) -> tuple[Node, ...]:
    """Return the documents in a text inside a file, with places in that file. Raises the errors of `documents`."""
    return tuple(moved(root, at) for root in documents(text))


def moved(root: Node, to: Node) -> Node:
    """Return a value that was read from the text `to`, with places in the file that contains this text."""
    # The indentation of a block text in the file is no longer known.
    line, column = to.line + int(to.block), 1 if to.block else to.column

    def each(node: Node) -> Node:
        match node.value:
            case Fields() as fields:
                value: object = Fields(tuple((each(name), each(one)) for name, one in fields.pairs))
            case tuple() as items:
                value = tuple(each(one) for one in items)
            case scalar:
                value = scalar
        return Node(value, line + node.line - 1 if to.block else line, column, node.block)  # type: ignore[arg-type]

    return each(root)


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
