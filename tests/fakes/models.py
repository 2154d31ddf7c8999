"""What AWS refuses: one place for every request to a fake or to moto, and for every answer of one.

botocore's validator checks names and types. Here the lengths, ranges, counts, patterns and enumerations of its model
count as well, and documented limits that are missing in the model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

Json = dict[str, Any]

DOCUMENTED: Mapping[tuple[str, str], int] = {
    # https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html, and the pages of its parts
    ("securityhub", "BatchImportFindings.Findings[].Id"): 512,
    ("securityhub", "BatchImportFindings.Findings[].ProductArn"): 2048,
    ("securityhub", "BatchImportFindings.Findings[].GeneratorId"): 512,
    ("securityhub", "BatchImportFindings.Findings[].Title"): 256,
    ("securityhub", "BatchImportFindings.Findings[].Description"): 1024,
    ("securityhub", "BatchImportFindings.Findings[].SourceUrl"): 2048,
    ("securityhub", "BatchImportFindings.Findings[].ProductFields"): 50,
    ("securityhub", "BatchImportFindings.Findings[].ProductFields.key"): 128,
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

OTHERWISE: Mapping[tuple[str, str], str] = {
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-outputs-inputs.html
    ("ssm", "GetAutomationExecution.AutomationExecution.Outputs.*[]"): "at most",
    # https://docs.aws.amazon.com/cli/latest/reference/ssm/get-parameters.html, delete-parameters.html and
    # get-parameter-history.html: the examples
    ("ssm", "GetParameters.InvalidParameters"): "at least",
    ("ssm", "DeleteParameters.InvalidParameters"): "at least",
    ("ssm", "GetParameterHistory.Parameters[].Labels"): "at least",
    # https://docs.aws.amazon.com/cli/latest/reference/dynamodb/create-table.html: the examples
    ("dynamodb", "CreateTable.TableDescription.ProvisionedThroughput.NumberOfDecreasesToday"): "at least",
    # https://docs.aws.amazon.com/cli/latest/reference/configservice/describe-configuration-recorder-status.html
    ("config", "DescribeConfigurationRecorderStatus.ConfigurationRecordersStatus[].lastStatus"): "`SUCCESS`",
    # The limit is that of a request. ECR keeps the text in another form, and no page says how long that may be.
    ("ecr", "SetRepositoryPolicy.policyText"): "at most",
    ("ecr", "GetRepositoryPolicy.policyText"): "at most",
    # moto's mistakes, in answers that nothing here reads
    ("ssm", "CreateDocument.DocumentDescription.PlatformTypes[]"): "(moto)",
    ("ssm", "DescribeDocument.Document.PlatformTypes[]"): "(moto)",
    ("ssm", "ListDocuments.DocumentIdentifiers[].PlatformTypes[]"): "(moto)",
    ("ecr", "DescribeRegistry.replicationConfiguration.rules[].repositoryFilters"): "at least",
    ("organizations", "CreatePolicy.Policy.PolicySummary.Arn"): "match",
    ("organizations", "DescribePolicy.Policy.PolicySummary.Arn"): "match",
    ("organizations", "ListPoliciesForTarget.Policies[].Arn"): "match",
    ("stepfunctions", "DescribeStateMachine.definition"): "at least",
    ("cloudformation", "ListStackResources.StackResourceSummaries[].ResourceType"): "at least",
}
"""Places of answers in which AWS or moto does not keep to AWS's model, and what they ignore."""


UNCHECKED = frozenset({"iam", "GetTemplate"})
"""What has answers that are not checked: a service whose policies botocore decodes.

A test replaces it by the operation whose answer it chooses although AWS would not give it.
"""


