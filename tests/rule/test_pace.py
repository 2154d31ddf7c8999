"""The rate of calls after AWS refused one: many callers, in simulated time."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
from ecr_crossaccount.sources.aws.retries import Pace

from tests.fakes.limits import Luck, TokenBucket

CALLERS = 16
LATENCY = 0.03
PAUSE = 0.05
"""The longest pause before a refused call is repeated, as in `retries` while other calls succeed."""


@dataclass
class Clock:
    """The time of a simulation, in seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Simulation:
    """Callers that make calls one after the other. Each call waits for its turn, until none is left."""

    left: int
    takes: Callable[[], bool]
    callers: int = CALLERS
    clock: Clock = field(default_factory=Clock)
    attempts: int = 0
    ended: float = 0.0
    sent: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pace = Pace()
        self._random = random.Random(7)  # noqa: S311 - a game of chance
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._queue: deque[None] = deque()

    def run(self) -> Simulation:
        for _ in range(self.callers):
            self._after(0, self._begin)
        while self._events:
            self.clock.now, _, act = heapq.heappop(self._events)
            act()
        return self

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.clock.now + seconds, next(self._numbers), act))

    def _begin(self) -> None:
        if self.left:
            self.left -= 1
            self._wait()

    def _wait(self) -> None:
        self._queue.append(None)
        if len(self._queue) == 1:
            self._after(self._pace.turn(self.clock.now), self._send)

    def _send(self) -> None:
        self.attempts += 1
        self.sent.append(self.clock.now)
        self._queue.popleft()
        if self._queue:
            self._after(self._pace.turn(self.clock.now), self._send)
        answer = self._took if self.takes() else self._refused
        self._after(LATENCY * (0.5 + self._random.random()), answer)

    def _took(self) -> None:
        self._pace.took(self.clock.now)
        self.ended = self.clock.now
        self._begin()

    def _refused(self) -> None:
        self._pace.note_refusal(self.clock.now)
        self._after(self._random.random() * PAUSE, self._wait)


def unlimited(calls: int, callers: int = CALLERS) -> Simulation:
    return Simulation(calls, lambda: True, callers).run()


def limited(calls: int, rate: float, burst: float) -> Simulation:
    clock = Clock()
    return Simulation(calls, TokenBucket(rate, burst, clock).takes, clock=clock).run()


def test_nobody_waits_before_aws_refuses_a_call() -> None:
    free = unlimited(400)
    assert free.attempts == 400
    assert free.ended == pytest.approx(400 / CALLERS * LATENCY, rel=0.1)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("callers", [4, CALLERS, 64])
def test_three_refusals_in_ten_take_at_most_three_times_as_long(seed: int, callers: int) -> None:
    simulation = Simulation(2_000, Luck(0.3, seed).takes, callers).run()
    assert simulation.ended < 3 * unlimited(2_000, callers).ended
    assert simulation.attempts < 1.6 * 2_000


@pytest.mark.parametrize("seed", range(4))
def test_refusals_whatever_the_rate_do_not_stop_it(seed: int) -> None:
    """boto3's mode `adaptive` ends at one call every two seconds here."""
    simulation = Simulation(2_000, Luck(0.5, seed).takes).run()
    assert simulation.ended < 10 * unlimited(2_000).ended


@pytest.mark.parametrize("rate", [2, 20, 100])
@pytest.mark.parametrize("burst", [1, 10])
def test_a_limit_is_used_and_not_hammered(rate: float, burst: float) -> None:
    simulation = limited(2_000, rate, rate * burst)
    assert simulation.ended < 1.1 * (2_000 - rate * burst) / rate + 1
    assert simulation.attempts < 1.5 * 2_000


def test_a_limit_that_is_lifted_is_found_out() -> None:
    clock = Clock()
    bucket = TokenBucket(20, 20, clock)
    simulation = Simulation(4_000, lambda: clock() > 20 or bucket.takes(), clock=clock).run()
    assert simulation.ended < 20 + 4 * unlimited(3_600).ended


def test_a_limit_that_becomes_lower_is_kept() -> None:
    clock = Clock()
    high, low = (TokenBucket(rate, rate, clock) for rate in (100, 10))

    def takes() -> bool:
        return high.takes() if clock() < 10 else low.takes()

    simulation = Simulation(2_000, takes, clock=clock).run()
    late = [moment for moment in simulation.sent if moment > 15]
    assert len(late) < 1.5 * 10 * (simulation.ended - 15)


def test_where_nothing_gets_through_it_is_asked_once_a_second() -> None:
    clock = Clock()
    simulation = Simulation(CALLERS, lambda: clock() > 60, clock=clock).run()
    late = [moment for moment in simulation.sent if moment > 10]
    assert len(late) <= 1.6 * 51
