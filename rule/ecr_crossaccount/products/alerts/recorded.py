"""The policy before a change that the function has not seen, from AWS Config's history.

https://docs.aws.amazon.com/config/latest/APIReference/API_GetResourceConfigHistory.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ...judgement.values.verdict import ResourceKind as Kind
from ...sources.aws import log
from ...sources.aws.errors import EventError, code_of
from ...sources.aws.events import REPOSITORY, configuration_of, is_blank
from ..rule.recorder import problem_of
from .changes import Change
from .live import Clients
from .subject import NO_POLICY, Stated

if TYPE_CHECKING:
    from mypy_boto3_config.type_defs import ConfigurationItemTypeDef

REGISTRY = "AWS::ECR::RegistryPolicy"
_TEXTS: Mapping[Kind, tuple[str, str]] = {
    Kind.REPOSITORY: (REPOSITORY, "RepositoryPolicyText"),
    Kind.REGISTRY: (REGISTRY, "PolicyText"),
}
"""The type of the resource, and the field of its policy."""
_PAGES = 60
"""Each page spans at most seven days, and may be empty. These are more than a year."""
_SECOND = timedelta(seconds=1)
_SETTLED = timedelta(days=1)
"""The time in which a recorder that was turned on finds what exists."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """AWS Config in the function's Region."""

    clients: Clients

    def before(self, change: Change) -> Change:
        """Return a change with its previous policy, if AWS Config recorded it.

        Without a recorder that records such changes at once, or if AWS Config does not answer, the policy stays
        unknown.
        """
        if change.before is not None or change.after is None or change.subject.kind not in _TEXTS:
            return change
        try:
            return replace(change, before=self._before(change))
        except (ClientError, BotoCoreError, EventError) as error:
            log.warning("AWS Config does not show the previous policy", reason=str(error))
            return change

    def _before(self, change: Change) -> Stated | None:
        config = self.clients("config")
        type_, field = _TEXTS[change.subject.kind]
        problem = problem_of(config, type_, change.at - _SETTLED)
        if problem is not None:
            log.info("the previous policy is not known", reason=problem)
            return None
        # CloudTrail's time has no fraction of a second.
        pages = config.get_paginator("get_resource_config_history").paginate(
            resourceType=type_,
            resourceId=change.subject.name or change.subject.account,
            laterTime=change.at - _SECOND,
            limit=1,
        )
        try:
            for page in islice(pages, _PAGES):
                for item in page["configurationItems"]:
                    return _policy_of(item, field)
        except ClientError as error:
            if code_of(error) == "ResourceNotDiscoveredException":
                return NO_POLICY
            raise
        return None


def _policy_of(item: ConfigurationItemTypeDef, field: str) -> Stated | None:
    """Return the policy in an item, or None if it shows none. A repository's blank policy does not prove anything."""
    if item.get("configurationItemStatus") in ("ResourceDeleted", "ResourceDeletedNotRecorded"):
        return NO_POLICY
    policy = configuration_of(item).get(field)
    if is_blank(policy):
        return None
    return Stated(policy if isinstance(policy, str) else json.dumps(policy))
