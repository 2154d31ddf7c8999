from __future__ import annotations

import threading
from contextvars import ContextVar
from math import inf

import pytest
from ecr_crossaccount.errors import OutOfTimeError
from ecr_crossaccount.sources.aws.retries import Deadline, at_once

from tests.rule.relay import Time

NEVER = Deadline(lambda: inf, 0)
NAMES = [f"r{number:03}" for number in range(250)]


def test_answers_come_in_order_and_a_fault_is_its_names_own() -> None:
    def read(name: str) -> str:
        if name == "r007":
            raise KeyError(name)
        return name.upper()

    answers = list(at_once(read, NAMES, NEVER))
    assert [name for name, _ in answers] == NAMES
    assert [name for name, answer in answers if answer.exception()] == ["r007"]
    assert answers[8][1].result() == "R008"


def test_sixteen_calls_are_under_way_and_never_more() -> None:
    all_there = threading.Barrier(16)
    lock, under_way, most = threading.Lock(), [0], [0]

    def read(_: str) -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        all_there.wait(timeout=20)
        with lock:
            under_way[0] -= 1

    for _, answer in at_once(read, NAMES[:96], NEVER):
        answer.result()
    assert most == [16]


def test_no_more_than_a_hundred_answers_wait_to_be_taken() -> None:
    asked: list[str] = []
    answers = at_once(asked.append, NAMES, NEVER)
    for number in range(100):
        name, answer = next(answers)
        answer.result()
        assert name == NAMES[number]
    assert sorted(asked) == NAMES[:100]
    answers.close()  # type: ignore[attr-defined]  # a generator


def test_what_an_invocation_knows_of_itself_is_known_in_every_call() -> None:
    request: ContextVar[str] = ContextVar("request", default="")
    request.set("c6af9ac6")
    assert {answer.result() for _, answer in at_once(lambda _: request.get(), NAMES, NEVER)} == {"c6af9ac6"}


def test_nothing_is_begun_once_the_deadline_nears() -> None:
    time = Time()
    begun: list[str] = []

    def read(name: str) -> None:
        begun.append(name)
        time.over()

    answers = at_once(read, NAMES, Deadline.from_context(time))
    taken = [next(answers)[1] for _ in range(100)]
    with pytest.raises(OutOfTimeError):
        next(answers)
    assert len(begun) <= 16  # those that had already begun
    assert isinstance(taken[-1].exception(), OutOfTimeError)
