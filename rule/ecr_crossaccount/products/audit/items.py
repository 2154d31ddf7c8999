"""The data that an audit reads: repositories with their policies, the policies of registries, and errors.

A policy of a registry that was not read applies to every registry that it may belong to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ...errors import AwsError
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.kinds.table import ROWS
from ...judgement.kinds.table import ResourceKind as Kind
from ...memo import by_value
from ..kinds.handling import Lack


class AuditError(AwsError):
    """An error that leaves an audit without a result. The message says why."""


KINDS = tuple(Kind)
_TYPES = {row.kind: row.arn for row in ROWS.values() if row.arn is not None}
"""The resource types for ARNs in reports, in place of `repository`. ECR itself gives these no ARN.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""
_KINDS = {name: kind for kind, name in _TYPES.items()}
_REPOSITORY = "repository"

EVERY = "*"
"""The name in reports of items that apply to every repository: a registry policy, or a registry's replication."""


@by_value
class Item:
    """A repository, a registry or a registry's setting, with its policy as it was read.

    - `name`: for a setting below a prefix, the prefix.
    - `policy`: the text or the JSON object, or None if there is none; for an exchange, its configuration.
    - `tags`: None if they are unknown.
    - `note`: an assumption that was made.
    - `scope`: the scope of a registry policy.
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


AMBIGUOUS = "recorded several times, and the latest recording cannot be determined"


@by_value
class Unread:
    """Data that could not be read, so that it must not be called compliant. Unknown fields are None.

    `repositories` is the number of repositories, if there are several. `registry` is set if a registry policy was not
    read: it applies to every repository of the account and Region, or of the account if the Region is unknown.
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
        """The number of repositories that it is about, or None if that is unknown."""
        return 1 if self.repositories is None and self.arn is not None else self.repositories

    def to_json(self) -> dict[str, object]:
        """Return the error in the form of the report's field `errors`."""
        return {
            "account": self.account,
            "region": self.region,
            "arn": self.arn,
            "about": self.about.value,
            "reason": self.reason,
        }


@by_value
class Blank(Unread):
    """A repository whose policy is blank in AWS Config. `item` is the repository if a blank means no policy."""

    item: Item = field(kw_only=True)


@by_value
class Ambiguous:
    """A repository with several different recordings, without a way to tell which is the latest.

    `items` are the recorded versions, at least one. `places` says where they are.
    """

    items: tuple[Item, ...]
    places: str


def arn_of(partition: str, region: str, account: str, name: str, kind: Kind = Kind.REPOSITORY) -> str:
    """Return the ARN of a repository, or the ARN that reports use for another kind."""
    return f"arn:{partition}:ecr:{region}:{account}:{_TYPES.get(kind, _REPOSITORY)}/{name}"


def kind_and_name(resource: str) -> tuple[Kind, str]:
    """Return the kind and name of a resource from the last part of its ARN."""
    start, _, name = resource.partition("/")
    if start in _KINDS:
        return _KINDS[start], name
    name = resource.removeprefix(f"{_REPOSITORY}/")
    return Kind.REGISTRY if name == EVERY else Kind.REPOSITORY, name


class Registries:
    """The policy of each registry by account and Region, or "" for an unknown account or Region."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], RegistryPolicy] = {}

    def __bool__(self) -> bool:
        """Return whether any registry policy is known."""
        return bool(self._known)

    def know(self, account: str | None, region: str | None, policy: RegistryPolicy) -> None:
        """Remember the policy of a registry. If part of it could not be read, it stays unread."""
        registry = account or "", region or ""
        known = self._known.get(registry)
        if known is None or known.unread is None:
            self._known[registry] = policy

    def find_policy(self, account: str, region: str) -> RegistryPolicy | None:
        """Return the policy of a registry. An unread policy that may belong to it takes precedence over its own."""
        get = self._known.get
        return get(("", "")) or get(("", region)) or get((account, "")) or get((account, region))
