"""With any events in any order, and in any container, Config finally shows the truth."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from ecr_crossaccount.products.rule import inventory
from ecr_crossaccount.products.rule.continuation import OWN_NAME, STATE_MACHINE
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.parameters import SECURITY_HUB
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from ecr_crossaccount.sources.aws import retries as reading
from hypothesis import given
from hypothesis import strategies as some

from tests.profiles import examples
from tests.rule.registry import SCHEDULED_AT
from tests.rule.relay import FUNCTION, MACHINE
from tests.rule.simulation import ATTEMPTS, REFUSALS, Cloud, OneThread, scheduled

CONTAINERS = 3
LAST_SWEEP = SCHEDULED_AT + 400
QUIET = SCHEDULED_AT + 7200


def law(test: Callable[..., None]) -> Callable[..., None]:
    """Try a test on the courses with 30 seeds, or with many new ones in `make verify-nightly`."""
    return examples(480)(given(seed=some.integers(0, 2**32 - 1))(test))


@pytest.fixture(autouse=True)
def here_and_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECURITY_HUB, "true")
    monkeypatch.setattr(inventory, "ThreadPoolExecutor", OneThread)
    monkeypatch.setattr(reading, "ThreadPoolExecutor", OneThread)
    monkeypatch.setenv(STATE_MACHINE, MACHINE)
    monkeypatch.setenv(OWN_NAME, FUNCTION)


class Containers:
    """Lambda's containers. Each event goes to any of them, and each remembers what it did before."""

    def __init__(self, cloud: Cloud) -> None:
        now = lambda: datetime.fromtimestamp(cloud.now, UTC)  # noqa: E731 - one line
        clients: Any = cloud
        self._rng = cloud.rng
        self._all = [
            CrossAccountEvaluator(CrossAccountRule(now), pause=lambda _: None, now=now, clients=lambda *_: clients)
            for _ in range(CONTAINERS)
        ]
        cloud.deliver = self.handle

    def handle(self, event: dict[str, Any], context: object = None) -> object:
        return self._rng.choice(self._all).handle(event, context)


def sweep(containers: Containers, cloud: Cloud, moment: float) -> None:
    """Run a scheduled sweep, in several invocations if it runs out of time. Some of them are repeated."""
    cloud.wait_until(moment)
    _tried(containers, cloud, scheduled(moment), (None, *range(12)))
    while cloud.parts:
        part = cloud.parts.pop(next(iter(cloud.parts)))
        for _ in range(cloud.rng.choice((1, 1, 2))):
            _tried(containers, cloud, part, (None, None, 8, 12))


def _tried(containers: Containers, cloud: Cloud, event: dict[str, Any], over_after: Sequence[int | None]) -> None:
    """Invoke the function as often as Lambda does until it succeeds."""
    for attempt in range(1, ATTEMPTS + 1):
        cloud.calls, cloud.over_after = 0, cloud.rng.choice(over_after)
        try:
            containers.handle(event, cloud)
        except REFUSALS:
            cloud.wait_until(cloud.now + 60 * attempt)
        else:
            return


def cloud_of(seed: int, **more: Any) -> Cloud:  # noqa: ANN401 - the fields of a cloud
    return Cloud(random.Random(seed), LAST_SWEEP, **more)  # noqa: S311 - for a simulation


def open_in(cloud: Cloud) -> set[str]:
    return {name for name, one in cloud.truth().items() if one == "NON_COMPLIANT"}


@law
def test_a_sweep_never_makes_either_show_less_than_the_events_did(seed: int) -> None:
    cloud = cloud_of(seed, latest=5400)
    containers = Containers(cloud)
    for moment in (SCHEDULED_AT - 600, SCHEDULED_AT, LAST_SWEEP):
        sweep(containers, cloud, moment)
    cloud.wait_until(QUIET)
    assert cloud.answered() == cloud.truth()
    assert cloud.open_findings() == open_in(cloud)


@law
def test_a_sweep_makes_good_whatever_events_were_lost(seed: int) -> None:
    cloud = cloud_of(seed, lost=0.5)
    containers = Containers(cloud)
    for moment in (SCHEDULED_AT, LAST_SWEEP):
        sweep(containers, cloud, moment)
    sweep(containers, cloud, QUIET)
    assert cloud.answered() == cloud.truth()
    assert cloud.open_findings() == open_in(cloud)


@law
def test_a_sweep_finds_what_config_cannot_see(seed: int) -> None:
    cloud = cloud_of(seed, states=("hidden", "bare", "hidden", "safe"))
    containers = Containers(cloud)
    sweep(containers, cloud, SCHEDULED_AT)
    sweep(containers, cloud, QUIET)
    assert cloud.answered() == cloud.truth()
    assert cloud.open_findings() == open_in(cloud)


@law
def test_a_sweep_mends_both_after_either_refused(seed: int) -> None:
    cloud = cloud_of(seed, lost=0.2, latest=5400, outages=3)
    containers = Containers(cloud)
    for moment in (SCHEDULED_AT, LAST_SWEEP, QUIET):
        sweep(containers, cloud, moment)
    assert cloud.answered() == cloud.truth()
    assert cloud.open_findings() == open_in(cloud)
