"""What is remembered between calls, in a DynamoDB table: which events are dealt with, and which policy was last there.

A claim is taken before an event is dealt with and confirmed after its alarm is sent, so that of two deliveries one is
told, and of an invocation that failed the next attempt. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from botocore.exceptions import ClientError

from .. import Origin
from ..config_rule.errors import code_of
from .subject import Stated

LEASE = timedelta(seconds=45)
"""For how long a claim that is not confirmed holds off others: longer than an invocation, shorter than Lambda waits
before it tries again (a minute)."""
KEPT = timedelta(days=15)
"""For how long an event is known: a queue keeps what failed for 14 days."""
_REFUSED = "ConditionalCheckFailedException"

Item = dict[str, Any]


class Table(Protocol):
    """What of DynamoDB's client is used here."""

    def get_item(self, **request: object) -> Mapping[str, Any]:
        """Return an item."""

    def put_item(self, **request: object) -> Mapping[str, Any]:
        """Write an item."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The last change of a policy that was seen. `policy` is None where it cannot be determined which one that is."""

    event: str
    at: datetime
    policy: Stated | None


@dataclass(frozen=True, slots=True)
class Memory:
    """One table; its key is the text `id`, and DynamoDB deletes what is past its `expires`."""

    table: Table
    name: str

    def claim(self, key: str, now: datetime) -> bool:
        """Claim an event, or a window of time, until it is confirmed or LEASE has passed. Raises ClientError.

        Tells whether it was free: nobody has dealt with it, and nobody is at it.
        """
        return self._put(
            {"id": _text(key), "until": _number(now + LEASE), "expires": _number(now + KEPT)},
            ConditionExpression="attribute_not_exists(id) OR #until < :now",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={":now": _number(now)},
        )

    def confirm(self, key: str, until: datetime) -> None:
        """Note that what was claimed is dealt with, so that no claim is taken before `until`. Raises ClientError."""
        moment = _number(until)
        self.table.put_item(TableName=self.name, Item={"id": _text(key), "until": moment, "expires": moment})

    def last(self, key: str) -> Remembered | None:
        """Return the last change of a policy that was seen, None if none was. Raises ClientError."""
        answer = self.table.get_item(TableName=self.name, Key={"id": _text(key)}, ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else _remembered(item)

    def remember(self, key: str, now: Remembered, before: Remembered | None) -> bool:
        """Replace what is remembered, unless that is not `before` any more; tell whether it was. Raises ClientError."""
        condition: Item = {"ConditionExpression": "attribute_not_exists(id)"}
        if before is not None:
            condition = {
                "ConditionExpression": "#event = :event",
                "ExpressionAttributeNames": {"#event": "event"},
                "ExpressionAttributeValues": {":event": _text(before.event)},
            }
        return self._put(_item(key, now), **condition)

    def _put(self, item: Item, **condition: object) -> bool:
        """Write an item if a condition holds, and tell whether it did."""
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
    return item


def _remembered(item: Mapping[str, Any]) -> Remembered:
    policy = None
    if "policy" in item:
        policy = Stated(item["policy"].get("S"), Origin(item["origin"]["S"]))
    return Remembered(item["event"]["S"], datetime.fromisoformat(item["at"]["S"]), policy)


def _text(value: str) -> Item:
    return {"S": value}


def _number(moment: datetime) -> Item:
    return {"N": str(int(moment.astimezone(UTC).timestamp()))}
