"""With `tests.running`, a run in several processes reports each test as a run in one process does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.docs.markdown import ROOT

CONFTEST = """\
from tests import running

def pytest_configure(config):
    config.pluginmanager.register(running)
"""
TESTS = """\
import os
import pytest

@pytest.fixture
def fails_before():
    raise ValueError("before")

@pytest.fixture
def fails_after():
    yield
    raise ValueError("after")

@pytest.fixture
def talks():
    print("told before")
    yield
    print("told after")

def test_before(fails_before): pass
def test_after(fails_after): pass
def test_call(): assert [1] == [2]
def test_passes(talks): print("told meanwhile")
def test_skipped(): pytest.skip("not here")
@pytest.mark.xfail
def test_known(): assert False
@pytest.mark.parametrize("number", range(5))
def test_several(number): pass
"""
CRASHES = """\
import os

def test_first(): pass

def test_it():
    if not os.path.exists("crashed"):
        open("crashed", "w")
        os._exit(1)

def test_last(): pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("test_one.py", "test_two.py"):
        (tmp_path / name).write_text(TESTS)
    return tmp_path


def shown(folder: Path) -> list[str]:
    """Return a run's lines without its times, and the tests in its report, each in a fixed order."""
    report = folder / "report.xml"
    options = ["-n2", "--dist=loadfile", "-rA", "-p", "no:cacheprovider", "-p", "xdist.plugin", f"--junitxml={report}"]
    command = [sys.executable, "-m", "pytest", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if not re.match(r"scheduling tests via|[.sxEF]{3,} ", line)]
    ends = [(test.attrib["name"], *(part.tag for part in test)) for test in ET.parse(report).iter("testcase")]
    lines += map(str, ends)
    return sorted(_CHANGING.sub("", line) for line in lines)


_CHANGING = re.compile(r"gw\d|in \d+\.\d+s(?: \(\d+:\d\d:\d\d\))?|(?<==)=+|object at \w+|\[ *\d+%\]")
"""What another run writes differently. Pytest adds the minutes from the first one on."""


def test_it_is_told_what_failed_where_and_what_was_printed(project: Path) -> None:
    expected = shown(project)
    (project / "conftest.py").write_text(CONFTEST)
    assert shown(project) == expected
    assert {"told before", "told meanwhile", "told after", "E       ValueError: after"} <= set(expected)
    assert "= 2 failed, 14 passed, 2 skipped, 2 xfailed, 4 errors  =" in expected


def test_the_end_of_a_process_is_told_and_what_it_has_not_run_is_run(project: Path) -> None:
    (project / "conftest.py").write_text(CONFTEST)
    (project / "test_crash.py").write_text(CRASHES)
    lines = shown(project)
    assert any(line.startswith("FAILED test_crash.py::test_it") for line in lines)
    assert {f"PASSED test_crash.py::test_{name}" for name in ("first", "it", "last")} <= set(lines)
    assert "= 3 failed, 17 passed, 2 skipped, 2 xfailed, 4 errors  =" in lines
