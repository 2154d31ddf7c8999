"""With any events in any order, and in any container, Config finally shows the truth."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from ecr_crossaccount.config_rule import inventory, reading
from ecr_crossaccount.config_rule.continuation import QUEUE_URL
from ecr_crossaccount.config_rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.config_rule.rule import CrossAccountRule
from ecr_crossaccount.security_hub import ENABLED

from tests.config_rule.registry import SCHEDULED_AT
from tests.config_rule.relay import handed_over
from tests.config_rule.simulation import Cloud, OneThread, scheduled
from tests.events import ACCOUNT

COURSES = 60
CONTAINERS = 3
LAST_SWEEP = SCHEDULED_AT + 400
QUIET = SCHEDULED_AT + 7200


@pytest.fixture(autouse=True)
def here_and_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "ThreadPoolExecutor", OneThread)
    monkeypatch.setattr(reading, "ThreadPoolExecutor", OneThread)
    monkeypatch.setenv(QUEUE_URL, f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/sweeps.fifo")


class Containers:
    """Lambda's containers. Each event goes to any of them, and each remembers what it did before."""

    def __init__(self, cloud: Cloud) -> None:
        now = lambda: datetime.fromtimestamp(cloud.now, UTC)  # noqa: E731 - one line
        clients: Any = cloud
        self._rng = cloud.rng
        self._all = [
            CrossAccountEvaluator(CrossAccountRule(now=now), pause=lambda _: None, now=now, clients=lambda *_: clients)
            for _ in range(CONTAINERS)
        ]
        cloud.deliver = self.handle

    def handle(self, event: dict[str, Any], context: object = None) -> object:
        return self._rng.choice(self._all).handle(event, context)


def sweep(containers: Containers, cloud: Cloud, moment: float) -> None:
    """Run a scheduled sweep, in several invocations if it runs out of time. Some of them are repeated."""
    cloud.wait_until(moment)
    cloud.calls, cloud.over_after = 0, cloud.rng.choice((None, *range(12)))
    containers.handle(scheduled(moment), cloud)
    while cloud.messages:
        message = cloud.messages.pop(0)
        for _ in range(cloud.rng.choice((1, 1, 2))):
            cloud.calls, cloud.over_after = 0, cloud.rng.choice((None, None, 8, 12))
            containers.handle(handed_over(message), cloud)


@pytest.mark.parametrize("seed", range(COURSES))
def test_a_sweep_never_makes_config_show_less_than_the_events_did(seed: int) -> None:
    cloud = Cloud(random.Random(seed), LAST_SWEEP)  # noqa: S311 - for a simulation
    containers = Containers(cloud)
    for moment in (SCHEDULED_AT - 600, SCHEDULED_AT, LAST_SWEEP):
        sweep(containers, cloud, moment)
    cloud.wait_until(QUIET)
    assert cloud.answered() == cloud.truth()


@pytest.mark.parametrize("seed", range(COURSES))
def test_a_sweep_makes_good_whatever_events_were_lost(seed: int) -> None:
    cloud = Cloud(random.Random(seed), LAST_SWEEP, lost=0.5)  # noqa: S311 - for a simulation
    containers = Containers(cloud)
    for moment in (SCHEDULED_AT, LAST_SWEEP):
        sweep(containers, cloud, moment)
    sweep(containers, cloud, QUIET)
    assert cloud.answered() == cloud.truth()


@pytest.mark.parametrize("seed", range(COURSES))
def test_a_sweep_finds_what_config_cannot_see(seed: int) -> None:
    cloud = Cloud(random.Random(seed), LAST_SWEEP, states=("hidden", "bare", "hidden", "safe"))  # noqa: S311 - for a simulation
    containers = Containers(cloud)
    sweep(containers, cloud, SCHEDULED_AT)
    sweep(containers, cloud, QUIET)
    assert cloud.answered() == cloud.truth()


@pytest.mark.parametrize("seed", range(COURSES // 2))
@pytest.mark.parametrize("lost", [0.0, 0.5])
def test_security_hub_ends_up_with_the_findings_of_what_is_open(
    seed: int, lost: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENABLED, "true")
    cloud = Cloud(random.Random(seed), LAST_SWEEP, lost=lost)  # noqa: S311 - for a simulation
    containers = Containers(cloud)
    for moment in (SCHEDULED_AT, LAST_SWEEP, QUIET):
        sweep(containers, cloud, moment)
    assert cloud.answered() == cloud.truth()
    assert cloud.open_findings() == {name for name, one in cloud.truth().items() if one == "NON_COMPLIANT"}
