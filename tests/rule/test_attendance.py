"""The accounts with a complete scheduled run: each separately, and by the rule that counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.rule import roll_call
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.outcome import SweepIncompleteError
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from ecr_crossaccount.sources.aws.errors import AccountNotServedError, EventError, MalformedAnswerError
from ecr_crossaccount.sources.aws.events import ROLL_CALL
from moto.ecr.models import ECRBackend

from tests.events import ACCOUNT, MEMBER, RULE, event, of_account
from tests.rule.registry import SAFE, World
from tests.rule.test_change import refuse
from tests.wording import sentence

Json = dict[str, Any]
Called = tuple[int, list[str]]
"""The number of overdue accounts in the metric, and the accounts that the log names."""

THIRD = "777788889999"
CALL = {"messageType": ROLL_CALL, "rule": RULE, "hours": "72", "atLeast": "1", "excluded": ""}
START = datetime(2026, 11, 27, 12, tzinfo=UTC)
OWN = SimpleNamespace(invoked_function_arn=f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:rule")


class Bucket:
    """An S3 bucket as the function sees it, with its own clock and two objects a page."""

    def __init__(self) -> None:
        self.now = START
        self.objects: dict[str, datetime] = {}
        self.answer: Json | None = None
        self.refuses: str | None = None

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, IfNoneMatch: str | None = None) -> Json:  # noqa: N803
        assert (Bucket, Body) == ("rolls", b"")
        if self.refuses or (IfNoneMatch == "*" and Key in self.objects):
            code = self.refuses or "PreconditionFailed"
            raise ClientError({"Error": {"Code": code, "Message": "as asked"}}, "PutObject")
        self.objects[Key] = self.now
        return {"ETag": "e"}

    def list_objects_v2(self, *, Bucket: str, ContinuationToken: str = "0") -> Json:  # noqa: N803
        assert Bucket == "rolls"
        if self.answer is not None:
            return self.answer
        start, keys = int(ContinuationToken), sorted(self.objects)
        found = [{"Key": key, "LastModified": self.objects[key]} for key in keys[start : start + 2]]
        more = {"NextContinuationToken": str(start + 2)} if start + 2 < len(keys) else {}
        return {"KeyCount": len(found), "IsTruncated": bool(more), "Contents": found, **more}


class Known:
    """The organization's list. `members` is None while it is unusable."""

    def __init__(self, *members: str) -> None:
        self.members: frozenset[str] | None = frozenset(members)

    def in_use(self) -> frozenset[str]:
        if self.members is None:
            raise AccountNotServedError("the list cannot be used")
        return self.members

    def refusal(self, account: str) -> str | None:
        return None if account in self.in_use() else "it is no member"


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    made = Bucket()
    monkeypatch.setattr(roll_call, "client_of", lambda _: made)
    monkeypatch.setenv("ROLL_BUCKET", "rolls")
    return made


@pytest.fixture
def members() -> Known:
    return Known(ACCOUNT, MEMBER, THIRD)


@pytest.fixture
def function(bucket: Bucket, members: Known, pauses: list[float]) -> CrossAccountEvaluator:
    return CrossAccountEvaluator(CrossAccountRule(), pause=pauses.append, members=members, now=lambda: bucket.now)


@pytest.fixture
def call(function: CrossAccountEvaluator, capsys: pytest.CaptureFixture[str]) -> Callable[..., Called]:
    """Send a roll call, and return its result."""

    def call(**asked: str) -> Called:
        capsys.readouterr()
        function.handle(CALL | asked, OWN)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        (told,) = [line for line in lines if "_aws" in line]
        assert {"Name": "AccountsOverdue", "Unit": "Count"} in told["_aws"]["CloudWatchMetrics"][0]["Metrics"]
        named = [
            line["accounts"] for line in lines if line["message"] == sentence("roll_call.accounts_without_scheduled")
        ]
        return told["AccountsOverdue"], [account for accounts in named for account in accounts]

    return call


def run(function: CrossAccountEvaluator, account: str, rule: str = RULE) -> None:
    function.handle(of_account(event("scheduled"), account) | {"configRuleName": rule})


def test_nobody_is_overdue_while_every_account_is_run(
    function: CrossAccountEvaluator, bucket: Bucket, call: Callable[..., Called]
) -> None:
    for _ in range(6):
        for account in (ACCOUNT, MEMBER, THIRD):
            run(function, account, f"{RULE}-conformance-pack-x1y2z3")
        assert call() == (0, [])
        bucket.now += timedelta(days=1)


def test_one_that_is_not_run_is_named_however_often_others_are(
    function: CrossAccountEvaluator, bucket: Bucket, call: Callable[..., Called]
) -> None:
    assert call() == (0, [])
    for _ in range(4):
        for account in (ACCOUNT, ACCOUNT, ACCOUNT, THIRD):
            run(function, account)
        bucket.now += timedelta(days=1)
    assert call() == (1, [MEMBER])
    run(function, MEMBER)
    assert call() == (0, [])


