"""CloudWatch's metrics of an invocation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ecr_crossaccount.products.rule.outcome import SweepIncompleteError
from ecr_crossaccount.sources.aws import metrics
from ecr_crossaccount.sources.aws.errors import AccountNotServedError
from ecr_crossaccount.sources.aws.metrics import Figure, Metric

from tests.events import ACCOUNT, MEMBER, RULE, event, of_account, with_policy
from tests.rule.registry import OPEN, World, refuse_policy_of, row
from tests.rule.relay import Relay, Time
from tests.rule.test_change import PULL, policy

UNDECIDED = policy("*", PULL, Condition={"StringEquals": {"aws:BrandNewKey": "x"}})


@pytest.fixture
def counted(world: World) -> Callable[[], dict[str, Any]]:
    """Return the single line of metrics that was written since the last call."""

    def line() -> dict[str, Any]:
        (found,) = [line for line in world.log() if line["message"] == "metrics"]
        return found

    return line


def test_a_change_is_counted_by_its_severity(world: World, counted: Callable[[], dict[str, Any]]) -> None:
    world.evaluator.handle(event("change-policy-text"))
    line = counted()
    assert {one: line[one] for one in (*Metric, *Figure) if one in line and one is not Figure.DURATION} == {
        "Judged": 1,
        "NonCompliantCritical": 1,
        "ApiCalls": 2,  # GetRegistryPolicy, PutEvaluations
    }


def sent(line: dict[str, Any]) -> dict[str, int]:
    """Return the metrics that CloudWatch makes from a line."""
    directives = line["_aws"]["CloudWatchMetrics"] if "_aws" in line else []
    return {metric["Name"]: line[metric["Name"]] for one in directives for metric in one["Metrics"]}


def test_the_line_is_what_cloudwatch_takes(world: World, counted: Callable[[], dict[str, Any]]) -> None:
    world.create("open", OPEN)
    world.evaluator.handle(event("scheduled"), Time())
    line = counted()
    assert line["requestId"] == Time().aws_request_id
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert isinstance(line["_aws"]["Timestamp"], int)
    assert directive["Namespace"] == "EcrCrossAccount"
    assert {metric["Unit"] for metric in directive["Metrics"]} == {"Count"}
    assert sent(line) == {"NonCompliantCritical": 1, "SweepsCompleted": 1}


def test_each_metric_says_whose_account_and_which_rule(world: World, counted: Callable[[], dict[str, Any]]) -> None:
    for account, rule in ((ACCOUNT, RULE), (MEMBER, "another-rule")):
        world.evaluator.handle(of_account(event("change-policy-text"), account) | {"configRuleName": rule})
        line = counted()
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Dimensions"] == [["AccountId", "RuleName"]]
        assert (line["AccountId"], line["RuleName"]) == (account, rule)


def test_only_what_is_wrong_or_complete_is_sent_because_it_is_billed(
    world: World, counted: Callable[[], dict[str, Any]]
) -> None:
    world.create("safe")
    world.sweep()
    assert sent(counted()) == {"SweepsCompleted": 1}
    world.evaluator.handle(event("change-no-policy"))
    assert sent(counted()) == {}


@pytest.mark.parametrize(
    "text, expected",
    [
        (policy("*", PULL), "NonCompliantHigh"),
        (policy({"AWS": "222233334444"}, PULL), "NonCompliantMedium"),
        (policy("*", "ecr:DescribeRepositories"), "NonCompliantLow"),
        (UNDECIDED, "Undecided"),
    ],
)
def test_each_severity_has_a_metric(
    world: World, counted: Callable[[], dict[str, Any]], text: str, expected: str
) -> None:
    world.evaluator.handle(with_policy(text))
    assert counted()[expected] == 1


def test_a_sweep_is_counted_once_it_is_complete(world: World, counted: Callable[[], dict[str, Any]]) -> None:
    world.create("open", OPEN)
    world.create("safe")
    world.sweep()
    line = counted()
    assert (line["SweepsCompleted"], line["Judged"]) == (1, 2)
    assert line["ApiCalls"] >= 6


def test_a_change_says_nothing_of_sweeps_one_of_which_may_be_under_way(
    world: World, counted: Callable[[], dict[str, Any]]
) -> None:
    world.evaluator.handle(event("change-policy-text"))
    assert not {Metric.SWEEPS, Metric.LEFT, Metric.UNREADABLE} & set(counted())


def test_a_sweep_that_goes_on_says_how_much_is_left_and_that_none_is_complete(
    world: World, counted: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("team/a", "team/b", "team/c"):
        world.create(name)
    world.config.inventory = [row("team/a")]
    world.evaluator.handle(event("scheduled"), Relay(world, monkeypatch).over_at("SelectResourceConfig"))
    line = counted()
    assert (sent(line).get("SweepsCompleted"), line["SweepLeft"], line["Judged"]) == (None, 2, 1)


def test_a_sweep_that_has_not_listed_all_does_not_say_that_nothing_is_left(
    world: World, counted: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.create("team/a")
    world.evaluator.handle(event("scheduled"), Relay(world, monkeypatch).over_at("describe_repositories"))
    assert not {Metric.SWEEPS, Metric.LEFT} & set(counted())


def test_a_sweep_with_something_unreadable_is_none(
    world: World, counted: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.create("secret", OPEN)
    refuse_policy_of(monkeypatch, "secret", "ServerException")
    with pytest.raises(SweepIncompleteError):
        world.sweep()
    line = counted()
    assert sent(line) == {"Unreadable": 1}
    assert line["Judged"] == 0


def test_a_repository_that_ecr_refuses_is_judged_and_unreadable_and_no_alarm(
    world: World, counted: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.create("secret", OPEN)
    world.create("safe")
    refuse_policy_of(monkeypatch, "secret")
    world.sweep()
    line = counted()
    told = {metric: line[metric] for metric in ("SweepsCompleted", "Judged", "NonCompliantMedium", "Unreadable")}
    assert told == {"SweepsCompleted": 1, "Judged": 2, "NonCompliantMedium": 1, "Unreadable": 1}
    assert "Undecided" not in line


def test_each_attempt_is_a_call(world: World, counted: Callable[[], dict[str, Any]]) -> None:
    world.config.fail("PutEvaluations", "ThrottlingException", times=3)
    world.evaluator.handle(event("change-deleted"))
    assert counted()["ApiCalls"] == 4


def test_a_failure_is_counted_too(world: World, counted: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(AccountNotServedError):
        world.evaluator.handle(event("change-policy-text") | {"accountId": "999988887777"})
    line = counted()
    assert line["Judged"] == 0
    assert sent(line) == {}, "whoever sends such events must not make metrics of names that he chooses"


def test_nothing_is_counted_outside_an_invocation(world: World) -> None:
    metrics.count(Figure.JUDGED)
    assert world.log() == []


def test_the_line_carries_no_text_of_a_policy(world: World, counted: Callable[[], dict[str, Any]]) -> None:
    world.evaluator.handle(with_policy(policy("*", Sid="Marked")))
    assert "Marked" not in json.dumps(counted())
