"""A thread that a test leaves behind ends before what the test has patched is undone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.markdown import ROOT

CONFTEST = """\
from tests import under_way
from tests.conftest import pytest_runtest_call

def pytest_configure():
    under_way.watch()
"""
TESTS = """\
import sys
import time
from concurrent.futures import ThreadPoolExecutor

CLOCK = "real"
SEEN = []

def call():
    time.sleep(0.2)
    SEEN.append(CLOCK)

def test_that_gives_up(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "CLOCK", "patched")
    calls = ThreadPoolExecutor(1)
    calls.submit(call)
    calls.shutdown(wait=False)

def test_after_it():
    assert SEEN == ["patched"]

def test_that_begins_what_is_cancelled_or_fails():
    calls = ThreadPoolExecutor(1)
    calls.submit(call)
    calls.submit(int, "no number")
    calls.submit(call).cancel()
    calls.submit(call)
    calls.shutdown(wait=False, cancel_futures=True)

KEPT = ThreadPoolExecutor(1)

def test_that_keeps_a_thread_for_others():
    KEPT.submit(call).result()
"""


def test_a_call_that_is_left_under_way_ends_by_the_clock_of_its_test(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--confcutdir", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
