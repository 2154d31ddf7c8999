"""The log of a long run: a line every ten seconds, on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Semaphore, Thread

import pytest
from ecr_crossaccount.products.cli.base import clock, progress


class Ticks:
    """The time between lines, which passes only when a test lets it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._due = Event()
        self._waits = Semaphore(0)
        """Released when the thread waits for the next line, so that no time passes before the thread has started."""

    def pass_(self) -> None:
        """Let ten seconds pass, and wait until the line is written."""
        assert self._waits.acquire(timeout=30)
        self.seconds += progress.EVERY
        self._due.set()
        assert self._waits.acquire(timeout=30)
        self._waits.release()

    def wait(self, ended: Event) -> bool:
        """Replace `progress.wait`, which is called again after a line is written."""
        if ended.is_set():  # the thread of an earlier test, which started late
            return True
        self._waits.release()
        while not self._due.wait(0.01):
            if ended.is_set():
                return True
        self._due.clear()
        return ended.is_set()


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    ticks = Ticks()
    monkeypatch.setattr(progress, "wait", ticks.wait)
    monkeypatch.setattr(clock, "monotonic", lambda: ticks.seconds)
    return ticks


def test_a_line_is_written_every_ten_seconds_even_while_nothing_comes(
    ticks: Ticks, capsys: pytest.CaptureFixture[str]
) -> None:
    def found() -> Iterator[int]:
        yield from range(1_200)
        ticks.pass_()
        ticks.pass_()
        yield 7

    assert len(list(progress.progress(found(), "reading policies", lambda: None))) == 1_201
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "ecr-crossaccount: reading policies: 1,200 read, 10 s\necr-crossaccount: reading policies: 1,200 read, 20 s\n"
    )


def test_it_says_of_how_many_once_that_is_known(ticks: Ticks, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Thread] = []

    def total() -> int:
        return 2_000

    def found() -> Iterator[int]:
        yield 1
        ticks.pass_()
        while "of 2,000" not in capsys.readouterr().err:
            ticks.pass_()
        asked.append(Thread())

    assert len(list(progress.progress(found(), "reading policies", total))) == 1
    assert asked


def test_a_total_that_cannot_be_told_is_left_out(ticks: Ticks, capsys: pytest.CaptureFixture[str]) -> None:
    def total() -> int:
        raise LookupError("AWS does not say")

    def found() -> Iterator[int]:
        ticks.pass_()
        ticks.pass_()
        yield 1

    assert list(progress.progress(found(), "reading policies", total)) == [1]
    assert capsys.readouterr().err.count("0 read") == 2


def test_a_quick_run_says_nothing_and_asks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def total() -> int:
        raise AssertionError("nobody sees it")

    assert list(progress.progress(range(5), "reading policies", total)) == [0, 1, 2, 3, 4]
    assert capsys.readouterr().err == ""


def test_a_step_of_unknown_length_is_named(ticks: Ticks, capsys: pytest.CaptureFixture[str]) -> None:
    with progress.spinner() as tell:
        tell("reading CloudTrail, eu-central-1, PutImage")
        ticks.pass_()
    assert capsys.readouterr().err == "ecr-crossaccount: reading CloudTrail, eu-central-1, PutImage, 10 s\n"


def test_a_total_that_more_is_read_than_is_left_out(ticks: Ticks, capsys: pytest.CaptureFixture[str]) -> None:
    shown = ""

    def found() -> Iterator[int]:
        nonlocal shown
        yield from range(3)
        while "read," not in shown:
            ticks.pass_()
            shown += capsys.readouterr().err

    assert len(list(progress.progress(found(), "reading policies", lambda: 0))) == 3
    assert "of 0" not in shown + capsys.readouterr().err
