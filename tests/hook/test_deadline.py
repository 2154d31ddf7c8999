"""An answer arrives in time, whatever takes long. The tests call the function's own handler."""

from __future__ import annotations

import importlib
import json
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from ecr_crossaccount.errors import OutOfTimeError
from ecr_crossaccount.products.hook import evaluation
from ecr_crossaccount.products.hook.request import time_limit

from tests.events.hook import NAMES, load
from tests.hook.limits import assert_within_limits
from tests.hook.test_evaluation import BROKEN, FINE, OPEN, outcome
from tests.wording import sentence

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invocation:
    """The context of an invocation with that many milliseconds left."""

    left: int = 29_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module that Lambda imports, in the environment of a stack without parameters."""
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("HOOK_OPERATIONS", "RESOURCE,CLOUD_CONTROL")
    for name in ("ORGANIZATION", "RULE_PARAMETERS", "TRUST_REGISTER", "TRUST_MEMBERS", "HOOK_FAILS"):
        monkeypatch.delenv(name, raising=False)
    return importlib.reload(importlib.import_module("hook"))


def forever(*_: object) -> object:
    while True:
        time.sleep(0.001)


def test_who_is_asked_in_time_answers(entry: ModuleType) -> None:
    before, watched = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert outcome(entry.lambda_handler(load("repository-create"), Invocation())) == OPEN
    assert outcome(entry.lambda_handler(load("repository-create-own"), Invocation())) == FINE
    assert signal.getsignal(signal.SIGALRM) is before
    assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) is watched


@pytest.mark.parametrize("what", ["Request", "answer_to"])
def test_an_answer_comes_although_the_judgement_does_not_end(
    entry: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    slow = type("Slow", (), {"parse": staticmethod(forever)}) if what == "Request" else forever
    monkeypatch.setattr(evaluation, what, slow)
    event = load("repository-create-own")
    answer = entry.lambda_handler(event, Invocation(int(entry.SECONDS_TO_SPARE * 1000) + 50))
    assert outcome(answer) == BROKEN
    assert answer["message"] == sentence("hook.request_cannot_judged")
    assert answer["clientRequestToken"] == event["clientRequestToken"]
    assert_within_limits(answer)
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["level"], line["answer"]) == ("ERROR", answer)


def test_a_register_that_never_answers_is_no_reason_to_go_on(
    entry: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(entry.SOURCE), "now", forever)
    answer = entry.lambda_handler(load("repository-create-own"), Invocation(int(entry.SECONDS_TO_SPARE * 1000) + 50))
    assert outcome(answer) == BROKEN


@pytest.mark.parametrize("left", [0, 1, 3_999, 4_000])
def test_without_time_nothing_is_fine(entry: ModuleType, left: int) -> None:
    assert outcome(entry.lambda_handler(load("repository-create-own"), Invocation(left))) == BROKEN


def test_time_that_is_left_does_not_reach_what_follows() -> None:
    before, watched = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0]
    with time_limit(3_600):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > watched
    assert signal.getitimer(signal.ITIMER_REAL)[0] <= watched, "the time of the block, and not of what follows"
    assert signal.getsignal(signal.SIGALRM) is before
    with pytest.raises(OutOfTimeError), time_limit(0.01):
        forever()


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("change-set")])
def test_the_entry_answers_every_event(entry: ModuleType, name: str) -> None:
    event: Mapping[str, Any] = load(name)
    assert_within_limits(entry.lambda_handler(event, Invocation()), 4096 if event["stackId"] else 1024)
