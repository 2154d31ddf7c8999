"""What was there before a call: remembered between calls, read from Amazon ECR, or from AWS Config's history.

A DynamoDB table has which events are done and which policy was last seen. The function claims an event before it works
on it, and confirms the claim after it has sent the alarm. So one of two deliveries is reported, and a retry reports an
event after a failure.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
https://docs.aws.amazon.com/config/latest/APIReference/API_GetResourceConfigHistory.html
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from ...errors import AwsError
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.kinds.table import ROWS
from ...judgement.kinds.table import ResourceKind as Kind
from ...memo import by_value
from ...sources.aws import log
from ...sources.aws.errors import EventError, RepositoryGoneError, code_of, is_refusal
from ...sources.aws.events import configuration_of, is_blank
from ...sources.aws.owner import Registry
from ...sources.register.stores import Clients
from ..rule.recorder import problem_of
from .changes import NO_POLICY, PolicyCall, Stated, Subject, shown_in

if TYPE_CHECKING:
    from mypy_boto3_config.type_defs import ConfigurationItemTypeDef

LEASE = timedelta(seconds=45)
"""How long an unconfirmed claim excludes others.

This is longer than an invocation, and shorter than the minute that Lambda waits before a retry.
"""
KEPT = timedelta(days=15)
"""How long an event is remembered. A queue keeps failed events for 14 days."""
_REFUSED = "ConditionalCheckFailedException"

Item = dict[str, Any]


@by_value
class Remembered:
    """The last change of a policy that was seen. `policy` is None if it cannot be determined."""

    event: str
    at: datetime
    policy: Stated | None


@by_value
class Memory:
    """One table of DynamoDB. Its key is the text `id`, and an item is deleted after the time in `expires`."""

    table: Any
    name: str

    def claim(self, key: str, now: datetime) -> bool:
        """Claim an event, or a window of time, until it is confirmed or LEASE has passed. Raises ClientError.

        Returns whether it was free: it is neither done nor in progress.
        """
        return self._put(
            {"id": _text(key), "until": _number(now + LEASE), "expires": _number(now + KEPT)},
            ConditionExpression="attribute_not_exists(id) OR #until < :now",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={":now": _number(now)},
        )

    def confirm(self, key: str, until: datetime) -> None:
        """Record that a claim is done, so that it cannot be claimed again before `until`. Raises ClientError."""
        moment = _number(until)
        self.table.put_item(TableName=self.name, Item={"id": _text(key), "until": moment, "expires": moment})

    def last(self, key: str) -> Remembered | None:
        """Return the last change of a policy that was seen, or None if there was none. Raises ClientError."""
        answer = self.table.get_item(TableName=self.name, Key={"id": _text(key)}, ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else _parse_item(item)

    def remember(self, key: str, now: Remembered, before: Remembered | None) -> bool:
        """Replace what is remembered if it is still `before`. Return whether it was replaced. Raises ClientError."""
        condition: Item = {"ConditionExpression": "attribute_not_exists(id)"}
        if before is not None:
            condition = {
                "ConditionExpression": "#event = :event",
                "ExpressionAttributeNames": {"#event": "event"},
                "ExpressionAttributeValues": {":event": _text(before.event)},
            }
        return self._put(_item(key, now), **condition)

    def _put(self, item: Item, **condition: object) -> bool:
        try:
            self.table.put_item(TableName=self.name, Item=item, **condition)
        except ClientError as error:
            if code_of(error) != _REFUSED:
                raise
            return False
        return True


def _item(key: str, remembered: Remembered) -> Item:
    item: Item = {"id": _text(key), "event": _text(remembered.event), "at": _text(remembered.at.isoformat())}
    policy = remembered.policy
    if policy is not None:
        item["origin"] = _text(policy.origin.value)
        item["policy"] = {"NULL": True} if policy.text is None else _text(policy.text)
        item["scope"] = _text(policy.scope.value)
        if policy.applied_for is not None:
            item["appliedFor"] = _text(",".join(policy.applied_for))
    return item


def _parse_item(item: Mapping[str, Any]) -> Remembered:
    policy = None
    if "policy" in item:
        # Earlier versions remembered neither uses nor scopes.
        uses, scope = (item[name]["S"] if name in item else None for name in ("appliedFor", "scope"))
        policy = Stated(
            item["policy"].get("S"),
            Origin(item["origin"]["S"]),
            None if uses is None else tuple(uses.split(",")),
            Scope(scope or Scope.UNKNOWN),
        )
    return Remembered(item["event"]["S"], datetime.fromisoformat(item["at"]["S"]), policy)


def _text(value: str) -> Item:
    return {"S": value}


def _number(moment: datetime) -> Item:
    return {"N": str(int(moment.astimezone(UTC).timestamp()))}


_NONE = frozenset(
    {"RepositoryPolicyNotFoundException", "RepositoryNotFoundException", "RegistryPolicyNotFoundException"}
)


class PolicyRefusedError(AwsError):
    """ECR refuses to show a policy to the function's role."""


