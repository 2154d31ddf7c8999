"""The kinds of resources whose policies are judged: one place for everything that tells one kind from another.

A new kind needs a row here, its judge in this folder with a line in `JUDGES` of `questions/change/states.py`, and a row
in `products/kinds/handling.py`. The formats and the hook take their tables from the rows here. The order is that of
reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum, StrEnum, auto

from ...memo import by_value


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
    """Calls of Amazon ECR, as CloudTrail records them and custom resources of the AWS CDK make them."""
    API_PUBLIC = auto()
    CLI = auto()
    CLI_PUBLIC = auto()
    UPJET = auto()
    UPJET_PUBLIC = auto()
    COMMUNITY = auto()
    ACK = auto()

    __hash__ = object.__hash__


@by_value
class Field:
    """Where a format has the policy of a kind.

    - `type`: the type of the resource, the kind of the manifest, or the command.
    - `policy`: the field with the policy, or with the rules of a replication. Empty if all fields count.
    - `name`, `prefix`: the field with the name of the repository, or with the prefix of the names of repositories.
    - `whose`: for a cache, the fields that say whose images it takes.
    - `input`: the field with the policy in the JSON input of a command. `optional`: the policy may be omitted.
    - `required`: a field that every resource must have.
    - `replaces`: in CloudFormation, a field beside name and prefix whose change makes another resource.
    - `uses`: the field that says what a template is used for.
    """

    type: str
    policy: str = "policy"
    name: str | None = None
    prefix: str | None = None
    whose: tuple[str, ...] = ()
    input: str = ""
    optional: bool = False
    required: str | None = None
    replaces: str | None = None
    uses: str | None = None
    kind: ResourceKind = ResourceKind.REPOSITORY

    @property
    def names(self) -> tuple[str, ...]:
        """The fields for policy, repository and prefix."""
        return tuple(text for text in (self.policy, self.name, self.prefix) if text is not None)


@by_value
class Row:
    """Everything that tells one kind from another.

    - `called`: for a person. `{}` takes the name.
    - `fields`: where the formats have its policy.
    - `arn`: the type in the ARNs of reports, if ECR itself gives none.
    - `is_prefixed`: it applies to the repositories below a prefix, which is its name.
    - `is_exchange`: it has no policy, but sends images to other registries or takes them from one.
    - `is_governed`: the registry policy and resource control policies count for it too.
    """

    kind: ResourceKind
    called: str
    fields: Mapping[Format, tuple[Field, ...]]
    arn: str | None = None
    is_prefixed: bool = False
    is_exchange: bool = False
    is_governed: bool = False

    @property
    def template(self) -> Field:
        """Where CloudFormation has its policy. Reports name the type."""
        return self.fields[Format.CLOUDFORMATION][0]

    @property
    def call(self) -> Field:
        """Where the calls of its service have its policy."""
        return (self.fields.get(Format.API) or self.fields[Format.API_PUBLIC])[0]


def spell(name: str, between: str) -> str:
    """Return a name of the API as others spell it: in lower case, with a character between its words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", between, name).lower()


def _fields(
    template: Field, aws: Field, *calls: Field, is_public: bool = False, **others: Field
) -> Mapping[Format, tuple[Field, ...]]:
    """Return fields for CloudFormation, `hashicorp/aws`, the API and other formats, and for what follows from them.

    `hashicorp/awscc` has the types of CloudFormation, and the AWS CLI has the calls of the API.
    """
    awscc = _respell(template, "_")
    of_api = (replace(call, policy=call.policy or call.required or "") for call in calls)
    commands = tuple(replace(_respell(call, "-", "--"), input=call.policy) for call in of_api)
    api, cli = (Format.API_PUBLIC, Format.CLI_PUBLIC) if is_public else (Format.API, Format.CLI)
    return {
        Format.CLOUDFORMATION: (template,),
        Format.AWS_PROVIDER: (aws, replace(awscc, type=f"awscc_ecr_{awscc.type}")),
        api: calls,
        cli: commands,
        **{Format[name.upper()]: (field,) for name, field in others.items()},
    }


def _respell(field: Field, between: str, start: str = "") -> Field:
    names = (field.policy, field.name, field.prefix, field.uses)
    policy, name, prefix, uses = (one and start + spell(one, between) for one in names)
    type_ = spell(field.type.rpartition(":")[2], between)
    return replace(field, type=type_, policy=policy or "", name=name, prefix=prefix, uses=uses)


_CACHE, _TEMPLATE, _REPLICATION = "PullThroughCacheRule", "RepositoryCreationTemplate", "ReplicationConfiguration"
_PREFIX = "ecrRepositoryPrefix"

