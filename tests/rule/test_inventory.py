"""Policies from Config's inventory, a hundred for each call: when they count, and when ECR is read."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from ecr_crossaccount.products.rule.recorder import problem_of

from tests.rule.registry import AFTER, BEFORE, OPEN, SAFE, SCHEDULED_AT, World, earlier_result, row
from tests.wording import sentence


def test_a_recorded_policy_is_judged_as_of_its_recording_and_ecr_is_not_asked(world: World) -> None:
    world.create("open", OPEN)
    world.create("safe")
    world.config.inventory = [row("open", OPEN, BEFORE), row("safe")]
    assert world.sweep() == {"NON_COMPLIANT": 1, "COMPLIANT": 1}
    assert world.policies_read == []
    assert world.sent() == {"open": SCHEDULED_AT - 86400, "safe": SCHEDULED_AT - 1}


def test_what_ecr_lists_and_config_has_not_recorded_is_read_from_ecr(world: World) -> None:
    world.create("recorded")
    world.create("new", OPEN)
    world.config.inventory = [row("recorded")]
    world.sweep()
    assert world.policies_read == ["new"]
    assert world.shown() == {"recorded": "COMPLIANT", "new": "NON_COMPLIANT"}
    assert world.sent()["new"] == SCHEDULED_AT


def test_what_config_still_has_and_ecr_does_not_list_is_not_judged(world: World) -> None:
    world.create("there")
    world.config.inventory = [row("there"), row("gone", OPEN)]
    world.sweep()
    assert world.shown() == {"there": "COMPLIANT"}


def test_a_row_older_than_the_result_that_config_shows_never_replaces_it(world: World) -> None:
    world.create("opened", OPEN)
    earlier_result(world.config, "opened", at=SCHEDULED_AT - 60, Annotation="by the change")
    world.config.inventory = [row("opened", SAFE, BEFORE)]  # from before it was opened
    world.sweep()
    assert world.policies_read == ["opened"]
    assert world.shown() == {"opened": "NON_COMPLIANT"}
    assert world.sent() == {"opened": SCHEDULED_AT}


def test_a_row_of_the_second_of_the_result_does_not_replace_it_either(world: World) -> None:
    world.create("opened", OPEN)
    earlier_result(world.config, "opened", at=SCHEDULED_AT - 1)  # the fraction of a second may be missing
    world.config.inventory = [row("opened", SAFE, AFTER)]
    world.sweep()
    assert world.policies_read == ["opened"]


def test_a_row_newer_than_the_result_that_config_shows_replaces_it(world: World) -> None:
    world.create("closed")
    earlier_result(world.config, "closed", at=SCHEDULED_AT - 3600)
    world.config.inventory = [row("closed")]
    world.sweep()
    assert world.policies_read == []
    assert world.shown() == {"closed": "COMPLIANT"}


def test_what_has_not_changed_is_not_sent_again_however_old_its_row(world: World) -> None:
    names = {f"r/{number}": OPEN if number % 2 else SAFE for number in range(30)}
    for name, policy in names.items():
        world.create(name, policy)
    world.config.inventory = [row(name, policy, BEFORE) for name, policy in names.items()]
    world.sweep()
    first = world.shown()
    world.config.calls.clear()
    assert world.sweep() == {}
    assert world.sent() == {}
    assert world.policies_read == []
    assert world.shown() == first


def test_a_sweep_that_read_everything_from_ecr_leaves_nothing_to_send_for_the_next_by_inventory(world: World) -> None:
    world.create("open", OPEN)
    world.create("safe")
    world.sweep()
    world.config.inventory = [row("open", OPEN, BEFORE), row("safe", SAFE, BEFORE)]
    world.policies_read.clear()
    assert world.sweep() == {}
    assert world.policies_read == []


def test_another_annotation_is_a_change(world: World) -> None:
    world.create("open", OPEN)
    earlier_result(world.config, "open", Annotation="HIGH: as an older release said it")
    world.sweep()
    assert world.config.results["open"]["Annotation"].startswith("CRITICAL: any AWS account can ")


def test_another_trust_alone_is_sent_where_it_is_open_and_not_where_it_is_compliant(world: World) -> None:
    world.create("open", OPEN)
    world.create("safe")
    world.sweep()
    assert world.sweep(trustedAccounts="222233334444") == {"NON_COMPLIANT": 1}
    assert world.config.results["open"]["Annotation"].endswith("; trust: 1 entry of the parameters")
    assert world.config.results["safe"]["Annotation"] == "trust: nobody"


def test_trust_that_ends_changes_a_result_although_the_policy_stays(world: World) -> None:
    policy = OPEN.replace('"*"', '{"AWS": "222233334444"}', 1).replace("ecr:*", "ecr:BatchGetImage")
    world.create("partner", policy)
    world.config.inventory = [row("partner", policy, BEFORE)]
    world.sweep(trustedAccounts="222233334444")
    assert world.shown() == {"partner": "COMPLIANT"}
    world.sweep()
    assert world.shown() == {"partner": "NON_COMPLIANT"}


def test_a_result_of_a_change_in_the_middle_of_the_sweep_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.create("going-open", OPEN)
    world.config.inventory = [row("going-open", SAFE, BEFORE)]
    answer = world.config.answer

    def with_a_change(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        answered = answer(operation, request)
        if operation == "SelectResourceConfig":  # by now the sweep has read Config's results
            earlier_result(world.config, "going-open", at=SCHEDULED_AT - 5)
        return answered

    monkeypatch.setattr(world.config, "answer", with_a_change)
    world.sweep()
    assert world.shown() == {"going-open": "NON_COMPLIANT"}


def test_tags_are_taken_from_the_row(world: World) -> None:
    by_tag = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"} | {
        "Condition": {"StringEquals": {"aws:ResourceTag/shared": "yes"}}
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [by_tag]})
    world.create("private")
    world.create("shared")
    world.config.inventory = [
        row("private", policy, tags=[{"tag": "shared=no", "key": "shared", "value": "no"}]),
        row("shared", policy, tags=[{"tag": "shared=yes", "key": "shared", "value": "yes"}]),
    ]
    world.sweep()
    assert world.shown() == {"private": "COMPLIANT", "shared": "NON_COMPLIANT"}
    assert world.policies_read == []


def test_a_row_that_does_not_show_all_that_counts_is_as_good_as_none(world: World) -> None:
    spoilt: list[Any] = [
        row("no-policy", configuration={"RepositoryName": "no-policy", "Tags": []}),
        row("no-tags", tags=None, configuration={"RepositoryPolicyText": SAFE}),
        row("elsewhere", accountId="444455556666"),
        row("abroad", awsRegion="us-east-1"),
        row("deleted", configurationItemStatus="ResourceDeleted"),
        row("public", resourceType="AWS::ECR::PublicRepository"),
        row("no-time", captured=""),
        row("odd-time", captured="yesterday"),
        row("no-name", resourceId=None),
        row("odd-configuration", configuration="{"),
        row("deep-configuration", configuration="[" * 100_000),
        ["list"],
        None,
    ]
    names = sorted(one["arn"].partition("/")[2] for one in spoilt[:11])
    for name in names:
        world.create(name, OPEN)
    world.config.inventory = spoilt
    world.sweep()
    assert sorted(world.policies_read) == names
    assert world.shown() == dict.fromkeys(names, "NON_COMPLIANT")


def test_the_inventory_is_read_a_hundred_rows_a_call_page_by_page(world: World) -> None:
    names = [f"r-{number:03}" for number in range(250)]
    for name in names:
        world.create(name)
    world.config.inventory = [row(name) for name in names]
    world.sweep()
    asked = [request for operation, request in world.config.calls if operation == "SelectResourceConfig"]
    assert [(request["Limit"], request.get("NextToken")) for request in asked] == [
        (100, None),
        (100, "100"),
        (100, "200"),
    ]
    assert sorted(world.shown()) == names
    assert world.policies_read == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidNextTokenException"])
@pytest.mark.parametrize("page", [0, 1, 2])
def test_an_inventory_that_breaks_off_is_said_and_the_rest_asked_of_ecr(world: World, page: int, code: str) -> None:
    names = [f"r{number}" for number in range(6)]
    for name in names:
        world.create(name, OPEN)
    world.config.inventory = [row(name, OPEN) for name in names]
    world.config.page_size = 2
    world.config.fail("SelectResourceConfig", code, after=page)
    assert world.sweep() == {"NON_COMPLIANT": 6}
    assert sorted(world.policies_read) == names[page * 2 :]
    (warning,) = world.warnings()
    assert sentence("sweep.aws_configs_inventory") in warning["message"]
    assert code in warning["reason"]


RECORDER: dict[str, Any] = {"name": "default", "recordingGroup": {"allSupported": True}}
DAILY, AT_ONCE = {"recordingFrequency": "DAILY"}, {"recordingFrequency": "CONTINUOUS"}
OURS, OTHERS = {"resourceTypes": ["AWS::ECR::Repository"]}, {"resourceTypes": ["AWS::S3::Bucket"]}


@pytest.mark.parametrize(
    "fault, reason",
    [
        ((None, {}), "there is no recorder"),
        ((RECORDER, {"recording": False}), "the recorder is stopped"),
        ((RECORDER, {"lastStatus": "Failure", "lastErrorCode": "NoAccess"}), "the recorder fails (NoAccess)"),
        ((RECORDER, {"lastStatus": "NotApplicable"}), sentence("recorder.does_not_say_succeeds")),
        ((RECORDER, {"lastStatus": None}), sentence("recorder.does_not_say_succeeds_nothing")),
        ((RECORDER | {"servicePrincipal": "observability.amazonaws.com"}, {}), "there is no recorder"),
        (({"recordingGroup": {"allSupported": False}}, {}), "leaves out AWS::ECR::Repository"),
        ((RECORDER | {"recordingMode": DAILY}, {}), sentence("recorder.recorder_records_once")),
        ((RECORDER | {"recordingMode": AT_ONCE | {"recordingModeOverrides": [OURS | DAILY]}}, {}), "once a day"),
        (({"recordingGroup": {"exclusionByResourceTypes": OURS}}, {}), "leaves out AWS::ECR::Repository"),
        (({"recordingGroup": {"allSupported": False} | OTHERS}, {}), "leaves out AWS::ECR::Repository"),
    ],
)
def test_an_inventory_that_may_be_behind_is_said_and_not_used(
    world: World, fault: tuple[dict[str, Any] | None, dict[str, Any]], reason: str
) -> None:
    world.create("opened", OPEN)
    world.config.inventory = [row("opened")]
    world.config.recorder, status = fault
    known = world.config.recorder_status | status
    world.config.recorder_status = {name: value for name, value in known.items() if value is not None}
    world.sweep()
    assert world.shown() == {"opened": "NON_COMPLIANT"}
    (warning,) = world.warnings()
    assert reason in warning["reason"]
    assert "SelectResourceConfig" not in world.config.operations()


@pytest.mark.parametrize(
    "recorder",
    [
        {"name": "default"},
        RECORDER | {"recordingMode": AT_ONCE | {"recordingModeOverrides": [OTHERS | DAILY]}},
        RECORDER | {"recordingMode": DAILY | {"recordingModeOverrides": [OURS | AT_ONCE]}},
        {"recordingGroup": {"allSupported": False} | OURS},
        {"recordingGroup": {"exclusionByResourceTypes": OTHERS}},
        {
            "recordingGroup": {
                "allSupported": False,
                "exclusionByResourceTypes": {"resourceTypes": []},
                "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
            }
        },
    ],
)
def test_a_recorder_that_looks_at_once_is_believed(world: World, recorder: dict[str, Any]) -> None:
    world.create("safe")
    world.config.inventory = [row("safe")]
    world.config.recorder = recorder
    world.config.recorder_status |= {"lastStatus": "Success"}
    world.sweep()
    assert world.policies_read == []


def test_of_several_recorders_nobody_knows_which_one_records() -> None:
    status = [{"name": name, "recording": True, "lastStatus": "Success"} for name in ("default", "other")]
    config: Any = SimpleNamespace(
        describe_configuration_recorder_status=lambda: {"ConfigurationRecordersStatus": status},
        describe_configuration_recorders=lambda: {"ConfigurationRecorders": [RECORDER]},
    )
    assert problem_of(config) == "there are several recorders"
    status[1]["servicePrincipal"] = "observability.amazonaws.com"
    assert problem_of(config) is None


def test_without_permission_to_ask_about_the_recorder_the_inventory_is_not_used(world: World) -> None:
    world.create("safe")
    world.config.inventory = [row("safe")]
    world.config.fail("DescribeConfigurationRecorderStatus", "AccessDeniedException")
    world.sweep()
    assert world.policies_read == ["safe"]
    assert world.shown() == {"safe": "COMPLIANT"}
