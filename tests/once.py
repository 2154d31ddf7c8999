"""Expensive things that are the same for every test: made once in a run, by the first process that needs them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def once(factory: pytest.TempPathFactory, name: str, fill: Callable[[Path], object]) -> Path:
    """Return a folder of this run that `fill` has filled, in one process, while the others wait."""
    of_this_process = factory.getbasetemp()
    run = of_this_process.parent if "PYTEST_XDIST_WORKER" in os.environ else of_this_process
    folder, unfinished = run / name, run / f"{name}.unfinished"
    with FileLock(run / f"{name}.lock"):
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)  # from a process that failed
            unfinished.mkdir()
            fill(unfinished)
            unfinished.rename(folder)
    return folder
