"""The register that counts, as its readers remember it: no older one takes its place, and a large loss waits.

Anyone who may write the object of a register can put an older version back, or empty it. So the readers of a stack
remember the register in a table of their own, which that permission does not reach. Without a table, a container
remembers it as long as it lives.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, Self

from botocore.exceptions import BotoCoreError, ClientError

from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...memo import by_value
from .content import LARGEST, Content, Fetched, Location, RegisterError, content_of, pack_bytes
from .losses import lost_entries
from .stores import Clients, Read, UncertainError

TABLE, CONFIRMED = "REGISTER_TABLE", "CONFIRMED_REGISTER"
"""The environment variables with the name of the table, and with the SHA-256 of a register whose loss is confirmed."""
AHEAD = timedelta(hours=1)
"""The most that one clock can be ahead of another."""
AT_ONCE = timedelta(days=1)
"""Losses within this time count together."""
MOST_LOST = 0.25
"""The largest share of the trust that may go at once without a confirmation."""
_LARGEST_ITEM = 180_000
"""The most bytes of a packed register that is remembered. An item has two, and at most 400 KB:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
_TRIES = 3


@by_value
class Known:
    """The register that counts. `since`: when it was first read. `register`: its content, packed.

    `base` is the register against which losses are measured. Both are None if they are too large. `failing`: since when
    no later register could be used, or None if it is current.
    """

    digest: str
    since: datetime
    published: datetime | None
    register: bytes | None
    base: bytes | None
    failing: datetime | None = None

    def followed_by(self, new: Known, confirmed: str) -> Known:
        """Return what is known after a register. Raises RegisterError if it is not newer."""
        if self.published is not None and (new.published is None or new.published <= self.published):
            says = "it does not say when" if new.published is None else f"it was published at {_text(new.published)}"
            raise RegisterError(
                f"{says}, and the register that counts was published at {_text(self.published)}: publish the one that "
                "you want with `ecr-crossaccount trust publish`",
                "it is older than the one that counts",
            )
        is_settled = new.since - self.since >= AT_ONCE and self.waits(new.since, confirmed) is None
        return replace(new, base=self.register if is_settled or self.digest == confirmed else self.base)

    def waits(self, now: datetime, confirmed: str) -> str | None:
        """Return why nobody may lose access by this register yet, or None."""
        if confirmed == self.digest or (self.register is not None and self.base == self.register):
            return None
        before, after = trust_of(self.base), trust_of(self.register)
        gone = "it cannot be determined how much trust is gone"
        if before is not None and after is not None:
            entries = lost_entries(before, after, now.date())
            valid = len(replace(before, today=now.date()).valid)
            if len(entries) <= MOST_LOST * valid:
                return None
            gone = f"{len(entries)} of {valid} approvals are gone at once"
        return f"{gone}: nothing is remediated before the register is confirmed, SHA-256 {self.digest}"


class Store(Protocol):
    """A place for what is known."""

    def get(self, key: str) -> Known | None:
        """Return what is known, or None. Raises UncertainError."""

    def put(self, key: str, known: Known, before: Known | None) -> bool:
        """Replace what is known if it is still `before`, and return whether it was replaced. Raises UncertainError."""


@by_value
class InContainer:
    """What one container knows."""

    known: dict[str, Known] = field(default_factory=dict)

    def get(self, key: str) -> Known | None:
        """Return what is known."""
        return self.known.get(key)

    def put(self, key: str, known: Known, before: Known | None) -> bool:  # noqa: ARG002 - of `Store`
        """Replace what is known. A container has one reader."""
        self.known[key] = known
        return True


@by_value
class InTable:
    """What all containers of a stack know, in a table whose key is the text `id`. Without `writes`, it is only read."""

    clients: Clients
    name: str
    writes: bool = True

    def get(self, key: str) -> Known | None:
        """Return what is known."""
        try:
            answer = self.clients("dynamodb").get_item(TableName=self.name, Key={"id": {"S": key}}, ConsistentRead=True)
            return _parse_item(answer["Item"]) if "Item" in answer else None
        except (ClientError, BotoCoreError, KeyError, TypeError, ValueError) as error:
            raise _uncertain(error) from None

    def put(self, key: str, known: Known, before: Known | None) -> bool:
        """Replace what is known. Conditional, so that no two readers take two registers for the next one."""
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(id)"}
        if before is not None:
            condition = {
                "ConditionExpression": "sha256 = :before",
                "ExpressionAttributeValues": {":before": {"S": before.digest}},
            }
        if not self.writes:
            return True
        try:
            self.clients("dynamodb").put_item(TableName=self.name, Item=_item(key, known), **condition)
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise _uncertain(error) from None
        return True


