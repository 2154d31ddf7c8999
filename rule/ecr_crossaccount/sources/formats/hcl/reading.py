"""Data in texts: the results of `jsondecode`, `yamldecode` and `csvdecode`."""

from __future__ import annotations

import csv
import io

from ....documents.holes import Hole, Holed
from ...files.values.documents import read_yaml
from ...files.values.nodes import Place, plain
from ...files.values.partial import Encoded, Value, first_hole, is_known, text_of
from ...reading.yaml_events import BadYamlError
from ..aws_provider.policies import decoded, read_policy
from .errors import FailedError


def decoded_json(value: Value) -> Value:
    """Return the value in a JSON text. Raises FailedError."""
    if isinstance(value, Encoded) and not value.yaml:
        return value.value
    text = text_of(value)
    if isinstance(text, (Hole, Holed)):
        found = read_policy(text, Place("")).policy
        return first_hole(found, "jsondecode(…)") if isinstance(found, (Hole, Holed)) else found
    if not isinstance(text, str):
        raise FailedError("a value that is not text has no JSON")
    found = decoded(text)
    if isinstance(found, Hole):
        raise FailedError("a text that is not JSON")
    return found


def decoded_yaml(value: Value) -> Value:
    """Return the value in a YAML text. Raises FailedError."""
    if isinstance(value, Encoded):
        return value.value
    if not is_known(value):
        return first_hole(value, "yamldecode(…)")
    text = text_of(value)
    if not isinstance(text, str):
        raise FailedError("a value that is not text has no YAML")
    try:
        documents = read_yaml(text)
    except BadYamlError:
        raise FailedError("a text that is not YAML") from None
    if len(documents) != 1:
        raise FailedError("not one document of YAML")
    return plain(documents[0])


def encoded_yaml(value: Value) -> Value:
    """Return the YAML text of a value, which is kept as the value."""
    return Encoded(value, yaml=True)


def decoded_csv(text: str) -> Value:
    """Return the rows of a CSV text as objects. Raises FailedError.

    https://developer.hashicorp.com/terraform/language/functions/csvdecode
    """
    try:
        names, *rows = (row for row in csv.reader(io.StringIO(text), strict=True) if row)
        return [dict(zip(names, row, strict=True)) for row in rows]
    except (csv.Error, ValueError):
        raise FailedError("a text that is not CSV") from None