@pytest.mark.parametrize(
    "rule", ["my-own-rule", f"{RULE}-strict", f"{RULE}2", f"my-{RULE}", f"{RULE}-conformance-pack"]
)
def test_another_rule_at_the_function_stands_for_nobody(
    function: CrossAccountEvaluator,
    members: Known,
    bucket: Bucket,
    call: Callable[..., Called],
    rule: str,
) -> None:
    members.members = frozenset({ACCOUNT})
    call()
    bucket.now += timedelta(hours=73)
    run(function, ACCOUNT, rule)
    assert call() == (1, [ACCOUNT])


def test_who_joins_is_expected_from_then_on(members: Known, bucket: Bucket, call: Callable[..., Called]) -> None:
    members.members = frozenset({ACCOUNT})
    call()
    bucket.now += timedelta(days=30)
    members.members = frozenset({MEMBER})
    assert call() == (0, [])
    bucket.now += timedelta(hours=72)
    assert call() == (0, [])
    bucket.now += timedelta(seconds=1)
    assert call() == (1, [MEMBER])


def test_a_run_that_is_not_complete_does_not_count(
    function: CrossAccountEvaluator, bucket: Bucket, world: World
) -> None:
    world.create("safe", SAFE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ECRBackend, "get_repository_policy", refuse)
        with pytest.raises(SweepIncompleteError, match="could not be read"):
            run(function, ACCOUNT)
    function.handle(event("scheduled") | {"resultToken": "TESTMODE"})
    assert bucket.objects == {}


def test_who_has_no_rule_is_not_expected(bucket: Bucket, call: Callable[..., Called]) -> None:
    call(excluded=f"{MEMBER}, {THIRD}")
    assert list(bucket.objects) == [f"{ACCOUNT}/{RULE}"]


@pytest.mark.parametrize("at_least, lacking", [("3", 0), ("1", 0), ("5", 2)])
def test_fewer_accounts_than_there_must_be_count_as_overdue(
    call: Callable[..., Called], at_least: str, lacking: int
) -> None:
    assert call(atLeast=at_least) == (lacking, [])


@pytest.mark.parametrize(
    "wrong", [{"hours": ""}, {"hours": "0"}, {"atLeast": "many"}, {"atLeast": None}, {"rule": ""}, {"hours": 72}]
)
def test_a_roll_call_that_says_too_little_is_an_error(function: CrossAccountEvaluator, wrong: Json) -> None:
    with pytest.raises(EventError, match=f"`{next(iter(wrong))}`"):
        function.handle(CALL | wrong, OWN)


def test_without_a_list_those_that_the_environment_names_are_expected(bucket: Bucket, pauses: list[float]) -> None:
    function = CrossAccountEvaluator(CrossAccountRule(), pause=pauses.append, now=lambda: bucket.now)
    assert function.handle(CALL, OWN) == {"expected": 2, "overdue": 0, "lacking": 0}
    assert sorted(bucket.objects) == [f"{ACCOUNT}/{RULE}", f"{MEMBER}/{RULE}"]


def test_a_list_that_cannot_be_used_is_an_error_and_not_nobody(function: CrossAccountEvaluator, members: Known) -> None:
    members.members = None
    with pytest.raises(AccountNotServedError, match="cannot be used"):
        function.handle(CALL, OWN)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"KeyCount": 1},
        {"KeyCount": 0, "IsTruncated": True},
        {"KeyCount": 0, "IsTruncated": True, "NextContinuationToken": "2"},
    ],
)
def test_an_answer_that_says_too_little_is_not_taken_for_an_empty_bucket(
    function: CrossAccountEvaluator, bucket: Bucket, answer: Json
) -> None:
    bucket.answer = answer
    with pytest.raises(MalformedAnswerError, match="the answer of s3 to ListObjectsV2 cannot be read"):
        function.handle(CALL, OWN)


def test_what_the_list_of_objects_missed_is_not_begun_anew(function: CrossAccountEvaluator, bucket: Bucket) -> None:
    run(function, ACCOUNT)
    bucket.now += timedelta(days=4)
    bucket.answer = {"KeyCount": 0, "Contents": []}
    function.handle(CALL, OWN)
    assert bucket.objects[f"{ACCOUNT}/{RULE}"] == START
    assert bucket.objects[f"{MEMBER}/{RULE}"] == bucket.now


def test_a_bucket_that_refuses_costs_no_run_and_fails_the_roll_call(
    function: CrossAccountEvaluator, bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.refuses = "AccessDenied"
    run(function, ACCOUNT)
    assert sentence("roll_call.scheduled_run_could") in capsys.readouterr().out
    with pytest.raises(ClientError, match="AccessDenied"):
        function.handle(CALL, OWN)


def test_a_function_of_one_account_has_no_roll(
    function: CrossAccountEvaluator, monkeypatch: pytest.MonkeyPatch, bucket: Bucket
) -> None:
    monkeypatch.delenv("ROLL_BUCKET")
    run(function, ACCOUNT)
    assert bucket.objects == {}
    with pytest.raises(EventError, match="`ROLL_BUCKET` is not set"):
        function.handle(CALL, OWN)