KINDS = (
    Row(
        ResourceKind.REPOSITORY,
        "{}",
        _fields(
            Field("AWS::ECR::Repository", "RepositoryPolicyText", "RepositoryName", replaces="EncryptionConfiguration"),
            Field("aws_ecr_repository_policy", name="repository"),
            Field("SetRepositoryPolicy", "policyText", "repositoryName"),
            upjet=Field("RepositoryPolicy", name="repository"),
            community=Field("RepositoryPolicy", name="repositoryName"),
            ack=Field("Repository", name="name"),
        ),
        is_governed=True,
    ),
    Row(
        ResourceKind.REGISTRY,
        "the registry policy",
        _fields(
            Field("AWS::ECR::RegistryPolicy", "PolicyText", required="PolicyText"),
            Field("aws_ecr_registry_policy"),
            Field("PutRegistryPolicy", "policyText"),
            upjet=Field("RegistryPolicy"),
        ),
    ),
    Row(
        ResourceKind.CREATION_TEMPLATE,
        "the creation template {}",
        _fields(
            Field(f"AWS::ECR::{_TEMPLATE}", "RepositoryPolicy", prefix="Prefix", uses="AppliedFor"),
            Field("aws_ecr_repository_creation_template", "repository_policy", prefix="prefix", uses="applied_for"),
            *(
                Field(f"{verb}{_TEMPLATE}", "repositoryPolicy", prefix="prefix", optional=True, uses="appliedFor")
                for verb in ("Create", "Update")
            ),
            upjet=Field(_TEMPLATE, "repositoryPolicy", prefix="prefix", optional=True),
            ack=Field(_TEMPLATE, "repositoryPolicy", prefix="prefix", optional=True),
        ),
        arn="repository-creation-template",
        is_prefixed=True,
        is_governed=True,
    ),
    Row(
        ResourceKind.PUBLIC_REPOSITORY,
        "{}",
        _fields(
            Field("AWS::ECR::PublicRepository", "RepositoryPolicyText", "RepositoryName"),
            Field("aws_ecrpublic_repository_policy", name="repository_name"),
            Field("SetRepositoryPolicy", "policyText", "repositoryName"),
            is_public=True,
            upjet_public=Field("RepositoryPolicy", name="repositoryName"),
        ),
    ),
    Row(
        ResourceKind.REPLICATION,
        "the replication configuration",
        _fields(
            Field(f"AWS::ECR::{_REPLICATION}", _REPLICATION, required=_REPLICATION),
            Field("aws_ecr_replication_configuration", "replication_configuration"),
            Field(f"Put{_REPLICATION}", "replicationConfiguration"),
            upjet=Field(_REPLICATION, "replicationConfiguration"),
        ),
        arn="replication-configuration",
        is_exchange=True,
    ),
    Row(
        ResourceKind.PULL_THROUGH_CACHE,
        "the pull-through cache {}",
        _fields(
            Field(f"AWS::ECR::{_CACHE}", "", prefix="EcrRepositoryPrefix", required="UpstreamRegistryUrl"),
            Field("aws_ecr_pull_through_cache_rule", "", prefix="ecr_repository_prefix"),
            Field(
                f"Create{_CACHE}",
                "",
                prefix=_PREFIX,
                whose=(_PREFIX, "upstreamRegistry", "upstreamRegistryUrl", "customRoleArn"),
                required="upstreamRegistryUrl",
            ),
            upjet=Field(_CACHE, "", prefix=_PREFIX, whose=(_PREFIX, "upstreamRegistryUrl", "customRoleArn")),
            ack=Field(
                _CACHE, "", prefix=_PREFIX, whose=(_PREFIX, "upstreamRegistry", "upstreamRegistryURL", "customRoleARN")
            ),
        ),
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
GOVERNED = tuple(row.kind for row in KINDS if row.is_governed)
"""Kinds that the registry policy counts for too: repositories, and repositories that will be created."""
SINGLE = tuple(row.kind for row in KINDS if row.template.name is None and row.template.prefix is None)
"""Kinds without a name, because a registry has only one."""
OF_MANY = frozenset((*SINGLE, *EXCHANGES))
"""Kinds about many repositories, which look up the entries of the trust register for each."""


def fields_in(written: Format) -> Mapping[str, Field]:
    """Return where a format has the policies of all kinds, by the type of the resource or the command."""
    return {field.type: field for field in _fields_in(written)}


def _fields_in(written: Format) -> Iterator[Field]:
    for row in KINDS:
        for field in row.fields.get(written, ()):
            yield replace(field, kind=row.kind)
