"""Remembers between calls which events are done and which policy was last seen, in a DynamoDB table.

The function claims an event before it works on it, and confirms the claim after it has sent the alarm. So one of two
deliveries is reported, and a retry reports an event after a failure.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from botocore.exceptions import ClientError

from ...judgement.admission import Origin
from ...judgement.beside import Scope
from ...sources.aws.errors import code_of
from .subject import Stated

LEASE = timedelta(seconds=45)
"""How long an unconfirmed claim excludes others.

This is longer than an invocation, and shorter than the minute that Lambda waits before a retry.
"""
KEPT = timedelta(days=15)
"""How long an event is remembered. A queue keeps failed events for 14 days."""
_REFUSED = "ConditionalCheckFailedException"

Item = dict[str, Any]


class Table(Protocol):
    """The part of DynamoDB's client that is used here."""

    def get_item(self, **request: object) -> Mapping[str, Any]:
        """Return an item."""

    def put_item(self, **request: object) -> Mapping[str, Any]:
        """Write an item."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The last change of a policy that was seen. `policy` is None if it cannot be determined."""

    event: str
    at: datetime
    policy: Stated | None


@dataclass(frozen=True, slots=True)
class Memory:
    """One table. Its key is the text `id`, and DynamoDB deletes an item after the time in `expires`."""

    table: Table
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
        return None if item is None else _remembered(item)

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
        """Write an item if a condition is true. Return whether it was."""
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


def _remembered(item: Mapping[str, Any]) -> Remembered:
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
