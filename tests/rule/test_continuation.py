"""A sweep near its deadline: what was judged is reported, and the rest continues in another invocation."""

from __future__ import annotations

import json
import re
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.rule.continuation import MOST_PARTS, STATE_MACHINE, Continuation, Position
from ecr_crossaccount.products.rule.evaluator import Clients, CrossAccountEvaluator
from ecr_crossaccount.products.rule.outcome import EvaluationsRefusedError, SweepIncompleteError, SweepUnfinishedError
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from ecr_crossaccount.sources.aws.errors import EventError

from tests.events import event
from tests.rule.registry import OPEN, SAFE, SCHEDULED_AT, World, earlier_result, refuse_policy_of, row
from tests.rule.relay import MACHINE, Relay, Time
from tests.wording import sentence


@pytest.fixture
def relay(world: World, monkeypatch: pytest.MonkeyPatch) -> Relay:
    return Relay(world, monkeypatch)


RECORDED, LIVE, GONE = (
    [f"{kind}-{number:03}" for number in range(count)] for kind, count in (("a", 9), ("b", 9), ("c", 3))
)
TRUTH = (
    {name: "NON_COMPLIANT" if number % 2 else "COMPLIANT" for number, name in enumerate(RECORDED)}
    | dict.fromkeys(LIVE, "NON_COMPLIANT")
    | dict.fromkeys(GONE, "NOT_APPLICABLE")
)


def furnish(world: World) -> None:
    """Fill the registry: repositories that Config has recorded, that it has not, and that were deleted."""
    policies = {name: OPEN if TRUTH[name] == "NON_COMPLIANT" else SAFE for name in RECORDED}
    for name, policy in (policies | dict.fromkeys(LIVE, OPEN)).items():
        world.create(name, policy)
    world.config.inventory = [row(name, policy) for name, policy in policies.items()]
    earlier_result(world.config, *GONE)
    world.config.page_size = 2


@pytest.mark.parametrize(
    "operation, calls",
    [
        ("describe_repositories", 1),
        ("GetComplianceDetailsByConfigRule", 1),
        ("GetComplianceDetailsByConfigRule", 2),
        ("DescribeConfigurationRecorders", 1),
        ("SelectResourceConfig", 1),
        ("SelectResourceConfig", 3),
        ("SelectResourceConfig", 5),
        ("get_repository_policy", 1),
        ("get_repository_policy", len(LIVE) + 1),
        ("PutEvaluations", 1),
    ],
)
def test_wherever_the_deadline_nears_nothing_is_lost(world: World, relay: Relay, operation: str, calls: int) -> None:
    furnish(world)
    time = relay.over_at(operation, calls)
    world.evaluator.handle(event("scheduled"), time)
    reported = dict(world.shown())
    expected = 0 if operation == "PutEvaluations" else 1  # by then everything was judged
    assert relay.run_out() == expected
    assert world.shown() == TRUTH
    assert {name: result for name, result in reported.items() if name not in GONE}.items() <= TRUTH.items()


@pytest.mark.parametrize("calls", [1, 3, 5])
def test_what_is_judged_is_reported_before_the_rest_is_handed_over(world: World, relay: Relay, calls: int) -> None:
    furnish(world)
    answer = world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig", calls))
    judged = RECORDED[: max(calls - 1, 1) * 2]  # a page is fetched while the previous one is judged
    assert {name: world.shown()[name] for name in judged} == {name: TRUTH[name] for name in judged}
    assert isinstance(answer, dict)
    assert sum(answer.values()) == len(judged)
    world.policies_read.clear()
    relay.run_out()
    assert sorted(world.policies_read) == LIVE + GONE  # what was judged from the inventory is not read again


