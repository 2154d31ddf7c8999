"""Repositories by name, with as much of account and Region as a reader needs to distinguish them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .....judgement.values.resource_kind import ResourceKind as Kind
from ....audit.items import kind_and_name
from ....audit.report import Scope
from ...base.visible import visible

_CALLED = {
    Kind.REGISTRY: "the registry policy",
    Kind.CREATION_TEMPLATE: "the creation template {}",
    Kind.REPLICATION: "the replication configuration",
    Kind.PULL_THROUGH_CACHE: "the pull-through cache {}",
}
SHOWN = 5
"""The number of repositories that are named if there are many."""
_ARN_PARTS = 6


def called(kind: Kind, name: str) -> str:
    """Return the name that people use for a repository, a registry policy, or another setting of a registry."""
    return _CALLED.get(kind, "{}").format(name)


@dataclass(frozen=True, slots=True)
class Names:
    """Names repositories of an audit. The account or Region precedes a name if the audit has several of them."""

    scope: Scope

    def of(self, arn: str) -> str:
        """Return the name of one repository."""
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) < _ARN_PARTS:
            return visible(arn)
        account = parts[4] if len(self.scope.accounts) > 1 else ""
        region = parts[3] if len(self.scope.regions) > 1 else ""
        name = called(*kind_and_name(parts[5]))
        return visible("/".join(part for part in (account, region, name) if part))

    def some(self, arns: Iterable[str]) -> str:
        """Return the names of several repositories. If there are many, only the first."""
        every = [*dict.fromkeys(arns)]
        return self.first(every[:SHOWN], len(every))

    def first(self, arns: Iterable[str], count: int) -> str:
        """Return the names of the first of `count` repositories, and how many more there are."""
        names = [self.of(arn) for arn in arns]
        more, shown = count - len(names), ", ".join(names)
        return f"{count:,} repositories: {shown} and {more:,} more" if more > 0 else shown
