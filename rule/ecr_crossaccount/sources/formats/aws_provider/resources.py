"""The Terraform resources that carry an ECR policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ....documents.holes import Hole, Holed, Text
from ....judgement.values.named import names_under
from ....judgement.values.resource_kind import ResourceKind as Kind
from ...files.values.partial import Value, text_of
from ...found.found import ANY_NAME


@dataclass(frozen=True, slots=True)
class Carrier:
    """A type of resource: the kind of its policy, and the attributes for policy, name and prefix of names.

    For a replication, `policy` is the attribute with the rules. For a cache it is empty, because all attributes count.
    """

    kind: Kind
    policy: str
    name: str | None = None
    prefix: str | None = None


_REPLICATION = Carrier(Kind.REPLICATION, "replication_configuration")
_CACHE = Carrier(Kind.PULL_THROUGH_CACHE, "", prefix="ecr_repository_prefix")

CARRIERS: Mapping[str, Carrier] = {
    "aws_ecr_repository_policy": Carrier(Kind.REPOSITORY, "policy", name="repository"),
    "aws_ecr_registry_policy": Carrier(Kind.REGISTRY, "policy"),
    "aws_ecr_repository_creation_template": Carrier(Kind.CREATION_TEMPLATE, "repository_policy", prefix="prefix"),
    "aws_ecrpublic_repository_policy": Carrier(Kind.PUBLIC_REPOSITORY, "policy", name="repository_name"),
    "awscc_ecr_repository": Carrier(Kind.REPOSITORY, "repository_policy_text", name="repository_name"),
    "awscc_ecr_registry_policy": Carrier(Kind.REGISTRY, "policy_text"),
    "awscc_ecr_repository_creation_template": Carrier(Kind.CREATION_TEMPLATE, "repository_policy", prefix="prefix"),
    "awscc_ecr_public_repository": Carrier(Kind.PUBLIC_REPOSITORY, "repository_policy_text", name="repository_name"),
    "aws_ecr_replication_configuration": _REPLICATION,
    "awscc_ecr_replication_configuration": _REPLICATION,
    "aws_ecr_pull_through_cache_rule": _CACHE,
    "awscc_ecr_pull_through_cache_rule": _CACHE,
}
"""By type. https://registry.terraform.io/providers/hashicorp/aws/latest/docs and …/hashicorp/awscc/latest/docs"""

_WITHOUT_ACCESS = frozenset(
    {
        "aws_ecr_lifecycle_policy",
        "aws_ecr_pull_time_update_exclusion",
        "aws_ecr_registry_scanning_configuration",
        "aws_ecr_repository",
        "aws_ecrpublic_repository",
        "awscc_ecr_pull_time_update_exclusion",
        "awscc_ecr_registry_scanning_configuration",
        "awscc_ecr_signing_configuration",
    }
)
"""Types of ECR resources that give no access."""

ACCOUNT_SETTING = "aws_ecr_account_setting"
"""Gives no access itself, but may set the actions that registry policies apply to."""

_OURS = ("aws_ecr_", "aws_ecrpublic_", "awscc_ecr_")

REQUIRED = frozenset({"policy", "policy_text"})
"""The policy attributes that a resource must have."""

CLOUD_CONTROL = "aws_cloudcontrolapi_resource"
"""Makes a resource of any CloudFormation type."""

STACK_SETS = frozenset({"aws_cloudformation_stack_set", "awscc_cloudformation_stack_set"})

STACKS = frozenset({"aws_cloudformation_stack", "awscc_cloudformation_stack"}) | STACK_SETS
"""Carry a CloudFormation template that may contain ECR policies. That of a set is deployed into other accounts."""


def is_read(kind: str) -> bool:
    """Return whether resources of a type carry a policy or a template, or must be reported for other effects."""
    if kind in CARRIERS or kind in STACKS:
        return True
    return kind.startswith(_OURS) and kind not in _WITHOUT_ACCESS


def names_of(carrier: Carrier, attributes: Mapping[str, Value]) -> tuple[Text, ...]:
    """Return the names, or patterns of names, of the repositories that a resource's policy governs.

    They have holes where they are unknown.
    """
    if carrier.name is not None:
        return _name(text_of(attributes.get(carrier.name)))
    if carrier.prefix is not None:
        (prefix,) = _name(text_of(attributes.get(carrier.prefix)))
        if isinstance(prefix, Holed):
            return (prefix if len(prefix.parts) == 1 else Holed((*prefix.parts, "/*")),)
        return (Holed((Hole(carrier.prefix),)),) if prefix == "*" else names_under(prefix)
    return ANY_NAME


def _name(value: Value) -> tuple[Text]:
    """Return a name, or the pattern for a name that is not there."""
    if isinstance(value, Hole):
        return (Holed((value,)),)
    return (value,) if isinstance(value, Holed) or (isinstance(value, str) and value) else ("*",)