@pytest.mark.parametrize(
    "operation, calls",
    [("GetComplianceDetailsByConfigRule", 2), ("SelectResourceConfig", 1), ("SelectResourceConfig", 3)],
)
def test_what_fails_when_the_time_is_over_is_tried_again_in_another_invocation(
    world: World, relay: Relay, operation: str, calls: int
) -> None:
    furnish(world)
    world.config.fail(operation, "ThrottlingException", times=9, after=calls - 1)
    world.evaluator.handle(event("scheduled"), relay.over_at(operation, calls))
    failed, _ = world.warnings()
    assert failed["message"] == sentence("sweep.call_failed_when")
    assert "ThrottlingException" in failed["reason"]
    world.config.recover(operation)
    world.policies_read.clear()
    relay.run_out()
    assert world.shown() == TRUTH
    assert sorted(world.policies_read) == LIVE + GONE  # and the inventory is still usable


def test_a_repository_that_fails_when_the_time_is_over_is_tried_again_and_no_error(world: World, relay: Relay) -> None:
    world.create("open", OPEN)
    time = relay.over_at("get_repository_policy")
    with relay.monkeypatch.context() as for_a_while:
        refuse_policy_of(for_a_while, "open", "ThrottlingException", first=time.over)
        world.evaluator.handle(event("scheduled"), time)
    assert not [line for line in world.log() if line["level"] == "ERROR"]
    relay.run_out()
    assert world.shown() == {"open": "NON_COMPLIANT"}


