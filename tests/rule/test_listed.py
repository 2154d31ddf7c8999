"""A function that serves the accounts of an organization's list."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.aws.errors import AccountNotServedError
from ecr_crossaccount.sources.register.content import Location
from ecr_crossaccount.sources.register.listed import ListedMembers

from tests.events import ACCOUNT, MEMBER, REGION, event, of_account
from tests.fakes import FakeConfigService
from tests.wording import sentence

LISTED = datetime(2026, 11, 27, 6, tzinfo=UTC)
PLACE = Location.parse("s3://members/accounts.json")


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.time = LISTED + timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shared(clock: Clock, pauses: list[float]) -> CrossAccountEvaluator:
    client_of.cache_clear()
    place: Any = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket="members", CreateBucketConfiguration=place)
    members = ListedMembers(PLACE, clock)
    return CrossAccountEvaluator(CrossAccountRule(), pause=pauses.append, members=members)


def publish(*accounts: str, **states: object) -> None:
    listed = {
        "version": 1,
        "organization": "o-a1b2c3d4e5",
        "listed": "2026-11-27T06:00:00Z",
        "accounts": [{"account": one, "path": None, **states} for one in accounts],
    }
    boto3.client("s3").put_object(Bucket="members", Key="accounts.json", Body=json.dumps(listed).encode())


def about(account: str) -> dict[str, object]:
    return of_account(event("change-policy-text"), account)


def test_who_is_listed_is_served_and_nobody_else(shared: CrossAccountEvaluator, config: FakeConfigService) -> None:
    publish(MEMBER)
    shared.handle(about(MEMBER))
    assert list(config.results) == ["demodev"]
    with pytest.raises(AccountNotServedError, match=f"`{ACCOUNT}`, .* in use of o-a1b2c3d4e5"):
        shared.handle(about(ACCOUNT))


@pytest.mark.parametrize("state", ["ACTIVE", "PENDING_ACTIVATION", "PENDING_CLOSURE"])
def test_who_is_in_use_is_served(shared: CrossAccountEvaluator, config: FakeConfigService, state: str) -> None:
    publish(MEMBER, state=state)
    shared.handle(about(MEMBER))
    assert list(config.results) == ["demodev"]


@pytest.mark.parametrize("state", ["SUSPENDED", "CLOSED", "something new", ["ACTIVE"]])
def test_who_is_suspended_or_closed_is_not_served(shared: CrossAccountEvaluator, state: object) -> None:
    publish(MEMBER, state=state)
    with pytest.raises(AccountNotServedError, match="it is not an account in use"):
        shared.handle(about(MEMBER))


def test_who_joins_is_served_within_minutes(shared: CrossAccountEvaluator, clock: Clock) -> None:
    publish(ACCOUNT)
    with pytest.raises(AccountNotServedError):
        shared.handle(about(MEMBER))
    publish(ACCOUNT, MEMBER)
    clock.time += timedelta(minutes=6)
    shared.handle(about(MEMBER))


def test_nobody_is_served_by_a_list_that_is_not_there(shared: CrossAccountEvaluator, config: FakeConfigService) -> None:
    with pytest.raises(AccountNotServedError, match=re.escape(sentence("listed.nobody_while_list"))):
        shared.handle(about(MEMBER))
    assert config.calls == []


def test_the_last_good_list_counts_for_a_day(shared: CrossAccountEvaluator, clock: Clock) -> None:
    publish(MEMBER)
    shared.handle(about(MEMBER))
    boto3.client("s3").delete_object(Bucket="members", Key="accounts.json")
    clock.time += timedelta(hours=23)
    shared.handle(about(MEMBER))
    clock.time += timedelta(hours=2)
    with pytest.raises(AccountNotServedError, match="cannot be used"):
        shared.handle(about(MEMBER))


def test_an_old_list_serves_nobody(shared: CrossAccountEvaluator, clock: Clock) -> None:
    publish(MEMBER)
    clock.time += timedelta(days=60)
    with pytest.raises(AccountNotServedError, match=re.escape(sentence("members.listed_more_than_2"))):
        shared.handle(about(MEMBER))


@pytest.fixture
def named(clock: Clock) -> CrossAccountEvaluator:
    """Return a function that serves the accounts that its stack names."""
    client_of.cache_clear()
    return CrossAccountEvaluator(CrossAccountRule(), members=ListedMembers(Location.parse("ssm:/served"), clock))


def name(accounts: str) -> None:
    value = json.dumps({"accounts": accounts})
    boto3.client("ssm").put_parameter(Name="/served", Type="String", Value=value, Overwrite=True)


def test_whom_the_stack_names_is_served_and_nobody_else(
    named: CrossAccountEvaluator, config: FakeConfigService, clock: Clock
) -> None:
    name(f"{MEMBER}, 999988887777")
    named.handle(about(MEMBER))
    clock.time += timedelta(days=60)  # it has no date that could be too old
    named.handle(about(MEMBER))
    assert list(config.results) == ["demodev"]
    with pytest.raises(AccountNotServedError, match=f"`{ACCOUNT}`, .* of those that the stack"):
        named.handle(about(ACCOUNT))


@pytest.mark.parametrize("accounts", ["", "*", f"{MEMBER},", "11112222333"])
def test_a_slip_in_what_the_stack_names_serves_nobody(named: CrossAccountEvaluator, accounts: str) -> None:
    name(accounts)
    with pytest.raises(AccountNotServedError, match=r"accounts: .* is not an account"):
        named.handle(about(MEMBER))


def test_the_handler_serves_the_list_that_its_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    import handler

    monkeypatch.setenv("SERVED_MEMBERS", "s3://members/accounts.json")
    assert isinstance(handler.served_members(), ListedMembers)
    monkeypatch.setenv("SERVED_MEMBERS", "")
    assert handler.served_members() is None
