"""Attempts to deceive the rule from inside the account, and why they fail. SECURITY.md lists them all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.events import event, load, with_policy
from tests.fakes import RESULT_TOKEN
from tests.rule.registry import OPEN, SAFE, World, earlier_result, row
from tests.rule.test_events import NAMES

INVENTED: dict[str, Callable[[], dict[str, Any]]] = {
    "a closed policy": lambda: with_policy(SAFE),
    "a deleted repository": lambda: with_policy(OPEN, configurationItemStatus="ResourceDeleted"),
    "out of scope": lambda: with_policy(OPEN) | {"eventLeftScope": True},
    "an approval": lambda: with_policy(OPEN) | {"ruleParameters": json.dumps({"trustedWriteAccounts": "222233334444"})},
    "a schedule": lambda: event("scheduled"),
}
OPEN_BY_A_TAG = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "222233334444"},
            "Action": "ecr:BatchGetImage",
            "Condition": {"StringEquals": {"aws:ResourceTag/shared": "yes"}},
        },
    }
)


class TestInvoke:
    """Someone invokes the function with an event that AWS Config never sent."""

    @pytest.mark.parametrize("name", INVENTED)
    @pytest.mark.parametrize("token", ["invented", RESULT_TOKEN[:-1]])
    def test_an_invented_event_changes_no_result(self, world: World, name: str, token: str) -> None:
        earlier_result(world.config, "demodev")
        with pytest.raises(ClientError, match="InvalidResultTokenException"):
            world.evaluator.handle(INVENTED[name]() | {"resultToken": token})
        assert world.shown() == {"demodev": "NON_COMPLIANT"}

    @pytest.mark.parametrize("name", ["scheduled", "change-policy-text"])
    def test_what_is_not_recorded_is_not_counted_either(self, world: World, name: str) -> None:
        world.evaluator.handle(event(name) | {"resultToken": "TESTMODE"})
        assert world.shown() == {}
        assert not [line for line in world.log() if "_aws" in line]


def test_no_token_and_no_event_is_in_the_log(world: World) -> None:
    """A reader of the log sees verdicts, but nothing that allows writing results."""
    world.config.history.update({"team/large": load("history")})
    written = ""
    for name in NAMES:
        if name != "unknown-message":
            world.evaluator.handle(event(name))
        written += world.written()
    assert "repository judged" in written
    assert RESULT_TOKEN not in written
    assert "invokingEvent" not in written


class TestTag:
    """Someone tags a repository whose policy depends on the tag. The policy is unchanged."""

    def test_the_change_of_the_tag_is_judged(self, world: World) -> None:
        world.evaluator.handle(with_policy(OPEN_BY_A_TAG, tags={}))
        assert world.shown() == {"demodev": "COMPLIANT"}
        later = "2026-11-20T10:00:00.000Z"
        world.evaluator.handle(with_policy(OPEN_BY_A_TAG, tags={"shared": "yes"}, configurationItemCaptureTime=later))
        assert world.shown() == {"demodev": "NON_COMPLIANT"}

    @pytest.mark.parametrize("recorded", [True, False], ids=["in the inventory", "read from ECR"])
    def test_the_next_sweep_sees_the_tag(self, world: World, recorded: object) -> None:
        world.create("tagged", OPEN_BY_A_TAG)
        world.sweep()
        assert world.shown() == {"tagged": "COMPLIANT"}
        (repository,) = boto3.client("ecr").describe_repositories()["repositories"]
        arn = repository["repositoryArn"]
        boto3.client("ecr").tag_resource(resourceArn=arn, tags=[{"Key": "shared", "Value": "yes"}])
        if recorded:
            world.config.inventory = [row("tagged", OPEN_BY_A_TAG, tags=[{"key": "shared", "value": "yes"}])]
        world.sweep()
        assert world.shown() == {"tagged": "NON_COMPLIANT"}
