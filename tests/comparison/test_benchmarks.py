"""The benchmarks' output for a run that measured nothing, or failed. It never says that limits are kept."""

from __future__ import annotations

from contextlib import nullcontext
from math import isnan

import pytest

from benchmarks import measure, scale, scenarios
from benchmarks.contenders import CUSTODIAN, FLOOR, OURS, UNIVERSE
from benchmarks.figures import Figure, Result, status_of, table
from benchmarks.measure import one_by_one
from benchmarks.sweep.__main__ import require_all_judged

_FREE = Result("free", "", (Figure("seconds", 1.0, "s"),))
_HELD = Result("held", "", (Figure("ratio", 1.0, "x", 2.0),))


@pytest.fixture(autouse=True)
def nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the garbage of all other tests alone."""
    monkeypatch.setattr(measure, "undisturbed", nullcontext)


def _raising(_text: str) -> object:
    raise KeyError("a fault of the judgement")


def test_a_check_of_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([_FREE], 1, check=True) == 1
    assert status_of([], 1, check=True) == 1
    assert "nothing was checked" in capsys.readouterr().out
    assert status_of([_FREE], 1, check=False) == 0
    assert status_of([_FREE, _HELD], 1, check=True) == 0
    assert status_of([Result("", "", (Figure("ratio", 3.0, "x", 2.0),))], 1, check=True) == 1


def test_a_figure_of_zero_is_shown() -> None:
    assert "held: at most 2" in table([Result("", "", (Figure("calls", 0, "", 2, exact=True),))], 1)


def test_what_a_peer_raises_is_no_answer_and_what_we_raise_ends_the_run() -> None:
    assert isnan(one_by_one({"peer": _raising}, ["{}"], peers={"peer"})["peer"][0])
    with pytest.raises(KeyError, match="a fault of the judgement"):
        one_by_one({OURS: _raising, "peer": _raising}, ["{}"], peers={"peer"})


@pytest.mark.parametrize("scenario, ours", [("nasty", "explained"), ("plan", "planning")])
def test_a_policy_on_which_we_fail_is_not_a_fast_one(monkeypatch: pytest.MonkeyPatch, scenario: str, ours: str) -> None:
    """Only on the difficult policies. Those that warm up are answered."""
    made = getattr(scenarios, ours)()

    def sometimes(text: str) -> object:
        return made(text) if len(text) < 2_000 else _raising(text)

    monkeypatch.setattr(scenarios, ours, lambda: sometimes)
    monkeypatch.setattr(scenarios, "adversarial", list)
    monkeypatch.setattr(scenarios, "PEERS", dict.fromkeys((CUSTODIAN, UNIVERSE, FLOOR), lambda: str))
    few = scenarios.Effort(rounds=1, repeats=1, plain=4, repositories=1, random=20)
    with pytest.raises(KeyError, match="a fault of the judgement"):
        scenarios.SCENARIOS[scenario](few)


def test_a_sweep_that_stops_half_way_is_not_measured() -> None:
    require_all_judged({"COMPLIANT": 3, "NON_COMPLIANT": 1}, 4)
    with pytest.raises(RuntimeError, match="has judged 3 of 4 repositories"):
        require_all_judged({"COMPLIANT": 3, "INSUFFICIENT_DATA": 1}, 4)


def test_memory_that_the_system_does_not_tell_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["scale", "--repositories", "20", "--forms", "text"])
    monkeypatch.setattr(scale, "own_bytes", lambda _process: 0)
    shown: list[str] = []
    monkeypatch.setattr("sys.stdout.write", shown.append)
    assert scale.main() == 0
    assert "text: seconds" in "".join(shown)
    assert "memory" not in "".join(shown)
