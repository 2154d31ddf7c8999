"""The command, run as in the tests of the command line."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType

import pytest
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import Harvest

from tests.cli.conftest import OWNER, run, spawn, write

__all__ = ["bounded", "run", "spawn", "write"]

Look = Callable[..., Harvest]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Write files into a folder of their own, and return what is found there, or in one file of it."""
    made: list[Path] = []

    def look(files: Mapping[str, object], named: str = "", **options: object) -> Harvest:
        made.append(tmp_path / str(len(made)))
        for name, text in files.items():
            path = made[-1] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return harvest([str(made[-1] / named)], Context(**{"account": OWNER, "region": "eu-west-1", **options}))  # type: ignore[arg-type]

    return look


@pytest.fixture
def bounded() -> Iterator[None]:
    """Fail a test that needs more than a minute of processor time, which does not depend on the load of the machine."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError("more than a minute of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 60)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
