"""Repositories by name, with as much of account and Region as a reader needs to tell them apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...audit.items import EVERY
from ...audit.report import Scope
from ..visible import visible

THE_REGISTRY = "the registry policy"
_MOST = 5
_ARN_PARTS = 6


@dataclass(frozen=True, slots=True)
class Names:
    """The names of an audit's repositories, which the account or Region precedes where it has several."""

    scope: Scope

    def of(self, arn: str) -> str:
        """Return the name of one repository."""
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) < _ARN_PARTS:
            return visible(arn)
        account = parts[4] if len(self.scope.accounts) > 1 else ""
        region = parts[3] if len(self.scope.regions) > 1 else ""
        name = parts[5].removeprefix("repository/")
        name = THE_REGISTRY if name == EVERY else name
        return visible("/".join(part for part in (account, region, name) if part))

    def some(self, arns: Iterable[str]) -> str:
        """Return the names of several, the first of them where they are many."""
        names = [self.of(arn) for arn in dict.fromkeys(arns)]
        more = len(names) - _MOST
        shown = ", ".join(names[:_MOST])
        return f"{len(names):,} repositories: {shown} and {more:,} more" if more > 0 else shown
