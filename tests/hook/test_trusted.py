"""The trust of the hook: the lists of its stack and the register, at any location."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from ecr_crossaccount.products.hook.evaluation import Settings, evaluate, source_of, trust_now
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.lists import TrustNow
from moto import mock_aws

from tests.events import REGION
from tests.events.hook import load
from tests.hook.test_evaluation import BROKEN, FINE, OPEN, outcome
from tests.wording import sentence

PLACE = "ssm:/security/trust"
LISTS = {"trustedOrganizations": "none", "trustedAccounts": "333344445555"}
SETTINGS = Settings(REGION, lists=LISTS, register=PLACE, keep=timedelta(hours=1))
ENTRY = {"account": "222233334444", "repositories": ["base/*"], "expires": "2026-11-27"}


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", REGION)
    client_of.cache_clear()
    with mock_aws():
        yield
    client_of.cache_clear()


def publish(*entries: object, **fields: str) -> None:
    text = json.dumps({"version": 1, "trust": list(entries), **fields})
    boto3.client("ssm", region_name=REGION).put_parameter(
        Name="/security/trust", Value=text, Type="String", Overwrite=True
    )


def withdraw() -> None:
    boto3.client("ssm", region_name=REGION).delete_parameter(Name="/security/trust")


def names(trusted: TrustNow) -> list[str]:
    return [one.name for one in trusted.trust.valid]


def test_lists_and_register_are_trusted_together() -> None:
    publish(ENTRY)
    registered = source_of(SETTINGS, Clock())
    assert names(trust_now(registered)) == ["333344445555", "222233334444"]
    assert trust_now(registered).trust is trust_now(registered).trust
    assert outcome(evaluate(load("repository-create"), SETTINGS, trust_now(registered))) == FINE


def test_without_a_register_nothing_is_asked_of_aws() -> None:
    trusted = trust_now(source_of(Settings(REGION, lists=LISTS), Clock()))
    assert (names(trusted), trusted.held) == (["333344445555"], None)


def test_a_member_that_a_policy_names_is_trusted_where_the_accounts_are_listed() -> None:
    publish({"organization": "self", "members": True})
    settings = Settings(REGION, "o-a1b2c3d4e5", lists=LISTS, register=PLACE, members="ssm:/security/members")
    missing = trust_now(source_of(settings, Clock()))
    assert missing.held is not None
    assert missing.held.lacks == sentence("register.list_members_cannot_used")
    assert outcome(evaluate(load("repository-create"), settings, missing)) == BROKEN
    listed = {"version": 1, "organization": "o-a1b2c3d4e5", "listed": "2026-11-27T06:00:00Z"}
    text = json.dumps(listed | {"accounts": [{"account": "222233334444"}]})
    boto3.client("ssm", region_name=REGION).put_parameter(Name="/security/members", Value=text, Type="String")
    assert outcome(evaluate(load("repository-create"), settings, trust_now(source_of(settings, Clock())))) == FINE


def test_a_register_that_cannot_be_read_is_an_answer_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    trusted = trust_now(source_of(SETTINGS, Clock()))
    assert names(trusted) == ["333344445555"]
    answer = evaluate(load("repository-create"), SETTINGS, trusted)
    assert outcome(answer) == BROKEN
    assert str(answer["message"]).startswith(sentence("register.trust_register_cannot_medium"))
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["level"], first["register"]) == ("WARN", PLACE)


def test_the_last_good_version_counts_for_a_while_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    publish(ENTRY)
    clock = Clock()
    registered = source_of(SETTINGS, clock)
    evaluate(load("repository-create"), SETTINGS, trust_now(registered))
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["register"], line["registerVersion"], len(line["registerSha256"])) == (PLACE, "1", 64)
    withdraw()
    clock.moment += timedelta(minutes=30)
    answer = evaluate(load("repository-create"), SETTINGS, trust_now(registered))
    assert outcome(answer) == FINE
    assert [one["status"] for one in answer["annotations"]] == ["PASSED", "SKIPPED"]  # type: ignore[attr-defined]
    clock.moment += timedelta(hours=1)
    assert outcome(evaluate(load("repository-create"), SETTINGS, trust_now(registered))) == BROKEN


REMEMBERING = replace(SETTINGS, table="registers")


@pytest.fixture
def table() -> None:
    """The stack's table, which outlives a container."""
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName="registers",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.mark.usefixtures("table")
def test_an_older_register_is_refused_by_a_new_container_too() -> None:
    publish(published="2026-11-27T11:00:00Z")
    assert names(trust_now(source_of(REMEMBERING, Clock()))) == ["333344445555"]
    publish(ENTRY, published="2026-11-27T10:00:00Z")
    refused = trust_now(source_of(REMEMBERING, Clock()))
    assert refused.held is not None
    assert (names(refused), refused.held.lacks) == (["333344445555"], None)
    assert refused.held.stale is not None
    assert sentence("memory.older_than_one_counts") in refused.held.stale


@pytest.mark.usefixtures("table")
def test_the_last_good_register_survives_a_cold_start_for_as_long_as_it_counts() -> None:
    publish(ENTRY)
    clock = Clock()
    assert names(trust_now(source_of(REMEMBERING, clock))) == ["333344445555", "222233334444"]
    withdraw()
    assert names(trust_now(source_of(REMEMBERING, clock))) == ["333344445555", "222233334444"]
    clock.moment += timedelta(minutes=61)
    assert names(trust_now(source_of(REMEMBERING, clock))) == ["333344445555"]


def test_a_last_day_ends_trust_though_the_register_is_the_same() -> None:
    publish(ENTRY)
    clock = Clock()
    registered = source_of(SETTINGS, clock)
    assert outcome(evaluate(load("repository-create"), SETTINGS, trust_now(registered))) == FINE
    clock.moment += timedelta(days=1)
    assert outcome(evaluate(load("repository-create"), SETTINGS, trust_now(registered))) == OPEN
