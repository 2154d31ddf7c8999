"""What an alarm says about a change of one policy, without AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ecr_crossaccount import RegistryPolicy, Repository, Scope, Trust
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.memo import by_value
from ecr_crossaccount.products.alerts.alert import News
from ecr_crossaccount.products.alerts.changes import PolicyCall, Stated, Subject
from ecr_crossaccount.products.alerts.comparer import AccountTrust, Comparer
from ecr_crossaccount.products.alerts.memory import Live, PolicyRefusedError, Remembered

_AT = datetime(2026, 11, 27, 9, tzinfo=UTC)


@by_value
class _Known(Live):
    """A registry whose policy and tags the test gives."""

    registry: RegistryPolicy | None
    known_tags: Mapping[str, str] | None

    def registry_policy(self, subject: Subject) -> RegistryPolicy | None:
        del subject
        if self.registry is not None and self.registry.unread is not None:
            raise PolicyRefusedError(self.registry.unread)
        return self.registry

    def tags(self, subject: Subject) -> Mapping[str, str] | None:
        del subject
        return self.known_tags


def news(  # noqa: PLR0913 - everything that an alarm depends on
    before: Stated | None,
    after: Stated,
    repository: Repository,
    trust: Trust,
    *,
    kind: ResourceKind = ResourceKind.REPOSITORY,
    registry: RegistryPolicy | None = None,
    is_late: bool = False,
    sets: Scope | None = None,
) -> News:
    """Return what an alarm says if `before` is remembered. If `is_late`, that is the policy of a later change.

    `sets`: the scope that the call sets, if it changes only the scope of a registry policy.
    """
    is_known = repository.tags_known or bool(repository.tags)
    live = _Known(lambda _: None, registry, repository.tags if is_known else None)
    name = "" if kind in (ResourceKind.REGISTRY, ResourceKind.REPLICATION) else repository.name
    subject = Subject(kind, repository.account, repository.region or "eu-west-1", name)
    at = _AT + timedelta(minutes=1 if is_late else -1)
    remembered = None if before is None else Remembered("earlier", at, before)
    trusted = AccountTrust(trust, organization=repository.organization)
    return Comparer(live, trusted, PolicyCall(subject, after, _AT, scope=sets), remembered, after).find_news()


def stated(*statements: object, version: str = "2012-10-17") -> Stated:
    """Return a policy that is deployed."""
    return Stated(json.dumps({"Version": version, "Statement": list(statements)}))
