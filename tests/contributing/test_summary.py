"""The end of `.ci/run`: a test that was skipped is named, and only for some reasons it is no failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

PASSED = "def test_passes(): pass\n"
SKIPPED = "import pytest\n@pytest.mark.skip(reason={!r})\ndef test_skipped(): pass\n"


def _summary(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run files of tests, each with a report of its own, and then what sums these up."""
    reports = []
    for number, text in enumerate(tests):
        file, report = folder / f"test_{number}.py", folder / f"{number}.xml"
        file.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, f"--junitxml={report}", str(file)]
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        reports.append(str(report))
    command = [sys.executable, "-m", "tests.summary", *reports]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "tests, status, said",
    [
        ([PASSED, PASSED], 0, "2 passed, 0 failed, 0 skipped\n"),
        ([PASSED, SKIPPED.format("fish is not on PATH")], 0, "skipped: 1, fish is not on PATH\n1 passed, 0 failed, 1"),
        ([PASSED, SKIPPED.format("no network today")], 1, "no test may be skipped for this reason: no network today\n"),
        ([PASSED, "import nowhere\n"], 1, "1 passed, 1 failed, 0 skipped\n"),
        (
            ["import pytest\npytest.importorskip('nowhere')\n"],
            1,
            "no test may be skipped for this reason: collection skipped\n",
        ),
        ([SKIPPED.format("fish is not on PATH")], 1, "0 passed, 0 failed, 1 skipped\n"),
        (["X = 1\n"], 1, "0 passed, 0 failed, 0 skipped\n"),
    ],
)
def test_what_was_skipped_is_not_passed(tmp_path: Path, tests: list[str], status: int, said: str) -> None:
    done = _summary(tmp_path, *tests)
    assert said in done.stdout, done.stdout + done.stderr
    assert done.returncode == status


def test_a_run_without_a_report_is_none(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.summary", str(tmp_path / "none.xml")], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 1
