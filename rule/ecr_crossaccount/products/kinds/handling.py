"""How alarms and audits handle each kind of resource: a row for a kind, and no other table of kinds in the products.

Where calls and files have a policy is in `judgement/kinds/table.py`, and its judge in `questions/change/states.py`.
Calls and operations have the names of Amazon ECR's API.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum, StrEnum, auto
from typing import Any

from ...judgement.kinds.table import ROWS, Field
from ...judgement.kinds.table import ResourceKind as Kind
from ...memo import by_value

Json = Mapping[str, Any]


class Lack(StrEnum):
    """The kind of data that an audit could not read."""

    POLICY = "policy"
    TAGS = "tags"
    ORGANIZATION = "organization"
    TEMPLATES = "creation_templates"
    REPLICATIONS = "replications"
    CACHES = "pull_through_caches"
    USE = "use"
    SECOND_OPINION = "second_opinion"
    CONTROL_POLICIES = "resource_control_policies"
    ROLES = "roles"


class Effect(Enum):
    """What a call that CloudTrail records does.

    It sets a policy, creates a resource with it (`ADDS`) or without it (`CREATES`), changes the actions that it applies
    to (`SCOPES`), deletes it, which is in the response (`UNSETS`), or deletes the resource, which opens nothing.
    """

    SETS = auto()
    ADDS = auto()
    CREATES = auto()
    SCOPES = auto()
    UNSETS = auto()
    DELETES = auto()


@by_value
class Setting:
    """A setting of a registry that only ECR returns, in an audit.

    - `lack`: the report's field that lists the settings, and the kind of data if they could not be read.
    - `called`, `briefly`: their name in an error, and in a list of unread settings.
    - `one`, `many`: the sentences about those that are not compliant. `{}` takes their number.
    """

    lack: Lack
    called: str
    briefly: str
    one: str
    many: str


@by_value
class Handling:
    """How one kind is handled.

    - `key`: its name in the memory of alarms, which must not change. `noun`: its name for a person.
    - `deletion`: the effect of the command that deletes it.
    - `calls`: the calls that change it. `part`: the object in their responses that has it, if the response does not.
    - `reads`: the operation that shows it. `listed`: the list in its answer. `named`: the parameter that takes names.
    - `empty`: the configuration without content, for a kind that cannot be deleted.
    - `page`: its page in the AWS console. `is_recorded`: whether AWS Config records its policy.
    """

    kind: Kind
    key: str
    noun: str
    deletion: str
    calls: Mapping[str, Effect]
    reads: str
    listed: str | None = None
    named: str | None = None
    part: str | None = None
    empty: Json | None = None
    service: str = "ecr"
    page: str = "private-registry/repositories"
    is_recorded: bool = False
    setting: Setting | None = None

    @property
    def field(self) -> Field:
        """Where calls have its policy."""
        return ROWS[self.kind].call

    @property
    def name(self) -> str | None:
        """The field with its name or prefix, or None if a registry has only one."""
        return self.field.name or self.field.prefix

    def find_call(self, effect: Effect) -> str:
        """Return the first call with an effect, or "" if there is none."""
        return next((call for call, its_effect in self.calls.items() if its_effect is effect), "")

    def parts_in(self, answer: Json) -> Sequence[Json]:
        """Return the resources in an answer of the operation that shows them."""
        return [*answer[self.listed]] if self.listed else [answer]

    def policy_in(self, part: Json) -> Any:  # noqa: ANN401 - JSON
        """Return the policy or the configuration of a resource. Raises KeyError if it must have one and has none."""
        field = self.field
        if field.whose:
            return {name: part[name] for name in field.whose if name in part}
        return part.get(field.policy) or None if field.optional else part[field.policy]


_REPOSITORY = Handling(
    Kind.REPOSITORY,
    "REPOSITORY",
    "repository",
    "deletes the whole policy, with trusted access and with Denies",
    {
        "CreateRepository": Effect.CREATES,
        "SetRepositoryPolicy": Effect.SETS,
        "DeleteRepositoryPolicy": Effect.UNSETS,
        "DeleteRepository": Effect.DELETES,
    },
    reads="GetRepositoryPolicy",
    page="repositories/private/{account}/{name}",
    is_recorded=True,
)
HANDLING: Mapping[Kind, Handling] = {
    one.kind: one
    for one in (
        _REPOSITORY,
        Handling(
            Kind.REGISTRY,
            "REGISTRY",
            "registry",
            _REPOSITORY.deletion,
            {
                "PutRegistryPolicy": Effect.SETS,
                "DeleteRegistryPolicy": Effect.UNSETS,
                "PutAccountSetting": Effect.SCOPES,
            },
            reads="GetRegistryPolicy",
            page="private-registry/permissions",
            is_recorded=True,
        ),
        Handling(
            Kind.CREATION_TEMPLATE,
            "TEMPLATE",
            "creation template",
            "deletes the template; repositories that were made from it keep their policy",
            {
                "CreateRepositoryCreationTemplate": Effect.ADDS,
                "UpdateRepositoryCreationTemplate": Effect.SETS,
                "DeleteRepositoryCreationTemplate": Effect.DELETES,
            },
            reads="DescribeRepositoryCreationTemplates",
            listed="repositoryCreationTemplates",
            named="prefixes",
            part="repositoryCreationTemplate",
            setting=Setting(
                Lack.TEMPLATES,
                "the creation templates",
                "creation templates",
                "A creation template gives external access to future repositories, or cannot be determined.",
                "{} creation templates give external access to future repositories, or cannot be determined.",
            ),
        ),
        replace(
            _REPOSITORY,
            kind=Kind.PUBLIC_REPOSITORY,
            key="PUBLIC",
            noun="public repository",
            service="ecr-public",
            page="repositories/public/{account}/{name}",
            is_recorded=False,
        ),
        Handling(
            Kind.REPLICATION,
            "REPLICATION",
            "replication",
            "ends all replication; what has been copied stays",
            {"PutReplicationConfiguration": Effect.SETS},
            reads="DescribeRegistry",
            empty={"rules": []},
            setting=Setting(
                Lack.REPLICATIONS,
                "the replication configuration",
                "replication",
                "The replication configuration sends images to registries of outsiders, or cannot be determined.",
                "The replication configurations of {} registries send images to outsiders, or cannot be determined.",
            ),
        ),
        Handling(
            Kind.PULL_THROUGH_CACHE,
            "CACHE",
            "pull-through cache",
            "deletes the cache's rule; what was pulled through it stays",
            {"CreatePullThroughCacheRule": Effect.ADDS, "DeletePullThroughCacheRule": Effect.DELETES},
            reads="DescribePullThroughCacheRules",
            listed="pullThroughCacheRules",
            named="ecrRepositoryPrefixes",
            setting=Setting(
                Lack.CACHES,
                "the pull-through cache rules",
                "pull-through caches",
                "A pull-through cache takes images from a registry of outsiders, or cannot be determined.",
                "{} pull-through caches take images from registries of outsiders, or cannot be determined.",
            ),
        ),
    )
}
SETTINGS: Mapping[Kind, Setting] = {kind: one.setting for kind, one in HANDLING.items() if one.setting is not None}
"""The kinds that are settings of a registry."""
