"""What readers remember of a register: no older one counts, a loss waits, the last good one survives a cold start."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.memory import (
    CONFIRMED,
    TABLE,
    InTable,
    Known,
    Memory,
    Store,
    store_in_environment,
)
from ecr_crossaccount.sources.register.reader import RegisterReader
from ecr_crossaccount.sources.register.stores import EACH_TIME, Held, UncertainError

from tests.register.conftest import BUCKET, Clock
from tests.register.test_reader import IN_S3, trusted
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NAME = "registers"
ACCOUNTS = [f"{number:012}" for number in range(1, 21)]
Read = Callable[[], Held[Trust]]
Publish = Callable[..., None]


@pytest.fixture
def publish(s3: S3Client) -> Publish:
    """Return a function that writes a register, with its time in November."""

    def publish(*accounts: str, published: str | None = None, body: bytes | None = None) -> None:
        stamp = {} if published is None else {"published": f"2026-11-{published}:00Z"}
        register = {"version": 1, **stamp, "trust": [{"account": one} for one in accounts]}
        s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=body or json.dumps(register).encode())

    return publish


@pytest.fixture
def table() -> Any:  # noqa: ANN401 - DynamoDB's client
    client = client_of("dynamodb")
    client.create_table(
        TableName=NAME,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


@pytest.fixture
def read(table: Any, clock: Clock) -> Read:  # noqa: ANN401, ARG001 - DynamoDB's client
    """Return a function that reads the register in a new container."""
    return lambda: in_container(clock)


def remembering(clock: Clock, store: Store | None) -> RegisterReader:
    return RegisterReader(client_of, clock, EACH_TIME, Memory.kept_in(store))


def in_container(clock: Clock, *, writes: bool = True) -> Held[Trust]:
    return remembering(clock, InTable(client_of, NAME, writes)).current(IN_S3)


def waits(clock: Clock, *, writes: bool = True) -> str | None:
    reader = remembering(clock, InTable(client_of, NAME, writes))
    reader.current(IN_S3)
    return reader.memories[IN_S3].waits(clock())


def confirm(monkeypatch: pytest.MonkeyPatch, held: Held[Trust]) -> None:
    monkeypatch.setenv(CONFIRMED, str(held.digest))


# --- an older register ---


@pytest.mark.parametrize(
    "later, reason",
    [
        ("27T10:00", sentence("memory.published_register_counts")),
        ("27T11:00", "published at 2026-11-27T11:00:00Z"),
        (None, sentence("memory.does_not_say_when")),
        ("27T13:01", "which is in the future"),
    ],
)
def test_only_a_later_register_takes_the_place_of_one(
    read: Read, publish: Publish, later: str | None, reason: str
) -> None:
    publish("222233334444", published="27T11:00")
    assert read().is_current
    publish("999988887777", published=later)
    held = read()
    assert trusted(held.value) == ["222233334444"]
    assert held.stale is not None
    assert held.stale.endswith("its version of 2026-11-27T12:00Z counts")
    assert reason in str(held.detail)
    publish("999988887777", published="27T11:01")
    held = read()
    assert (held.is_current, trusted(held.value)) == (True, ["999988887777"])


def test_a_container_that_has_not_heard_of_a_later_register_learns_of_it(
    table: Any,  # noqa: ANN401, ARG001 - DynamoDB's client
    publish: Publish,
    clock: Clock,
) -> None:
    old = remembering(clock, InTable(client_of, NAME))
    publish("999988887777", published="27T10:00")
    assert trusted(old.current(IN_S3).value) == ["999988887777"]
    publish("222233334444", published="27T11:00")
    in_container(clock)
    publish("999988887777", published="27T10:00")
    held = old.current(IN_S3)
    assert (held.is_current, trusted(held.value)) == (False, ["222233334444"])


def test_without_a_table_a_container_remembers_by_itself(publish: Publish, clock: Clock) -> None:
    reader = remembering(clock, None)
    publish("222233334444", published="27T11:00")
    reader.current(IN_S3)
    publish("999988887777", published="27T10:00")
    assert trusted(reader.current(IN_S3).value) == ["222233334444"]


def test_registers_without_a_time_follow_each_other(read: Read, publish: Publish) -> None:
    for account in ("222233334444", "999988887777"):
        publish(account)
        held = read()
        assert (held.is_current, trusted(held.value)) == (True, [account])


# --- the last good register ---


def test_the_last_good_register_survives_a_cold_start_for_a_day(read: Read, publish: Publish, clock: Clock) -> None:
    publish("222233334444")
    read()
    clock.passes(days=30)
    publish(body=b"{")
    for hours in (0, 23):
        clock.passes(hours=hours)
        held = read()
        assert trusted(held.value) == ["222233334444"]
        assert held.stale == sentence("register.trust_register_cannot_not")
    clock.passes(hours=2)
    held = read()
    assert (trusted(held.value), held.problem) == ([], sentence("register.trust_register_cannot_used"))


def test_a_second_failure_has_a_day_of_its_own(read: Read, publish: Publish, clock: Clock) -> None:
    for body in (None, b"{", None, b"["):
        publish("222233334444", body=body)
        clock.passes(hours=20)
        assert trusted(read().value) == ["222233334444"]


# --- a loss ---


def test_a_loss_of_more_than_a_quarter_waits_for_its_confirmation(
    read: Read, publish: Publish, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(*ACCOUNTS)
    assert waits(clock) is None
    publish(*ACCOUNTS[5:])
    assert waits(clock) is None
    publish(*ACCOUNTS[6:])
    held = read()
    assert held.is_current
    assert trusted(held.value) == ACCOUNTS[6:]
    assert waits(clock) == sentence("memory.approvals_gone_once_before", digest=held.digest)
    clock.passes(days=30)
    assert waits(clock) is not None
    confirm(monkeypatch, held)
    assert waits(clock) is None
    publish(*ACCOUNTS[7:])
    assert waits(clock) is None


def test_slices_of_one_day_count_together(read: Read, publish: Publish, clock: Clock) -> None:
    for left in (20, 16, 12):
        publish(*ACCOUNTS[:left])
        read()
        clock.passes(hours=11)
    assert waits(clock) is not None
    clock.passes(days=2)
    publish(*ACCOUNTS[:11])  # a loss that waits does not become the measure
    assert waits(clock) is not None


@pytest.mark.usefixtures("table")
def test_a_day_later_the_measure_is_the_register_of_then(publish: Publish, clock: Clock) -> None:
    for left in (20, 16, 13, 10):
        publish(*ACCOUNTS[:left])
        assert waits(clock) is None
        clock.passes(days=1)


def test_what_expires_is_no_loss(read: Read, s3: S3Client, clock: Clock) -> None:
    def put(*entries: Mapping[str, str]) -> None:
        body = json.dumps({"version": 1, "trust": entries}).encode()
        s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=body)

    ended, lasting = {"account": ACCOUNTS[0], "expires": "2026-11-26"}, {"account": ACCOUNTS[1]}
    put(ended, lasting)
    read()
    put(lasting | {"expires": "2026-11-27"})
    assert waits(clock) is None
    put(lasting | {"expires": "2026-11-26"})
    assert waits(clock) is not None


def test_a_reader_that_may_not_write_judges_a_new_register_by_itself(
    read: Read, publish: Publish, clock: Clock
) -> None:
    publish(*ACCOUNTS, published="27T10:00")
    read()
    publish(published="27T11:00")
    assert waits(clock, writes=False) is not None
    publish(published="27T09:00")
    assert in_container(clock, writes=False).stale is not None
    publish(*ACCOUNTS[1:], published="27T11:00")
    assert waits(clock, writes=False) is None


def test_a_register_that_is_too_large_to_remember_waits(
    read: Read, publish: Publish, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(1)  # noqa: S311 - a text that cannot be compressed
    entries = [{"account": one, "reason": random.randbytes(200_000).hex()} for one in ACCOUNTS[:1]]
    large = json.dumps({"version": 1, "trust": entries}).encode()
    publish(body=large)
    held = read()
    assert sentence("memory.cannot_determined_how") in str(waits(clock))
    publish(body=b"{")
    assert read().problem is not None
    confirm(monkeypatch, held)
    publish(body=large)
    assert waits(clock) is None


# --- the table ---


class Refusing:
    """DynamoDB's client, which refuses some operations."""

    def __init__(self, client: Any, code: str, *operations: str) -> None:  # noqa: ANN401 - DynamoDB's client
        self._client, self._code, self._operations = client, code, operations

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - see above
        if name not in self._operations:
            return getattr(self._client, name)

        def refuse(**_: object) -> None:
            raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, name)

        return refuse


