"""A plugin of the AWS CLI that checks each call against the service's model before it is sent, and names it.

The CLI itself refuses unknown options, missing ones and wrong types. The model has more about a value: its enum, its
pattern, its length. Only AWS checks these. Here the check is before the request, so it also applies to operations that
no server answers. The section `plugins` of the CLI's settings loads it.
https://docs.aws.amazon.com/cli/v1/userguide/cli-configure-files.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

OPERATION = "x-operation"
"""The header with the name of the operation, for any protocol."""
_PATTERN_OF_ANYTHING = frozenset({"[\\s\\S]*", ".*"})


def awscli_initialize(event_hooks: Any) -> None:  # noqa: ANN401 - botocore's emitter
    """Check every call against its model. The CLI requires this function's name."""
    event_hooks.register("before-parameter-build", _hold)
    event_hooks.register("before-call", _name)


def _hold(params: Mapping[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's model
    if model.input_shape is None:
        return
    faults = list(faults_of(model.input_shape, params, model.name))
    if faults:
        raise ValueError("; ".join(faults))


def _name(params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's model
    params["headers"][OPERATION] = f"{model.service_model.service_name}.{model.name}"


def faults_of(shape: Any, value: object, at: str) -> Iterator[str]:  # noqa: ANN401 - botocore's shape
    """Yield the parts of a value that its model does not allow. The CLI itself refuses unknown and missing fields."""
    if isinstance(value, Mapping):
        members = getattr(shape, "members", None)
        for name, one in value.items():
            inner = shape.value if members is None else members.get(name)
            if inner is not None:
                yield from faults_of(inner, one, f"{at}.{name}")
    elif isinstance(value, list):
        yield from _length(shape, len(value), at)
        for place, one in enumerate(value):
            yield from faults_of(shape.member, one, f"{at}[{place}]")
    elif isinstance(value, str):
        if shape.enum and value not in shape.enum:
            yield f"{at}: `{value}` is none of {', '.join(shape.enum)}"
        yield from _length(shape, len(value), at)
        pattern = shape.metadata.get("pattern")
        if pattern and pattern not in _PATTERN_OF_ANYTHING and not _matches(pattern, value):
            yield f"{at}: `{value}` does not match {pattern}"


def _length(shape: Any, length: int, at: str) -> Iterator[str]:  # noqa: ANN401 - botocore's shape
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if length < least or (most is not None and length > most):
        yield f"{at}: {length} long, and not from {least} to {most}"


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:  # a form of Java's, such as \\p{L}
        return True
