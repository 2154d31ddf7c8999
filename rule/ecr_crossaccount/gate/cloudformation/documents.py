"""A template's text, YAML or JSON, as data with places."""

from __future__ import annotations

from ..json_nodes import BadJsonError, read_json
from ..nodes import Node
from ..yaml_nodes import read_yaml


def documents(text: str) -> tuple[Node, ...]:
    """Return the documents in a text. Raises BadJsonError or BadYamlError.

    What begins as JSON is read as JSON, and as YAML if it is none: flow style looks like it.
    """
    if not text.lstrip().startswith(("{", "[")):
        return read_yaml(text)
    try:
        return (read_json(text),)
    except BadJsonError as error:
        try:
            return read_yaml(text)
        except ValueError:
            raise error from None
