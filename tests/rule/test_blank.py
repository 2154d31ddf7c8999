"""A blank policy in AWS Config. It counts as no policy only if ECR says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from tests.events import changed, event, load, with_policy
from tests.rule.registry import AFTER, BEFORE, OPEN, SAFE, SCHEDULED_AT, World, earlier_result, row
from tests.wording import sentence

BLANKS: list[object] = [{}, None, "", " ", "{}", "null"]
CAPTURED = 1795166142.318
"""The time of the item of `change-policy-text`, in seconds."""


@pytest.mark.parametrize("blank", BLANKS, ids=repr)
@pytest.mark.parametrize("live, expected", [(OPEN, "NON_COMPLIANT"), (SAFE, "COMPLIANT"), (None, "COMPLIANT")])
def test_a_change_that_shows_a_blank_is_judged_by_what_ecr_has(
    world: World, blank: object, live: str | None, expected: str
) -> None:
    world.create("demodev", live)
    world.evaluator.handle(with_policy(blank))
    assert world.policies_read == ["demodev"]
    assert world.shown() == {"demodev": expected}


@pytest.mark.parametrize("name", ["change-no-policy", "change-policy-empty-text", "change-policy-null"])
def test_a_blank_of_a_repository_that_is_gone_is_not_applicable(world: World, name: str) -> None:
    world.evaluator.handle(event(name))
    assert [*world.shown().values()] == ["NOT_APPLICABLE"]


def test_a_blank_turns_no_earlier_result_green(world: World) -> None:
    world.create("demodev", OPEN)
    earlier_result(world.config, "demodev", at=CAPTURED - 60)
    world.evaluator.handle(with_policy({}))
    assert world.shown() == {"demodev": "NON_COMPLIANT"}


def test_an_item_of_the_history_that_shows_a_blank_is_judged_by_what_ecr_has(world: World) -> None:
    items: list[dict[str, Any]] = load("history")
    world.config.history["team/large"] = [one | {"configuration": '{"RepositoryPolicyText": {}}'} for one in items]
    world.create("team/large", OPEN)
    world.evaluator.handle(event("oversized"))
    assert world.shown() == {"team/large": "NON_COMPLIANT"}


@pytest.mark.parametrize("blank", BLANKS, ids=repr)
def test_a_row_that_shows_a_blank_is_judged_by_what_ecr_has(world: World, blank: object) -> None:
    world.create("open", OPEN)
    world.create("bare")
    world.config.inventory = [row("open", blank), row("bare", blank)]
    earlier_result(world.config, "open", at=SCHEDULED_AT - 3600)
    assert world.sweep() == {"NON_COMPLIANT": 1, "COMPLIANT": 1}
    assert sorted(world.policies_read) == ["bare", "open"]
    assert world.shown() == {"open": "NON_COMPLIANT", "bare": "COMPLIANT"}


def test_a_policy_that_config_never_saw_is_found_although_its_row_has_been_confirmed_before(world: World) -> None:
    world.create("bare")
    world.config.inventory = [row("bare", {}, BEFORE)]
    world.sweep()
    assert world.shown() == {"bare": "COMPLIANT"}
    # It denies Config's role, so Config sees no change, and the row stays.
    boto3.client("ecr").set_repository_policy(repositoryName="bare", policyText=OPEN)
    world.sweep()
    assert world.shown() == {"bare": "NON_COMPLIANT"}


def test_a_blank_that_ecr_confirms_again_is_not_sent_again(world: World) -> None:
    world.create("bare")
    world.config.inventory = [row("bare", {})]
    world.sweep()
    world.config.calls.clear()
    assert world.sweep() == {}
    assert world.sent() == {}


def test_a_blank_costs_one_call_to_ecr_and_others_cost_none(world: World) -> None:
    names = [f"r-{number:02}" for number in range(30)]
    for name in names:
        world.create(name)
    world.config.inventory = [row(name, {} if number % 3 else SAFE) for number, name in enumerate(names)]
    world.sweep()
    assert sorted(world.policies_read) == [name for number, name in enumerate(names) if number % 3]


@pytest.mark.parametrize("shown", [{"configuration": None}, {"configuration": {"Tags": []}}, {"configuration": {}}])
@pytest.mark.parametrize("captured", [AFTER, BEFORE])
def test_an_inventory_that_shows_no_policy_of_this_type_leaves_all_to_ecr(
    world: World, shown: Mapping[str, object], captured: str
) -> None:
    world.create("open", OPEN)
    world.create("bare")
    world.config.inventory = [row(name, captured=captured, **shown) for name in ("open", "bare")]
    world.sweep()
    assert sorted(world.policies_read) == ["bare", "open"]
    assert world.shown() == {"open": "NON_COMPLIANT", "bare": "COMPLIANT"}


@pytest.mark.parametrize("policy_at, pages", [(None, 11), (0, 30), (9, 30)])
def test_an_inventory_whose_first_ten_pages_show_no_policy_is_not_read_on(
    world: World, policy_at: int | None, pages: int
) -> None:
    names = [f"r-{number:02}" for number in range(30)]
    for name in names:
        world.create(name)
    world.config.inventory = [row(name, SAFE if number == policy_at else {}) for number, name in enumerate(names)]
    world.config.page_size = 1
    world.sweep()
    assert world.config.operations().count("SelectResourceConfig") == pages  # a page is fetched ahead
    assert world.shown() == dict.fromkeys(names, "COMPLIANT")
    warned = [line["reason"] for line in world.warnings()]
    assert warned == ([] if pages == 30 else [sentence("sweep.first_pages_show")])


def test_an_item_without_a_configuration_is_judged_by_what_ecr_has(world: World) -> None:
    world.create("demodev", OPEN)
    world.evaluator.handle(changed("change-policy-text", configuration=None))
    assert world.shown() == {"demodev": "NON_COMPLIANT"}