def test_a_fault_with_time_left_fails_the_invocation(world: World, relay: Relay) -> None:
    furnish(world)
    world.config.fail("GetComplianceDetailsByConfigRule", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        world.evaluator.handle(event("scheduled"), Time())
    assert relay.take() is None


def test_a_sweep_can_take_many_invocations(world: World, relay: Relay) -> None:
    furnish(world)
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig"))
    invocations = 1
    while (message := relay.take()) is not None:
        relay.go_on(message, relay.over_at("SelectResourceConfig") if invocations < 5 else Time())
        invocations += 1
    assert [part["position"]["part"] for part in relay.taken] == [2, 3, 4, 5, 6]
    assert world.shown() == TRUTH


def test_results_bear_the_time_of_the_schedule_that_began_the_sweep(world: World, relay: Relay) -> None:
    furnish(world)
    world.evaluator.handle(event("scheduled"), relay.over_at("get_repository_policy"))
    relay.run_out()
    assert {world.sent()[name] for name in LIVE + GONE} == {SCHEDULED_AT}


def test_the_rest_is_judged_with_the_same_parameters_and_by_the_same_role(world: World, relay: Relay) -> None:
    partner = OPEN.replace('"*"', '{"AWS": "222233334444"}', 1).replace("ecr:*", "ecr:BatchGetImage")
    world.create("partner", partner)
    parameters = {"trustedAccounts": "222233334444", "ExecutionRoleName": "ecr-reader"}
    world.evaluator.handle(event("scheduled", **parameters), relay.over_at("describe_repositories"))
    assert relay.run_out() == 1
    assert world.shown() == {"partner": "COMPLIANT"}


def test_a_message_that_comes_twice_or_late_does_no_harm(world: World, relay: Relay) -> None:
    furnish(world)
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig"))
    first = relay.take()
    assert first
    relay.go_on(first, relay.over_at("get_repository_policy"))
    second = relay.take()
    assert second
    for message in (second, first, second, first):
        relay.go_on(message)
    assert relay.run_out() == 0
    assert world.shown() == TRUTH


def test_an_old_message_replaces_no_result_of_a_later_change(world: World, relay: Relay) -> None:
    world.create("closed-since")
    world.create("opened-since", OPEN)
    world.evaluator.handle(event("scheduled"), relay.over_at("describe_repositories"))
    later = SCHEDULED_AT + 7200
    earlier_result(world.config, "closed-since", compliance="COMPLIANT", at=later)
    earlier_result(world.config, "opened-since", at=later)
    relay.run_out()
    assert world.shown() == {"closed-since": "COMPLIANT", "opened-since": "NON_COMPLIANT"}


def test_a_part_of_a_sweep_that_is_handed_over_twice_runs_once(world: World, relay: Relay) -> None:
    furnish(world)
    for _ in range(2):  # Lambda retries what it believes to have failed
        world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig"))
    assert relay.run_out() == 1
    world.log()
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig"))  # also when the part has ended
    assert relay.run_out() == 0
    assert sentence("continuation.part_sweep_handed") in [line["message"] for line in world.log()]


def name_of(part: int, relay: Relay, **fields: str) -> str:
    """Return the name of the execution of a part of a sweep."""
    Continuation(event("scheduled") | fields, Position(part, "7", "")).start(Clients(None, None), 1)
    (running,) = relay.steps.list_executions(stateMachineArn=MACHINE, statusFilter="RUNNING")["executions"]
    relay.take()
    return running["name"]


def test_nothing_is_taken_for_another_part_of_another_sweep(relay: Relay) -> None:
    tomorrow = event("scheduled")["invokingEvent"].replace("06:", "07:")
    names = [
        name_of(2, relay),
        name_of(3, relay),
        name_of(2, relay, invokingEvent=tomorrow),
        name_of(2, relay, configRuleName="another"),
        name_of(2, relay, accountId="222233334444"),
    ]
    assert len(set(names)) == 5
    assert all(re.fullmatch(r"[0-9a-f]{40}", one) for one in names)


def test_repositories_that_come_and_go_between_invocations(world: World, relay: Relay) -> None:
    furnish(world)
    world.evaluator.handle(event("scheduled"), relay.over_at("get_repository_policy"))
    boto3.client("ecr").delete_repository(repositoryName=LIVE[0])
    boto3.client("ecr").delete_repository(repositoryName=RECORDED[0])
    world.create("born-in-the-middle", OPEN)
    relay.run_out()
    expected = TRUTH | {"born-in-the-middle": "NON_COMPLIANT", RECORDED[0]: "NOT_APPLICABLE"}
    del expected[LIVE[0]]  # it never had a result
    assert {name: result for name, result in world.shown().items() if name != LIVE[0]} == expected


def test_an_inventory_that_forgot_where_it_was_is_replaced_by_ecr(world: World, relay: Relay) -> None:
    furnish(world)
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig", 2))
    world.config.fail("SelectResourceConfig", "InvalidNextTokenException")
    relay.run_out()
    assert world.shown() == TRUTH
    assert set(world.policies_read) == {*RECORDED[2:], *LIVE, *GONE}


def test_what_could_not_be_read_is_tried_again_at_the_end_and_named_there(world: World, relay: Relay) -> None:
    names = [f"r-{number:03}" for number in range(150)]
    for name in names:
        world.create(name, OPEN)
    refuse_policy_of(relay.monkeypatch, "r-000", "ServerException")
    world.evaluator.handle(event("scheduled"), relay.over_at("get_repository_policy", 100))
    assert "r-000" not in world.shown()
    with pytest.raises(SweepIncompleteError, match=re.escape(sentence("sweep.repository_could_not_read_2"))):
        relay.run_out()
    assert sorted(world.shown()) == names[1:]
    # Twice, if its attempts in the first invocation ended before the deadline.
    assert len([line for line in world.log() if line["message"] == "repository could not be read"]) in (1, 2)


def test_what_is_refused_is_settled_at_the_very_end_and_the_sweep_is_complete(world: World, relay: Relay) -> None:
    names = [f"r-{number:03}" for number in range(150)]
    for name in names:
        world.create(name, SAFE)
    refuse_policy_of(relay.monkeypatch, "r-000")
    world.evaluator.handle(event("scheduled"), relay.over_at("get_repository_policy", 100))
    assert relay.run_out() == 1
    assert world.shown() == dict.fromkeys(names, "COMPLIANT") | {"r-000": "NON_COMPLIANT"}


def test_what_can_be_read_at_the_end_is_no_fault(world: World, relay: Relay) -> None:
    names = [f"r-{number:03}" for number in range(150)]
    for name in names:
        world.create(name, OPEN)
    with relay.monkeypatch.context() as for_a_while:
        refuse_policy_of(for_a_while, "r-000")
        world.evaluator.handle(event("scheduled"), relay.over_at("get_repository_policy", 100))
        message = relay.take()
    assert message
    relay.go_on(message)
    assert sorted(world.shown()) == names


def test_what_config_refused_is_sent_again_by_the_last_invocation(world: World, relay: Relay) -> None:
    furnish(world)
    world.config.refuse(RECORDED[1], times=4)
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig", 2))
    assert RECORDED[1] not in world.shown()
    assert relay.run_out() == 1
    assert world.shown() == TRUTH


def test_what_config_refuses_for_good_fails_the_last_invocation(world: World, relay: Relay) -> None:
    furnish(world)
    world.config.refuse(RECORDED[1], times=99)
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig", 2))
    with pytest.raises(EvaluationsRefusedError, match=RECORDED[1]):
        relay.run_out()
    assert world.shown() == {name: result for name, result in TRUTH.items() if name != RECORDED[1]}


def run_of(day: int) -> dict[str, Any]:
    invoking = {"messageType": "ScheduledNotification", "notificationCreationTime": f"2026-12-{day:02}T09:00:00.000Z"}
    return event("scheduled") | {"invokingEvent": json.dumps(invoking)}


def test_a_result_token_that_ends_loses_no_result(world: World, relay: Relay) -> None:
    """What was reported stays, the error says what is left, and the next run reports the rest."""
    furnish(world)
    tokens = set(world.config.tokens)
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig", 3))
    reported = world.shown()
    world.config.tokens.clear()
    with pytest.raises(SweepUnfinishedError, match=re.escape(sentence("evaluator.aws_config_no_longer"))):
        relay.run_out()
    assert world.shown() == reported
    world.config.tokens |= tokens
    world.evaluator.handle(run_of(2), Time())
    assert world.shown() == TRUTH


def test_a_result_token_that_is_bad_from_the_start_fails_the_invocation(world: World, relay: Relay) -> None:
    furnish(world)
    world.config.tokens.clear()
    with pytest.raises(ClientError, match="InvalidResultTokenException"):
        world.evaluator.handle(event("scheduled"), Time())
    assert relay.take() is None


def test_runs_that_end_early_do_not_leave_out_the_same_repositories(world: World, relay: Relay) -> None:
    for name in LIVE:
        world.create(name, OPEN)
    tokens = set(world.config.tokens)
    for day in range(1, 29):
        world.evaluator.handle(run_of(day), relay.over_at("get_repository_policy", 2))
        world.config.tokens.clear()
        with pytest.raises(SweepUnfinishedError):
            relay.run_out()
        world.config.tokens |= tokens
    assert set(world.shown()) == set(LIVE)


def test_where_a_sweep_stands_is_written(world: World, relay: Relay) -> None:
    furnish(world)
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig", 3))
    (line,) = world.warnings()
    assert line["message"] == sentence("evaluator.sweep_continues_another")
    assert {key: line[key] for key in ("part", "next", "listed", "left", "judged")} == {
        "part": 1,
        "next": 2,
        "listed": len(RECORDED + LIVE),
        "left": len(RECORDED + LIVE) - 4,
        "judged": 4,
    }
    relay.run_out()
    *_, line, _ = world.log()
    assert (line["message"], line["part"], line["left"]) == ("sweep ended", 2, 0)


def test_before_all_are_listed_nobody_knows_how_many_are_left(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(world)
    world.evaluator.handle(event("scheduled"), relay.over_at("describe_repositories"))
    (line,) = world.warnings()
    assert (line["listed"], line["left"], line["judged"]) == (None, None, 0)
    monkeypatch.delenv(STATE_MACHINE)
    with pytest.raises(SweepUnfinishedError, match="repositories left: all"):
        world.evaluator.handle(event("scheduled"), relay.over_at("describe_repositories"))


def test_without_a_state_machine_the_invocation_fails_after_its_results_were_reported(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(world)
    monkeypatch.delenv(STATE_MACHINE)
    with pytest.raises(SweepUnfinishedError, match=re.escape(sentence("continuation.repositories_left_function"))):
        world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig", 2))
    assert set(RECORDED[:2]) <= set(world.shown())


def test_a_sweep_does_not_go_on_for_ever(world: World, relay: Relay) -> None:
    furnish(world)
    world.evaluator.handle(event("scheduled"), relay.over_at("SelectResourceConfig"))
    message = relay.take()
    assert message
    last = message | {"position": message["position"] | {"part": MOST_PARTS}}
    with pytest.raises(SweepUnfinishedError, match=f"it has taken {MOST_PARTS} invocations"):
        relay.go_on(last, relay.over_at("SelectResourceConfig"))


def test_the_state_machine_is_started_by_the_function_itself_whatever_role_it_assumed(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.create("safe")
    assumed: list[bool] = []
    evaluator = CrossAccountEvaluator(CrossAccountRule(), pause=lambda _: None)
    build = Clients.build_client

    def build_client(self: Clients, service: str, region: str | None = None, assume_role_mode: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - rdklib's
        if service == "stepfunctions":
            assumed.append(assume_role_mode)
        return build(self, service, region, assume_role_mode)

    monkeypatch.setattr(Clients, "build_client", build_client)
    evaluator.handle(event("scheduled", ExecutionRoleName="ecr-reader"), relay.over_at("describe_repositories"))
    assert assumed == [False]


GOOD: dict[str, Any] = {
    "version": 1,
    "event": {
        key: value
        for key, value in event("scheduled").items()
        if key not in ("version", "eventLeftScope", "evaluationMode")
    },
    "position": {"part": 2, "token": "", "ledger": ""},
}
CHANGE = GOOD["event"] | {"invokingEvent": event("change-policy-text")["invokingEvent"]}


@pytest.mark.parametrize(
    "poison, complaint",
    [
        (GOOD | {"version": 2}, "expected version 1"),
        (GOOD | {"more": 1}, "this is no part of a sweep"),
        (GOOD | {"event": []}, "the event has no `event`"),
        (GOOD | {"event": GOOD["event"] | {"x": 1}}, "only a sweep is continued"),
        (GOOD | {"event": CHANGE}, "only a sweep is continued"),
        (GOOD | {"event": {}}, sentence("record.event_no_invokingevent")),
        (GOOD | {"position": []}, "the event has no `position`"),
        (GOOD | {"position": {}}, "not nothing"),
        (GOOD | {"position": GOOD["position"] | {"x": 1}}, "part, token and ledger, not"),
        *[
            (GOOD | {"position": GOOD["position"] | {"part": part}}, "is not a part of a sweep")
            for part in (1, 0, -1, MOST_PARTS + 1, True, "2", 2.5, None)
        ],
        (GOOD | {"position": GOOD["position"] | {"token": 7}}, "that are not text"),
        (GOOD | {"position": GOOD["position"] | {"ledger": None}}, "that are not text"),
        (GOOD | {"position": GOOD["position"] | {"ledger": "garbage"}}, "cannot be read"),
        (event("scheduled") | {"position": GOOD["position"]}, "this is no part of a sweep"),
        ({"position": GOOD["position"]}, "this is no part of a sweep"),
    ],
)
def test_what_is_no_part_of_a_sweep_is_refused_untouched(
    world: World, relay: Relay, poison: dict[str, Any], complaint: str
) -> None:
    world.create("open", OPEN)
    with pytest.raises(EventError, match=complaint):
        relay.go_on(poison)
    assert "PutEvaluations" not in world.config.operations()


def test_a_good_part_is_answered(world: World, relay: Relay) -> None:
    world.create("open", OPEN)
    assert relay.go_on(GOOD) == {"NON_COMPLIANT": 1}


def test_a_function_without_a_state_machine_continues_nothing(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(STATE_MACHINE)
    with pytest.raises(EventError, match=re.escape(sentence("continuation.function_continues_no_sweeps"))):
        relay.go_on(GOOD)
    assert world.config.calls == []
