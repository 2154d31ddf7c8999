"""With any events in any order, Config finally shows the truth."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from ecr_crossaccount.config_rule import inventory, reading
from ecr_crossaccount.config_rule.continuation import OWN_NAME, STATE_MACHINE
from ecr_crossaccount.config_rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.config_rule.rule import CrossAccountRule
from ecr_crossaccount.security_hub import ENABLED

from tests.config_rule.registry import SCHEDULED_AT
from tests.config_rule.relay import FUNCTION, MACHINE
from tests.config_rule.simulation import Cloud, OneThread, scheduled

COURSES = 60
QUIET = SCHEDULED_AT + 7200


@pytest.fixture(autouse=True)
def here_and_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "ThreadPoolExecutor", OneThread)
    monkeypatch.setattr(reading, "ThreadPoolExecutor", OneThread)
    monkeypatch.setenv(STATE_MACHINE, MACHINE)
    monkeypatch.setenv(OWN_NAME, FUNCTION)


def evaluator_in(cloud: Cloud) -> CrossAccountEvaluator:
    now = lambda: datetime.fromtimestamp(cloud.now, UTC)  # noqa: E731 - one line
    clients: Any = cloud
    evaluator = CrossAccountEvaluator(CrossAccountRule(), pause=lambda _: None, now=now, clients=lambda *_: clients)
    cloud.deliver = evaluator.handle
    return evaluator


def sweep(evaluator: CrossAccountEvaluator, cloud: Cloud, moment: float) -> None:
    """Run a scheduled sweep, in several invocations if it runs out of time. Some of them are repeated."""
    cloud.wait_until(moment)
    cloud.calls, cloud.over_after = 0, cloud.rng.choice((None, *range(12)))
    evaluator.handle(scheduled(moment), cloud)
    while cloud.parts:
        part = cloud.parts.pop(next(iter(cloud.parts)))
        for _ in range(cloud.rng.choice((1, 1, 2))):
            cloud.calls, cloud.over_after = 0, cloud.rng.choice((None, None, 8, 12))
            evaluator.handle(part, cloud)


@pytest.mark.parametrize("seed", range(COURSES))
def test_a_sweep_never_makes_config_show_less_than_the_events_did(seed: int) -> None:
    cloud = Cloud(random.Random(seed))  # noqa: S311 - for a simulation
    evaluator = evaluator_in(cloud)
    for moment in (SCHEDULED_AT - 600, SCHEDULED_AT, SCHEDULED_AT + 400):
        sweep(evaluator, cloud, moment)
    cloud.wait_until(QUIET)
    assert cloud.answered() == cloud.truth()


@pytest.mark.parametrize("seed", range(COURSES))
def test_a_sweep_makes_good_whatever_events_were_lost(seed: int) -> None:
    cloud = Cloud(random.Random(seed), lost=0.5)  # noqa: S311 - for a simulation
    evaluator = evaluator_in(cloud)
    for moment in (SCHEDULED_AT, SCHEDULED_AT + 400):
        sweep(evaluator, cloud, moment)
    sweep(evaluator, cloud, QUIET)
    assert cloud.answered() == cloud.truth()


@pytest.mark.parametrize("seed", range(COURSES))
def test_a_sweep_finds_what_config_cannot_see(seed: int) -> None:
    cloud = Cloud(random.Random(seed), states=("hidden", "bare", "hidden", "safe"))  # noqa: S311 - for a simulation
    evaluator = evaluator_in(cloud)
    sweep(evaluator, cloud, SCHEDULED_AT)
    sweep(evaluator, cloud, QUIET)
    assert cloud.answered() == cloud.truth()


@pytest.mark.parametrize("seed", range(COURSES // 2))
@pytest.mark.parametrize("lost", [0.0, 0.5])
def test_security_hub_ends_up_with_the_findings_of_what_is_open(
    seed: int, lost: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENABLED, "true")
    cloud = Cloud(random.Random(seed), lost=lost)  # noqa: S311 - for a simulation
    evaluator = evaluator_in(cloud)
    for moment in (SCHEDULED_AT, SCHEDULED_AT + 400, QUIET):
        sweep(evaluator, cloud, moment)
    assert cloud.answered() == cloud.truth()
    assert cloud.open_findings() == {name for name, one in cloud.truth().items() if one == "NON_COMPLIANT"}
