"""The next scheduled run notices a repository that AWS Config no longer remediates."""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount.products.rule.inventory import REMEDIATED

from tests.events import RULE, event
from tests.rule.registry import OPEN, World, row
from tests.rule.relay import Relay
from tests.wording import sentence

CALL = "DescribeRemediationExceptions"


def exception(name: str, rule: str = RULE, **fields: str) -> dict[str, Any]:
    return {"ConfigRuleName": rule, "ResourceType": "AWS::ECR::Repository", "ResourceId": name, **fields}


@pytest.fixture
def remediated(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv(REMEDIATED, "yes")
    world.create("team/base", OPEN)
    return world


def counted(log: list[dict[str, Any]]) -> object:
    (line,) = [line for line in log if line["message"] == "metrics"]
    return line.get("RemediationExceptions")


def test_each_is_counted_and_named_with_its_reason(remediated: World) -> None:
    remediated.config.exceptions = [
        exception("team/base", Message="failed 3 times"),
        exception("b"),
        exception("c", "x"),
    ]
    remediated.sweep()
    log = remediated.log()
    told = [line for line in log if line["message"] == sentence("inventory.aws_config_no_longer")]
    assert [(line["level"], line["repository"], line["reason"]) for line in told] == [
        ("WARN", "team/base", "failed 3 times"),
        ("WARN", "b", ""),
    ]
    assert counted(log) == 2


def test_all_pages_are_read(remediated: World) -> None:
    remediated.config.exceptions = [exception(f"team/{number}") for number in range(230)]
    remediated.sweep()
    assert counted(remediated.log()) == 230
    assert remediated.config.operations().count(CALL) == 10


def test_a_list_without_end_is_one_that_could_not_be_read(remediated: World) -> None:
    same = {"RemediationExceptions": [exception("team/base")], "NextToken": "1"}
    remediated.config.answers[CALL] = lambda _: same
    remediated.sweep()
    log = remediated.log()
    assert counted(log) == 3
    assert "the next page is the same one" in next(line["reason"] for line in log if line["level"] == "ERROR")


def test_none_is_no_metric(remediated: World) -> None:
    remediated.sweep()
    assert counted(remediated.log()) is None
    assert CALL in remediated.config.operations()


def test_config_that_will_not_say_counts_as_one_and_the_run_is_complete(remediated: World) -> None:
    remediated.config.fail(CALL, "AccessDeniedException", times=9)
    remediated.sweep()
    log = remediated.log()
    (told,) = [line for line in log if line["message"] == sentence("inventory.remediation_exceptions_could")]
    assert told["level"] == "ERROR"
    assert "AccessDenied" in told["reason"]
    assert counted(log) == 1
    assert [line["SweepsCompleted"] for line in log if line["message"] == "metrics"] == [1]


def test_nobody_asks_where_config_does_not_remediate_by_itself(world: World) -> None:
    world.create("team/base", OPEN)
    world.sweep()
    assert CALL not in world.config.operations()


def test_a_change_does_not_ask(remediated: World) -> None:
    remediated.evaluator.handle(event("change-policy-text"))
    assert CALL not in remediated.config.operations()


def test_only_the_last_part_of_a_run_asks(remediated: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("team/a", "team/b"):
        remediated.create(name)
    remediated.config.inventory = [row("team/base", OPEN)]
    relay = Relay(remediated, monkeypatch)
    remediated.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig"))
    assert CALL not in remediated.config.operations()
    relay.run_out()
    assert remediated.config.operations().count(CALL) == 1
