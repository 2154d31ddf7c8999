"""Checks the answers of AWS before boto3 reads them. A success without content must not look like an empty list.

boto3 treats a body that is not JSON as an answer without members. It does not check that the body is complete, and
fails on members of another type. A connection that ends early, or a proxy that answers for AWS, can cause such answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, MINYEAR
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from botocore.utils import parse_timestamp

from .errors import MalformedAnswerError

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

_LEAST_FAILURE = 300
_LATEST = 250_000_000_000
"""The largest time, in seconds since 1970: in the year 9892, because datetime ends with 9999."""

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "BatchImportFindings": ("FailedCount", "SuccessCount", "FailedFindings?[].Id", "FailedFindings?[].ErrorCode"),
    "DescribeConfigurationAggregators": ("ConfigurationAggregators[].ConfigurationAggregatorName",),
    "DescribeConfigurationRecorderStatus": ("ConfigurationRecordersStatus[]",),
    "DescribeConfigurationRecorders": ("ConfigurationRecorders[]",),
    "DescribeOrganization": ("Organization.Id",),
    "DescribePolicy": ("Policy.Content", "Policy.PolicySummary.Id"),
    "DescribePullThroughCacheRules": ("pullThroughCacheRules[].ecrRepositoryPrefix",),
    "DescribeRegistry": ("replicationConfiguration.rules[]",),
    "DescribeRemediationExceptions": ("RemediationExceptions[].ResourceId",),
    "DescribeRepositories": ("repositories[].repositoryName",),
    "DescribeRepositoryCreationTemplates": ("repositoryCreationTemplates[].prefix",),
    "GetComplianceDetailsByConfigRule": (
        "EvaluationResults[].ComplianceType",
        "EvaluationResults[].EvaluationResultIdentifier.OrderingTimestamp",
        "EvaluationResults[].EvaluationResultIdentifier.EvaluationResultQualifier.ResourceId",
        "EvaluationResults[].EvaluationResultIdentifier.EvaluationResultQualifier.ResourceType",
    ),
    "GetAnalyzedResource": ("resource.analyzedAt",),
    "GetFindings": ("Findings[].Id", "Findings[].CreatedAt", "Findings[].UpdatedAt"),
    "GetRegistryPolicy": ("policyText",),
    "GetRepositoryPolicy": ("policyText",),
    "GetResourceConfigHistory": ("configurationItems[]",),
    "ListAccounts": ("Accounts[].Id",),
    "ListAnalyzedResources": ("analyzedResources[].resourceArn",),
    "ListAnalyzers": ("analyzers[].arn", "analyzers[].name", "analyzers[].type", "analyzers[].status"),
    "ListFindings": tuple(
        f"findings[].{name}" for name in ("id", "resource", "resourceOwnerAccount", "status", "analyzedAt")
    ),
    "ListParents": ("Parents[].Id",),
    "ListPoliciesForTarget": ("Policies[].Id", "Policies[].Type"),
    "ListRoots": ("Roots[].Id", "Roots[].PolicyTypes[].Type", "Roots[].PolicyTypes[].Status"),
    "ListTagsForResource": ("tags[].Key",),
    "LookupEvents": ("Events[].CloudTrailEvent",),
    "SelectAggregateResourceConfig": ("Results[]",),
    "SelectResourceConfig": ("Results[]",),
    "StartExecution": ("executionArn",),
    "PutEvaluations": ("FailedEvaluations?[].ComplianceResourceId",),
}
"""Members whose absence would be misread.

`[]` means each item of a list. `?` means that it may be missing, for none.
"""
_REQUIRED_OF_XML: Mapping[str, tuple[str, ...]] = {
    "AssumeRole": tuple(
        f"Credentials/{name}" for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
    ),
    "GetCallerIdentity": ("GetCallerIdentityResult/Account", "GetCallerIdentityResult/Arn"),
}
"""The same for the operations that answer in XML."""

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float, str),
}
"""The types in JSON: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#shape-serialization"""