@pytest.mark.parametrize("operation", ["get_item", "put_item"])
def test_while_the_table_cannot_be_used_the_register_counts_and_is_called_uncertain(
    table: Any,  # noqa: ANN401 - DynamoDB's client
    publish: Publish,
    clock: Clock,
    operation: str,
) -> None:
    store = InTable(lambda _: Refusing(table, "AccessDeniedException", operation), NAME)
    publish("222233334444")
    reader = remembering(clock, store)
    held = reader.current(IN_S3)
    assert trusted(held.value) == ["222233334444"]
    assert held.stale is not None
    assert "(it may be an older one)" in held.stale
    publish(body=b"{")
    assert trusted(reader.current(IN_S3).value) == ["222233334444"]
    assert remembering(clock, store).current(IN_S3).problem is not None


def test_a_failure_that_cannot_be_remembered_is_no_way_to_keep_a_register_for_ever(
    table: Any,  # noqa: ANN401 - DynamoDB's client
    publish: Publish,
    clock: Clock,
) -> None:
    publish("222233334444")
    in_container(clock)
    publish(body=b"{")
    store = InTable(lambda _: Refusing(table, "AccessDeniedException", "put_item"), NAME)
    assert remembering(clock, store).current(IN_S3).problem is not None


def test_two_readers_do_not_take_two_registers_for_the_next_one(
    table: Any,  # noqa: ANN401 - DynamoDB's client
    publish: Publish,
    clock: Clock,
) -> None:
    publish("222233334444")
    store = InTable(lambda _: Refusing(table, "ConditionalCheckFailedException", "put_item"), NAME)
    held = remembering(clock, store).current(IN_S3)
    assert held.detail == "it changes too fast"


def test_a_row_that_this_version_did_not_write_is_uncertain(table: Any) -> None:  # noqa: ANN401 - DynamoDB's client
    table.put_item(TableName=NAME, Item={"id": {"S": str(IN_S3)}})
    with pytest.raises(UncertainError, match=re.escape(sentence("memory.whether_newest_one"))):
        InTable(client_of, NAME).get(str(IN_S3))


def test_what_is_known_comes_back_as_it_was(table: Any, clock: Clock) -> None:  # noqa: ANN401, ARG001 - see above
    store = InTable(client_of, NAME)
    known = Known("a" * 64, clock(), clock(), b"register", b"base", clock())
    assert store.put("place", known, None)
    assert store.get("place") == known
    assert not store.put("place", known, None)
    assert store.get("elsewhere") is None


def test_the_stack_names_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    assert store_in_environment(client_of) is None
    monkeypatch.setenv(TABLE, NAME)
    assert store_in_environment(client_of, writes=False) == InTable(client_of, NAME, writes=False)
