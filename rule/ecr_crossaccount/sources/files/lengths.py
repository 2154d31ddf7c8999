"""What is too long. A policy that Amazon ECR refuses because of its length is not judged, and such a file is not read.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ...documents.json import BadJsonError, value_of
from ...documents.pattern import Holed
from ...judgement.kinds.table import EXCHANGES
from ...judgement.kinds.table import ResourceKind as Kind
from ...questions.plan.outcome import LONGEST_POLICY
from ..found.context import Context
from ..found.found import FoundPolicy, Harvest, Unread
from ..found.registries import location_of
from ..reading.files import MEGABYTE

_LONGEST_JSON = 2 * MEGABYTE
"""In characters. CloudFormation takes templates of at most 1 MB, white space included.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
_WRITTEN_BY_TOOLS = ('"format_version"', '"terraform_version"', '"pulumi:pulumi:Stack"')
"""What the plans and states of Terraform and Pulumi contain. They may be long."""
_TOO_LONG_JSON = "more than 2 MB of JSON, and neither a plan nor a state: split it into files, each of at most 1 MB"
_TOO_LONG = f"its policy has more than the {LONGEST_POLICY:,} characters that Amazon ECR accepts, so it was not judged"


def refusal(text: str) -> str | None:
    """Return why a data file is too long to be read, or None if it is read. YAML has limits of its own."""
    if len(text) <= _LONGEST_JSON or not text.lstrip().startswith(("{", "[")):
        return None
    return None if any(one in text for one in _WRITTEN_BY_TOOLS) else _TOO_LONG_JSON


def without_too_long(found: Harvest, context: Context) -> Harvest:
    """Return what was found, with an error for each policy that ECR would refuse because of its length."""
    refused = [
        policy for policy in found.policies if policy.kind not in EXCHANGES and any(map(_is_too_long, policy.forms))
    ]
    if not refused:
        return found
    kept = tuple(policy for policy in found.policies if not any(policy is other for other in refused))
    errors = tuple(_error(policy, context) for policy in refused)
    return replace(found, policies=kept, errors=(*found.errors, *errors))


def _error(found: FoundPolicy, context: Context) -> Unread:
    registry = location_of(found, context) if found.kind is Kind.REGISTRY else None
    return Unread(found.at.file, found.at.line, _TOO_LONG, registry)


def _is_too_long(policy: object) -> bool:
    """Return whether a policy is too long in any spelling: without white space, and if nothing unknown is in it."""
    if isinstance(policy, str):
        try:
            policy = value_of(policy) if len(policy) > LONGEST_POLICY else None
        except BadJsonError:
            return False
    length = 0
    for more in _lengths(policy):
        length += more
        if length > LONGEST_POLICY:
            return True
    return False


def _lengths(policy: object) -> Iterator[int]:
    """Yield the number of characters of each part of a policy, at least."""
    waiting = [policy]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield len(text) + 2
            case Holed(parts=parts):
                yield sum(len(part) for part in parts if isinstance(part, str)) + 2
            case Mapping() as fields:
                yield 1 + len(fields)
                waiting += [*fields, *fields.values()]
            case list() as items:
                yield 1 + len(items)
                waiting += items