def check(operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
    """Check an answer. This is a handler of botocore's event `before-parse`. Raises MalformedAnswerError.

    An error answer may have any content. If boto3 cannot read it, the body is removed, so that only the status counts.
    """
    is_xml = operation_model.service_model.protocol == "query"
    problems, nothing = (_of_xml, b"<ErrorResponse/>") if is_xml else (_of_json, b"")
    if response_dict["status_code"] >= _LEAST_FAILURE:
        if next(problems(response_dict["body"], None), None):
            response_dict["body"] = nothing
        return
    problem = next(problems(response_dict["body"], operation_model), None)
    if problem:
        raise MalformedAnswerError(operation_model.service_model.service_name, operation_model.name, problem)


def _of_json(body: bytes, operation: OperationModel | None) -> Iterator[str]:
    """Yield the problems of a body. Without an operation, checks only whether it is an object.

    Parses the body as botocore does later, and not strictly, because botocore's reading counts.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        yield "it is not JSON"
        return
    if not isinstance(answer, dict):
        yield "it is not a JSON object"
    elif operation is not None:
        if operation.output_shape is not None:
            yield from _type_faults(answer, operation.output_shape, "")
        for path in _REQUIRED.get(operation.name, ()):
            yield from _missing(answer, path.split("."), "")


def _type_faults(value: object, shape: Shape, at: str) -> Iterator[str]:
    """Yield each member whose type differs from the service's model. Null counts as missing."""
    expected = _TYPES.get(shape.type_name)
    if value is None or expected is None:
        return
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        article = "an" if shape.type_name[0] in "aeiou" else "a"
        yield f"`{at}` is not {article} {shape.type_name}"
    elif shape.type_name == "timestamp" and not _is_moment(value):
        yield f"`{at}` is not a timestamp"
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _type_faults(member, shape.member, f"{at}[{number}]")  # type: ignore[attr-defined]  # a list's
    elif isinstance(value, dict) and shape.type_name == "map":
        for name, member in value.items():
            yield from _type_faults(member, shape.value, f"{at}.{name}")  # type: ignore[attr-defined]  # a map's
    elif isinstance(value, dict) and shape.type_name == "structure":
        for name, member in shape.members.items():  # type: ignore[attr-defined]  # a structure's
            yield from _type_faults(value.get(name), member, f"{at}.{name}".lstrip("."))


def _is_moment(value: object) -> bool:
    """Return whether boto3 can read a value as a time, with room for any offset from UTC. Otherwise it would fail."""
    if isinstance(value, (int, float)):
        return 0 <= value < _LATEST
    try:
        return MINYEAR < parse_timestamp(str(value)).year < MAXYEAR
    except (ValueError, RuntimeError):
        return False


def _missing(value: Mapping[str, Any], path: list[str], at: str) -> Iterator[str]:
    """Yield the first member of a path that is missing."""
    name, *rest = path
    plain = name.removesuffix("[]").removesuffix("?")
    here, found = f"{at}.{plain}".lstrip("."), value.get(plain)
    if found is None:
        if "?" not in name:
            yield f"`{here}` is missing"
    elif isinstance(found, list):
        for number, member in enumerate(found):
            if member is None:
                yield f"`{here}[{number}]` is missing"
            elif rest:
                yield from _missing(member, rest, f"{here}[{number}]")
    elif rest:
        yield from _missing(found, rest, here)


def _of_xml(body: bytes, operation: OperationModel | None) -> Iterator[str]:
    """Yield the problems of a body. Without an operation, checks only whether it is XML."""
    try:
        answer = ET.fromstring(body)  # noqa: S314 - from AWS, over TLS
    except (ET.ParseError, LookupError, ValueError):  # an unknown or wrong encoding
        yield "it is not XML"
        return
    for path in _REQUIRED_OF_XML.get(operation.name, ()) if operation is not None else ():
        parent, name = path.split("/")
        if not answer.findtext(f".//{{*}}{parent}/{{*}}{name}"):
            yield f"`{parent}.{name}` is missing"