@dataclass(slots=True)
class Memory:
    """The memory of one location. `changed` has the trust before and after, if this reader was the first to see it."""

    key: str
    store: Store
    confirmed: str = ""
    known: Known | None = None
    changed: tuple[Trust | None, Trust] | None = None

    @classmethod
    def kept_in(cls, store: Store | None) -> Callable[[Location], Self]:
        """Return what makes the memory of a location: in a store, or by default in the container."""
        confirmed = os.environ.get(CONFIRMED, "").strip().lower()
        return lambda location: cls(str(location), InContainer() if store is None else store, confirmed)

    def take_change(self) -> tuple[Trust | None, Trust] | None:
        """Return the trust before and after a change that this reader was the first to see. Return it once."""
        found, self.changed = self.changed, None
        return found

    def waits(self, now: datetime) -> str | None:
        """Return why nobody may lose access by the register yet, or None."""
        return None if self.known is None else self.known.waits(now, self.confirmed)

    def admit(self, value: Trust, content: Content, moment: datetime) -> None:
        """Remember a register that was read. Raises RegisterError if it is older than the one that is known."""
        if value.published is not None and value.published - moment > AHEAD:
            said = f"it says that it was published at {_text(value.published)}, which is in the future"
            raise RegisterError(said, "it is from the future")
        for _ in range(_TRIES):
            before = self.store.get(self.key)
            self.known = self._next_state(before, value, content, moment)
            if self.known == before or self.store.put(self.key, self.known, before):
                if before is not None and before.digest != content.digest:
                    self.changed = trust_of(before.register), value
                return
        raise UncertainError("it changes too fast", "it changes too fast")

    def _next_state(self, before: Known | None, value: Trust, content: Content, moment: datetime) -> Known:
        if before is not None and before.digest == content.digest:
            return replace(before, failing=None)
        new = _new(value, content, moment)
        return new if before is None else before.followed_by(new, self.confirmed)

    def last(self, good: Read[Trust] | None, moment: datetime) -> Read[Trust] | None:
        """Return the register to use instead of one that cannot be used: the one that is known, even if it is newer.

        `good` is the last one that this container has used.
        """
        try:
            known = self.store.get(self.key)
            if known is None or (good is not None and good.content.digest == known.digest):
                return good
            trust = trust_of(known.register)
            if trust is None:
                return None
            since = known.failing or moment
            if known.failing is None and not self.store.put(self.key, replace(known, failing=since), known):
                return None
        except UncertainError:
            return good
        self.known = known
        return Read(trust, Content(None, None, known.digest), since)


def store_in_environment(clients: Clients, *, writes: bool = True) -> Store | None:
    """Return the stack's table, or None if there is none."""
    name = os.environ.get(TABLE)
    return InTable(clients, name, writes) if name else None


def trust_of(data: bytes | None) -> Trust | None:
    """Return the trust in a packed register, or None if there is none."""
    return None if data is None else Trust.parse(content_of(Fetched(data), LARGEST).value)


def changes(before: Trust | None, after: Trust, moment: datetime) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Return the approvals that a register adds to the one before, and those that it takes away."""
    earlier, today = before or Trust(()), moment.date()
    return lost_entries(after, earlier, today), lost_entries(earlier, after, today)


def _new(value: Trust, content: Content, moment: datetime) -> Known:
    data = pack_bytes(json.dumps(content.value).encode())
    kept = data if len(data) <= _LARGEST_ITEM else None
    return Known(content.digest, moment, value.published, kept, kept)


def _uncertain(error: Exception) -> UncertainError:
    return UncertainError(f"whether it is the newest one is not known: {error}", "it may be an older one")


def _item(key: str, known: Known) -> dict[str, Any]:
    times = {"since": known.since, "published": known.published, "failing": known.failing}
    return {
        "id": {"S": key},
        "sha256": {"S": known.digest},
        **{name: {"S": _text(one)} for name, one in times.items() if one is not None},
        **{name: {"B": one} for name, one in (("register", known.register), ("base", known.base)) if one is not None},
    }


def _parse_item(item: Mapping[str, Any]) -> Known:
    times = {
        name: datetime.fromisoformat(item[name]["S"]) for name in ("since", "published", "failing") if name in item
    }
    register, base = (item[name]["B"] if name in item else None for name in ("register", "base"))
    published, failing = times.get("published"), times.get("failing")
    return Known(item["sha256"]["S"], times["since"], published, register, base, failing)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
