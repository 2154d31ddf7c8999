from __future__ import annotations

import re

import pytest
from ecr_crossaccount.errors import OutOfTimeError
from ecr_crossaccount.sources.aws.retries import Deadline

from tests.rule.relay import Time
from tests.wording import sentence


def test_without_a_context_there_is_all_the_time() -> None:
    Deadline.from_context(None).check()


def test_a_minute_and_a_half_is_kept_in_reserve() -> None:
    time = Time(seconds=900)
    deadline = Deadline.from_context(time)
    time.seconds = 90.1
    deadline.check()
    time.seconds = 90
    with pytest.raises(OutOfTimeError, match=re.escape(sentence("retries.time_limit_function"))):
        deadline.check()


@pytest.mark.parametrize("seconds, reserve", [(300, 30), (60, 6), (3, 0.3)])
def test_a_short_invocation_gets_to_work_too(seconds: float, reserve: float) -> None:
    time = Time(seconds)
    deadline = Deadline.from_context(time)
    time.seconds = reserve + 0.1
    deadline.check()
    time.seconds = reserve - 0.1
    with pytest.raises(OutOfTimeError):
        deadline.check()


def test_items_end_when_only_the_reserve_is_left() -> None:
    time = Time(seconds=900)
    items = Deadline.from_context(time).during(["a", "b"])
    assert next(items) == "a"
    time.seconds = 60
    with pytest.raises(OutOfTimeError):
        next(items)