class ServiceError(Exception):
    """An error answer of a service."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@cache
def model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


def answered(service: str, operation: str, request: Json, known: Mapping[str, Callable[[Json], Json]]) -> Json:
    """Answer a request with the `known` operations of a service. Raises ServiceError if AWS would refuse it."""
    if operation not in known:
        raise ServiceError("UnknownOperationException", f"this fake does not know `{operation}`")
    if problems := problems_of_request(service, operation, request):
        raise ServiceError("ValidationException", "; ".join(problems))
    answer = known[operation](request)
    assert_answer(model(service).operation_model(operation), answer)
    return answer


def check_every_call() -> None:
    """Let all clients of this process refuse what AWS refuses from now on, moto's and those of a stub too.

    botocore still refuses wrong names and types itself.
    """
    client: Any = BaseClient
    call = client._make_api_call  # noqa: SLF001 - botocore has no public name for it

    def checked(self: Any, operation: str, request: Json) -> Any:  # noqa: ANN401 - a client, and any answer
        described = self.meta.service_model.operation_model(operation)
        shape, service = described.input_shape, described.service_model.service_name
        is_typed = shape is not None and not _of_types(request, shape)
        if is_typed and (beyond := [*_beyond(request, shape, service, operation)]):
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "; ".join(beyond)}}, operation)
        answer = call(self, operation, request)
        assert_answer(described, {name: value for name, value in answer.items() if name != "ResponseMetadata"})
        return answer

    client._make_api_call = checked  # noqa: SLF001 - as above


def problems_of_request(service: str, operation: str, request: Mapping[str, Any]) -> list[str]:
    """Return why AWS would refuse a request."""
    return _problems(request, model(service).operation_model(operation).input_shape, service, operation)


def assert_answer(operation: OperationModel, answer: Mapping[str, Any]) -> None:
    """Raise AssertionError if the service could not have given this answer, because the fake would be wrong."""
    service = operation.service_model.service_name
    if UNCHECKED & {service, operation.name}:
        return
    ignored = [(f"`{at}`", what) for (of, at), what in OTHERWISE.items() if of == service]
    found = _problems(answer, operation.output_shape, service, operation.name)
    problems = [one for one in found if not any(one.startswith(at) and what in one for at, what in ignored)]
    assert not problems, f"{operation.name}: {problems}"


def _problems(value: Mapping[str, Any], shape: Shape | None, service: str, operation: str) -> list[str]:
    if shape is None:
        return [f"nothing is expected: {value}"] if value else []
    return _of_types(value, shape) or [*_beyond(value, shape, service, operation)]


def _of_types(value: Any, shape: Shape) -> list[str]:  # noqa: ANN401 - JSON
    """Return what has a wrong name or type. botocore also reports minimums, which are checked here with the others."""
    report = ParamValidator().validate(value, shape).generate_report().splitlines()
    return [one for one in report if "valid min " not in one]


def _beyond(value: Any, shape: Any, service: str, at: str) -> Iterator[str]:  # noqa: ANN401 - JSON and its shape
    """Yield the limits that a value does not keep to, of the model or of a page."""
    size = _size(value)
    least, most = shape.metadata.get("min"), shape.metadata.get("max", DOCUMENTED.get((service, at)))
    if size is not None and most is not None and size > most:
        yield f"`{at}` has {size}: at most {most}"
    if size is not None and least is not None and size < least:
        yield f"`{at}` has {size}: at least {least}"
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
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case str():  # AWS's services count in Java's characters, of 16 bits
            return len(value.encode("utf-16-le", "surrogatepass")) // 2
        case list() | tuple() | dict() | bytes() | bytearray():
            return len(value)
    return None


def _of_text(value: str, shape: Shape, at: str) -> Iterator[str]:
    enumeration, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if enumeration and value not in enumeration:
        yield f"`{at}`: `{value}` is none of {', '.join(enumeration)}"
    compiled = _pattern(pattern) if pattern else None
    if compiled is not None and not compiled.fullmatch(value):
        yield f"`{at}`: `{value}` does not match {pattern}"


@cache
def _pattern(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of the model, or None if it has a class of characters that Python does not know.

    A service compares the whole text, as Java's `String.matches` does.
    """
    return None if r"\p{" in pattern else re.compile(pattern)
