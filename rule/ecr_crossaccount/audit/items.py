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


KINDS = tuple(Kind)
TEMPLATE = "repository-creation-template/"
"""Stands where the ARN of a repository has `repository/`. ECR gives templates no ARN: this one is for reports alone.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

EVERY = "*"
"""The name under which a registry's policy is reported: it speaks of every repository."""


@dataclass(frozen=True, slots=True)
class Item:
    """A repository, a registry or a creation template, whose name is its prefix, and its policy, as someone read them.

    `policy`: its text or its JSON object, None if it has none. `tags`: None where they are not known. `note`: what was
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
    USE = "use"
    SECOND_OPINION = "second_opinion"


AMBIGUOUS = "recorded several times, and nothing tells which is the latest"


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


def arn_of(partition: str, region: str, account: str, name: str) -> str:
    """Return the ARN of a repository."""
    return f"arn:{partition}:ecr:{region}:{account}:repository/{name}"
