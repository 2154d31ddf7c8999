"""What an audit reads: repositories with their policies, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..access.beside import RegistryPolicy, Scope


class Kind(StrEnum):
    """What a policy is of; the words are the gate's."""

    REPOSITORY = "repository"
    REGISTRY = "registry"
    CREATION_TEMPLATE = "creation-template"
    REPLICATION = "replication"
    PULL_THROUGH_CACHE = "pull-through-cache"


KINDS = tuple(Kind)
PREFIXED = (Kind.CREATION_TEMPLATE, Kind.PULL_THROUGH_CACHE)
"""What is for the repositories below a prefix, which is its name."""

EXCHANGES = (Kind.REPLICATION, Kind.PULL_THROUGH_CACHE)
"""What has no policy, but sends images to other registries or takes them from one."""

_TYPES = {
    Kind.CREATION_TEMPLATE: "repository-creation-template",
    Kind.REPLICATION: "replication-configuration",
    Kind.PULL_THROUGH_CACHE: "pull-through-cache-rule",
}
"""Stand where the ARN of a repository has `repository`. ECR gives these no ARN: it is for reports alone.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""
_KINDS = {name: kind for kind, name in _TYPES.items()}
_REPOSITORY = "repository"

EVERY = "*"
"""The name under which is reported what speaks of every repository: a registry's policy, or its replication."""


@dataclass(frozen=True, slots=True)
class Item:
    """A repository, a registry or a setting of one, and its policy, as someone read them.

    `name`: the prefix of what is for repositories below one. `policy`: its text or its JSON object, None if it has
    none; of an exchange, its configuration. `tags`: None where they are not known. `note`: what was
    taken for granted. `scope`: of a registry's policy.
    """

    arn: str
    account: str
    region: str
    name: str
    policy: object
    tags: Mapping[str, str] | None = None
    kind: Kind = Kind.REPOSITORY
    note: str | None = None
    scope: Scope = Scope.UNKNOWN


class Lack(StrEnum):
    """What it is that could not be read."""

    POLICY = "policy"
    TAGS = "tags"
    ORGANIZATION = "organization"
    TEMPLATES = "creation_templates"
    REPLICATIONS = "replications"
    CACHES = "pull_through_caches"
    USE = "use"
    SECOND_OPINION = "second_opinion"
    CONTROL_POLICIES = "resource_control_policies"


SETTINGS: Mapping[Kind, Lack] = {
    Kind.CREATION_TEMPLATE: Lack.TEMPLATES,
    Kind.REPLICATION: Lack.REPLICATIONS,
    Kind.PULL_THROUGH_CACHE: Lack.CACHES,
}
"""The settings of a registry that only ECR tells, each with the field of a report that lists them."""


AMBIGUOUS = "recorded several times, and the latest recording cannot be determined"


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read, so that nobody may call it compliant; what is not known of it is None.

    `repositories`: how many there are, where they are several. `registry`: what counts for every repository of the
    account and Region (of the account, if the Region is not known), if it is the registry policy that was not read.
    """

    reason: str
    account: str | None = None
    region: str | None = None
    arn: str | None = None
    about: Lack = Lack.POLICY
    repositories: int | None = None
    registry: RegistryPolicy | None = None

    @property
    def count(self) -> int | None:
        """How many repositories it is about, None where nobody knows."""
        return 1 if self.repositories is None and self.arn is not None else self.repositories

    def to_json(self) -> dict[str, object]:
        """Return it as one of a report's `errors`."""
        return {
            "account": self.account,
            "region": self.region,
            "arn": self.arn,
            "about": self.about.value,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Blank(Unread):
    """A repository whose policy AWS Config shows as a blank; `item` is what it is if that means that it has none."""

    item: Item = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A repository that is recorded several times, differently, and nothing tells which recording is the latest.

    `items`: what it may have, at least one. `places`: where that stands.
    """

    items: tuple[Item, ...]
    places: str


def arn_of(partition: str, region: str, account: str, name: str, kind: Kind = Kind.REPOSITORY) -> str:
    """Return the ARN of a repository, or what stands for one in reports."""
    return f"arn:{partition}:ecr:{region}:{account}:{_TYPES.get(kind, _REPOSITORY)}/{name}"


def kind_and_name(resource: str) -> tuple[Kind, str]:
    """Return the kind and the name of what the last part of an ARN names."""
    start, _, name = resource.partition("/")
    if start in _KINDS:
        return _KINDS[start], name
    name = resource.removeprefix(f"{_REPOSITORY}/")
    return Kind.REGISTRY if name == EVERY else Kind.REPOSITORY, name
