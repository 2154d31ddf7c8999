"""What AWS refuses: one place for every request to a fake, and for every answer of one.

botocore's validator checks names and types. Here the lengths, ranges, counts, patterns and enumerations of its model
count as well, and documented limits that are missing in the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

DOCUMENTED: Mapping[tuple[str, str], int] = {
    # https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html, and the pages of its parts
    ("securityhub", "BatchImportFindings.Findings[].Id"): 512,
    ("securityhub", "BatchImportFindings.Findings[].ProductArn"): 2048,
    ("securityhub", "BatchImportFindings.Findings[].GeneratorId"): 512,
    ("securityhub", "BatchImportFindings.Findings[].Title"): 256,
    ("securityhub", "BatchImportFindings.Findings[].Description"): 1024,
    ("securityhub", "BatchImportFindings.Findings[].SourceUrl"): 2048,
    ("securityhub", "BatchImportFindings.Findings[].ProductFields"): 50,
    ("securityhub", "BatchImportFindings.Findings[].ProductFields.*"): 2048,
    ("securityhub", "BatchImportFindings.Findings[].Remediation.Recommendation.Text"): 512,
    ("securityhub", "BatchImportFindings.Findings[].Remediation.Recommendation.Url"): 2048,
    ("securityhub", "BatchImportFindings.Findings[].Resources[].Id"): 512,
    ("securityhub", "BatchImportFindings.Findings[].Resources[].Region"): 16,
    ("securityhub", "BatchImportFindings.Findings[].Types"): 50,
    # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    ("sns", "Publish.Subject"): 100,
    ("sns", "Publish.Message"): 262_144,
}
"""The most characters, entries or pairs, by operation and place, where the model has no such limit."""

LONGER = (".AutomationExecution.Outputs.*[]",)
"""Places of answers whose limit in the model is that of a parameter, which has the same shape.

An automation's outputs are longer: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-outputs-inputs.html
"""


@cache
def model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


def problems_of_request(service: str, operation: str, request: Mapping[str, Any]) -> list[str]:
    """Return why AWS would refuse a request."""
    return [*problems_of(request, model(service).operation_model(operation).input_shape, service, operation)]


def assert_answer(operation: OperationModel, answer: Mapping[str, Any]) -> None:
    """Raise AssertionError if the service could not have given this answer, because the fake would be wrong."""
    found = problems_of(answer, operation.output_shape)
    problems = [one for one in found if not one.startswith(tuple(f"`{place}` has" for place in LONGER))]
    assert not problems, f"{operation.name}: {problems}"


def problems_of(value: Any, shape: Shape | None, service: str = "", operation: str = "") -> Iterator[str]:  # noqa: ANN401 - JSON
    """Yield why a value does not fit a shape, or is beyond a documented limit of the operation."""
    if shape is None:
        if value:
            yield f"nothing is expected: {value}"
        return
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        yield report.generate_report()
        return
    yield from _beyond(value, shape, service, operation)


def _beyond(value: Any, shape: Any, service: str, at: str) -> Iterator[str]:  # noqa: ANN401 - JSON and its shape
    size = _size(value)
    most = shape.metadata.get("max", DOCUMENTED.get((service, at)))
    if size is not None and most is not None and size > most:
        yield f"`{at}` has {size}: at most {most}"
    if shape.type_name == "string":
        yield from _of_text(value, shape, at)
    for part, of, name in _parts(value, shape):
        yield from _beyond(part, of, service, f"{at}{name}")


def _parts(value: Any, shape: Any) -> Iterator[tuple[Any, Any, str]]:  # noqa: ANN401 - JSON and its shape
    """Yield each part of a value with its shape and its place."""
    match shape.type_name:
        case "structure":
            yield from ((value[name], one, f".{name}") for name, one in shape.members.items() if name in value)
        case "list":
            yield from ((one, shape.member, "[]") for one in value)
        case "map":
            yield from ((name, shape.key, ".key") for name in value)
            yield from ((one, shape.value, ".*") for one in value.values())


def _size(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return value
    # AWS's services count in Java's characters, of 16 bits.
    return len(value.encode("utf-16-le", "surrogatepass")) // 2 if isinstance(value, str) else _entries(value)


def _entries(value: object) -> int | None:
    return len(value) if isinstance(value, (list, tuple, dict)) else None


def _of_text(value: str, shape: Shape, at: str) -> Iterator[str]:
    enumeration, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if enumeration and value not in enumeration:
        yield f"`{at}`: `{value}` is none of {', '.join(enumeration)}"
    compiled = _pattern(pattern) if pattern else None
    if compiled is not None and not compiled.search(value):
        yield f"`{at}`: `{value}` does not match {pattern}"


@cache
def _pattern(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of the model, or None if it has a class of characters that Python does not know."""
    return None if r"\p{" in pattern else re.compile(pattern)
