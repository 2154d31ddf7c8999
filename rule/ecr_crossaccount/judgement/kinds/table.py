"""The kinds of resources whose policies are judged: one place for everything that tells one kind from another.

A new kind needs a row here, and its judge in this folder, with a line in `JUDGES` of `questions/change/states.py`. The
formats, the reports and the readers of AWS take their tables from the rows. The order is that of reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto


class ResourceKind(StrEnum):
    """What a policy governs. The last two are not policies: they copy images to other registries or from them."""

    REPOSITORY = "repository"
    REGISTRY = "registry"
    CREATION_TEMPLATE = "creation-template"
    PUBLIC_REPOSITORY = "public-repository"
    REPLICATION = "replication"
    PULL_THROUGH_CACHE = "pull-through-cache"


class Format(Enum):
    """The ways to write a resource, which determine the names of its type and fields."""

    CLOUDFORMATION = auto()
    AWS_PROVIDER = auto()
    """Types of `hashicorp/aws` and `hashicorp/awscc`, in Terraform, OpenTofu and Pulumi.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs and …/hashicorp/awscc/latest/docs
    """
    API = auto()
    """Calls of the API in lower case, as custom resources of the AWS CDK make them."""
    CLI = auto()
    UPJET = auto()
    UPJET_PUBLIC = auto()
    COMMUNITY = auto()
    ACK = auto()

    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Field:
    """Where a format has the policy of a kind.

    - `type`: the type of the resource, the kind of the manifest, or the command.
    - `policy`: the field with the policy, or with the rules of a replication. Empty if all fields count.
    - `name`, `prefix`: the field with the name of the repository, or with the prefix of the names of repositories.
    - `whose`: for a cache, the fields that say whose images it takes.
    - `input`: the field with the policy in the JSON input of a command. `optional`: the policy may be omitted.
    """

    type: str
    policy: str = "policy"
    name: str | None = None
    prefix: str | None = None
    whose: tuple[str, ...] = ()
    input: str = ""
    optional: bool = False
    kind: ResourceKind = ResourceKind.REPOSITORY

    @property
    def names(self) -> tuple[str, ...]:
        """The fields for policy, repository and prefix."""
        return tuple(text for text in (self.policy, self.name, self.prefix) if text is not None)


@dataclass(frozen=True, slots=True)
class Row:
    """Everything that tells one kind from another.

    - `called`: for a person. `{}` takes the name.
    - `fields`: where the formats have its policy.
    - `arn`: the type in the ARNs of reports, if ECR itself gives none.
    - `is_prefixed`: it applies to the repositories below a prefix, which is its name.
    - `is_exchange`: it has no policy, but sends images to other registries or takes them from one.
    """

    kind: ResourceKind
    called: str
    fields: Mapping[Format, tuple[Field, ...]]
    arn: str | None = None
    is_prefixed: bool = False
    is_exchange: bool = False

    @property
    def resource(self) -> str:
        """The type of the resource in CloudFormation, which reports name."""
        return self.fields[Format.CLOUDFORMATION][0].type


_CACHE, _TEMPLATE = "ecrRepositoryPrefix", "RepositoryCreationTemplate"

KINDS = (
    Row(
        ResourceKind.REPOSITORY,
        "{}",
        {
            Format.CLOUDFORMATION: (Field("AWS::ECR::Repository", "RepositoryPolicyText", "RepositoryName"),),
            Format.AWS_PROVIDER: (
                Field("aws_ecr_repository_policy", "policy", "repository"),
                Field("awscc_ecr_repository", "repository_policy_text", "repository_name"),
            ),
            Format.API: (Field("setrepositorypolicy", "policyText", "repositoryName"),),
            Format.CLI: (Field("set-repository-policy", "--policy-text", "--repository-name", input="policyText"),),
            Format.UPJET: (Field("RepositoryPolicy", name="repository"),),
            Format.COMMUNITY: (Field("RepositoryPolicy", name="repositoryName"),),
            Format.ACK: (Field("Repository", name="name"),),
        },
    ),
    Row(
        ResourceKind.REGISTRY,
        "the registry policy",
        {
            Format.CLOUDFORMATION: (Field("AWS::ECR::RegistryPolicy", "PolicyText"),),
            Format.AWS_PROVIDER: (
                Field("aws_ecr_registry_policy", "policy"),
                Field("awscc_ecr_registry_policy", "policy_text"),
            ),
            Format.API: (Field("putregistrypolicy", "policyText"),),
            Format.CLI: (Field("put-registry-policy", "--policy-text", input="policyText"),),
            Format.UPJET: (Field("RegistryPolicy"),),
        },
    ),
    Row(
        ResourceKind.CREATION_TEMPLATE,
        "the creation template {}",
        {
            Format.CLOUDFORMATION: (Field(f"AWS::ECR::{_TEMPLATE}", "RepositoryPolicy", prefix="Prefix"),),
            Format.AWS_PROVIDER: tuple(
                Field(f"{provider}_ecr_repository_creation_template", "repository_policy", prefix="prefix")
                for provider in ("aws", "awscc")
            ),
            Format.API: tuple(
                Field(f"{verb}repositorycreationtemplate", "repositoryPolicy", prefix="prefix")
                for verb in ("create", "update")
            ),
            Format.CLI: tuple(
                Field(
                    f"{verb}-repository-creation-template",
                    "--repository-policy",
                    prefix="--prefix",
                    input="repositoryPolicy",
                    optional=True,
                )
                for verb in ("create", "update")
            ),
            Format.UPJET: (Field(_TEMPLATE, "repositoryPolicy", prefix="prefix"),),
            Format.ACK: (Field(_TEMPLATE, "repositoryPolicy", prefix="prefix"),),
        },
        arn="repository-creation-template",
        is_prefixed=True,
    ),
    Row(
        ResourceKind.PUBLIC_REPOSITORY,
        "{}",
        {
            Format.CLOUDFORMATION: (Field("AWS::ECR::PublicRepository", "RepositoryPolicyText", "RepositoryName"),),
            Format.AWS_PROVIDER: (
                Field("aws_ecrpublic_repository_policy", "policy", "repository_name"),
                Field("awscc_ecr_public_repository", "repository_policy_text", "repository_name"),
            ),
            Format.UPJET_PUBLIC: (Field("RepositoryPolicy", name="repositoryName"),),
        },
    ),
    Row(
        ResourceKind.REPLICATION,
        "the replication configuration",
        {
            Format.CLOUDFORMATION: (Field("AWS::ECR::ReplicationConfiguration", "ReplicationConfiguration"),),
            Format.AWS_PROVIDER: tuple(
                Field(f"{provider}_ecr_replication_configuration", "replication_configuration")
                for provider in ("aws", "awscc")
            ),
            Format.API: (Field("putreplicationconfiguration", "replicationConfiguration"),),
            Format.CLI: (
                Field("put-replication-configuration", "--replication-configuration", input="replicationConfiguration"),
            ),
            Format.UPJET: (Field("ReplicationConfiguration", "replicationConfiguration"),),
        },
        arn="replication-configuration",
        is_exchange=True,
    ),
    Row(
        ResourceKind.PULL_THROUGH_CACHE,
        "the pull-through cache {}",
        {
            Format.CLOUDFORMATION: (Field("AWS::ECR::PullThroughCacheRule", "", prefix="EcrRepositoryPrefix"),),
            Format.AWS_PROVIDER: tuple(
                Field(f"{provider}_ecr_pull_through_cache_rule", "", prefix="ecr_repository_prefix")
                for provider in ("aws", "awscc")
            ),
            Format.API: (Field("createpullthroughcacherule", "", prefix=_CACHE),),
            Format.CLI: (
                Field(
                    "create-pull-through-cache-rule",
                    "--upstream-registry-url",
                    prefix="--ecr-repository-prefix",
                    input="upstreamRegistryUrl",
                ),
            ),
            Format.UPJET: (
                Field(
                    "PullThroughCacheRule",
                    "",
                    prefix=_CACHE,
                    whose=(_CACHE, "upstreamRegistryUrl", "customRoleArn"),
                ),
            ),
            Format.ACK: (
                Field(
                    "PullThroughCacheRule",
                    "",
                    prefix=_CACHE,
                    whose=(_CACHE, "upstreamRegistry", "upstreamRegistryURL", "customRoleARN"),
                ),
            ),
        },
        arn="pull-through-cache-rule",
        is_prefixed=True,
        is_exchange=True,
    ),
)
ROWS = {row.kind: row for row in KINDS}

PREFIXED = tuple(row.kind for row in KINDS if row.is_prefixed)
"""Kinds that apply to the repositories below a prefix, which is their name."""
EXCHANGES = tuple(row.kind for row in KINDS if row.is_exchange)
"""Kinds without a policy, which send images to other registries or take them from one."""


def fields_in(written: Format) -> Mapping[str, Field]:
    """Return where a format has the policies of all kinds, by the type of the resource or the command."""
    return {field.type: field for field in _fields_in(written)}


def _fields_in(written: Format) -> Iterator[Field]:
    for row in KINDS:
        for field in row.fields.get(written, ()):
            yield replace(field, kind=row.kind)
