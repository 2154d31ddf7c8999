"""Data in texts: the results of `jsondecode` and `yamldecode`."""

from __future__ import annotations

from ...policy.holes import Hole, Holed
from ...reading.yaml_events import BadYamlError
from ..aws_provider.policies import decoded, read_policy
from ..values.nodes import plain
from ..values.partial import Encoded, Value, first_hole, text_of
from ..values.places import Place
from ..values.yaml_nodes import read_yaml
from .errors import FailedError


def decoded_json(value: Value) -> Value:
    """Return the value in a JSON text. Raises FailedError."""
    if isinstance(value, Encoded):
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


def decoded_yaml(text: str) -> Value:
    """Return the value in a YAML text. Raises FailedError."""
    try:
        documents = read_yaml(text)
    except BadYamlError:
        raise FailedError("a text that is not YAML") from None
    if len(documents) != 1:
        raise FailedError("not one document of YAML")
    return plain(documents[0])
