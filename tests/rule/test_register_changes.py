"""A register that changes is told at once, and the next scheduled run counts what it opens and closes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.memory import TABLE

from tests.register.conftest import BUCKET, Clock
from tests.register.test_memory import NAME, table
from tests.rule.registry import World
from tests.rule.test_change import PULL, policy
from tests.rule.test_registered import FRIEND, PARAMETERS, REGISTER, TO_FRIEND, change, line
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["table"]
OTHER = "999988887777"
TO_OTHER = policy({"AWS": OTHER}, PULL)
CHANGED = "the trust register has changed"


@pytest.fixture(autouse=True)
def remembering(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ANN401, ARG001 - a fixture
    client_of.cache_clear()
    monkeypatch.setenv(TABLE, NAME)
    yield
    client_of.cache_clear()


@pytest.fixture
def publish(s3: S3Client) -> Callable[..., None]:
    def publish(*entries: dict[str, object], **fields: object) -> None:
        body = json.dumps({"version": 1, **fields, "trust": entries}).encode()
        s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=body)

    return publish


def metrics_of(log: list[dict[str, Any]]) -> dict[str, int]:
    counted = line(log, "metrics")
    return {name: counted[name] for name in ("RegisterChanges", "RegisterOpens", "RegisterCloses") if name in counted}


def test_the_first_invocation_that_reads_a_changed_register_tells_it(
    world: World, publish: Callable[..., None]
) -> None:
    publish({"account": FRIEND})
    world.evaluator.handle(change(TO_FRIEND))
    assert metrics_of(world.log()) == {}
    publish({"account": OTHER, "access": "WRITE", "owner": "x@example.com"}, published="2026-11-27T11:00:00Z")
    world.evaluator.handle(change(TO_FRIEND))
    log = world.log()
    told = line(log, CHANGED)
    assert (told["adds"], told["takesAway"], told["published"]) == (1, 1, "2026-11-27T11:00:00+00:00")
    assert told["added"][0] | {"name": OTHER, "access": "WRITE", "owner": "x@example.com"} == told["added"][0]
    assert [one["name"] for one in told["takenAway"]] == [FRIEND]
    assert told["register"] == REGISTER
    assert sentence("memory.approvals_gone_once_2") in told["remediationWaits"]
    assert metrics_of(log) == {"RegisterChanges": 1}
    world.evaluator.handle(change(TO_FRIEND))
    assert metrics_of(world.log()) == {}


def test_an_older_register_opens_nothing(world: World, publish: Callable[..., None]) -> None:
    publish({"account": FRIEND}, published="2026-11-27T11:00:00Z")
    world.evaluator.handle(change(TO_OTHER))
    publish({"account": OTHER}, published="2026-11-27T10:00:00Z")
    world.log()
    world.evaluator.handle(change(TO_OTHER))
    assert world.shown() == {"demodev": "NON_COMPLIANT"}
    log = world.log()
    assert line(log, "metrics")["RegisterProblems"] == 1
    assert metrics_of(log) == {}


def test_the_next_scheduled_run_counts_what_a_register_opens_and_closes(
    world: World, publish: Callable[..., None], clock: Clock
) -> None:
    for name, text in {
        "friends": TO_FRIEND,
        "others": TO_OTHER,
        "closed": policy({"AWS": "111122223333"}, PULL),
    }.items():
        world.create(name, text)
    world.create("none")
    publish({"account": FRIEND})
    world.sweep(**PARAMETERS)
    assert metrics_of(world.log()) == {}
    publish({"account": OTHER, "repositories": ["others"]})
    clock.passes(hours=24)
    world.sweep(**PARAMETERS)
    log = world.log()
    assert metrics_of(log) == {"RegisterChanges": 1, "RegisterOpens": 1, "RegisterCloses": 1}
    turned = {one["repository"]: one["byRegister"] for one in log if "byRegister" in one}
    assert turned == {
        "friends": {"opens": [], "closes": [f"READ by {FRIEND}"]},
        "others": {"opens": [f"READ by {OTHER}"], "closes": []},
    }
    clock.passes(hours=24)
    world.sweep(**PARAMETERS)
    assert metrics_of(world.log()) == {}


def test_members_that_a_register_no_longer_covers_are_counted(
    world: World, publish: Callable[..., None], s3: S3Client, organization: str
) -> None:
    world.create("friends", TO_FRIEND)
    listed = {"version": 1, "organization": organization, "listed": "2026-11-27T06:00:00Z"}
    body = json.dumps(listed | {"accounts": [{"account": FRIEND}]}).encode()
    s3.put_object(Bucket=BUCKET, Key="members.json", Body=body)
    parameters = PARAMETERS | {"trustMembers": f"s3://{BUCKET}/members.json"}
    publish({"organization": "self", "members": True})
    world.sweep(**parameters)
    assert world.shown() == {"friends": "COMPLIANT"}
    world.log()
    publish()
    world.sweep(**parameters)
    assert metrics_of(world.log()) == {"RegisterChanges": 1, "RegisterCloses": 1}


def test_a_table_that_cannot_be_read_is_told_and_the_run_goes_on(
    world: World, publish: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.create("friends", TO_FRIEND)
    publish({"account": FRIEND})
    monkeypatch.setenv(TABLE, "another")
    world.sweep(**PARAMETERS)
    assert world.shown() == {"friends": "COMPLIANT"}
    log = world.log()
    assert line(log, "metrics")["RegisterProblems"] == 1
    assert any("(it may be an older one)" in one["message"] for one in log)