@by_value
class Live:
    """The registry of one account, read with the clients of the function."""

    clients: Clients

    def policy_after(self, change: PolicyCall) -> Stated:
        """Return the policy after a change, with everything that the record does not have.

        Raises PolicyRefusedError, ClientError, BotoCoreError.
        """
        subject, after = change.subject, change.after or self.policy(change.subject)
        if subject.kind is Kind.REGISTRY:
            return replace(after, scope=change.scope or self._scope(subject))
        if subject.handling.field.uses and after.applied_for is None and after.text is not None:
            with contextlib.suppress(PolicyRefusedError):
                after = replace(after, applied_for=self.policy(subject).applied_for)
        return after

    def policy(self, subject: Subject) -> Stated:
        """Return the current policy. Raises PolicyRefusedError, ClientError, BotoCoreError."""
        try:
            return self._read(subject)
        except ClientError as error:
            if code_of(error) in _NONE:
                return NO_POLICY
            if is_refusal(code_of(error)):
                raise PolicyRefusedError(str(error)) from error
            raise

    def registry_policy(self, subject: Subject) -> RegistryPolicy | None:
        """Return the current policy of a subject's registry, or None if there is none.

        The scope is unknown if ECR refuses to show it. Raises PolicyRefusedError, ClientError, BotoCoreError.
        """
        text = self.policy(replace(subject, kind=Kind.REGISTRY, name="")).text
        return None if text is None else RegistryPolicy(text, self._scope(subject))

    def _scope(self, subject: Subject) -> Scope:
        try:
            return Registry(self.clients("ecr"), subject.account, subject.region).scope()
        except ClientError as error:
            if not is_refusal(code_of(error)):
                raise
            return Scope.UNKNOWN

    def tags(self, subject: Subject) -> Mapping[str, str] | None:
        """Return the tags of a repository, or None if ECR does not show them. Raises ClientError, BotoCoreError."""
        registry = Registry(self.clients("ecr"), subject.account, subject.region)
        try:
            return registry.tags(subject.name, subject.partition)
        except RepositoryGoneError:
            return None
        except ClientError as error:
            if is_refusal(code_of(error)):
                return None
            raise

    def _read(self, subject: Subject) -> Stated:
        handling = subject.handling
        by_name = {"registryId": subject.account, handling.name: subject.name} if handling.name else {}
        asked = {handling.named: [subject.name]} if handling.named else by_name
        answer = getattr(self.clients(handling.service), xform_name(handling.reads))(**asked)
        parts = handling.parts_in(answer)
        return shown_in(parts[0], handling) if parts else NO_POLICY


_PAGES = 60
"""Each page spans at most seven days, and may be empty. These are more than a year."""
_SECOND = timedelta(seconds=1)
_SETTLED = timedelta(days=1)
"""The time in which a recorder that was turned on finds what exists."""


def with_previous_policy(change: PolicyCall, clients: Clients) -> PolicyCall:
    """Return a change with its previous policy, if AWS Config in the function's Region recorded it.

    Without a recorder that records such changes at once, or if AWS Config does not answer, the policy stays
    unknown.
    """
    if change.before is not None or change.after is None or not change.subject.handling.is_recorded:
        return change
    try:
        return replace(change, before=_previous_policy(change, clients("config")))
    except (ClientError, BotoCoreError, EventError) as error:
        log.warning("AWS Config does not show the previous policy", reason=str(error))
        return change


def _previous_policy(change: PolicyCall, config: Any) -> Stated | None:  # noqa: ANN401 - see `Clients`
    recorded = ROWS[change.subject.kind].template
    problem = problem_of(config, recorded.type, change.at - _SETTLED)
    if problem is not None:
        log.info("the previous policy is not known", reason=problem)
        return None
    # CloudTrail's time has no fraction of a second.
    pages = config.get_paginator("get_resource_config_history").paginate(
        resourceType=recorded.type,
        resourceId=change.subject.name or change.subject.account,
        laterTime=change.at - _SECOND,
        limit=1,
    )
    try:
        for page in islice(pages, _PAGES):
            for item in page["configurationItems"]:
                return _policy_of(item, recorded.policy)
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
