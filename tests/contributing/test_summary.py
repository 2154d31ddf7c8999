"""The end of `.ci/run` names each skipped test. For most reasons, this is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT
from tests.summary import summary

PASSED = "def test_passes(): pass\n"
SKIPPED = "import pytest\n@pytest.mark.skip(reason={!r})\ndef test_skipped(): pass\n"


ALONE = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _reports(folder: Path, *tests: str) -> list[Path]:
    """Run test files, each with its own report."""
    reports = []
    for number, text in enumerate(tests):
        file, report = folder / f"test_{number}.py", folder / f"{number}.xml"
        file.write_text(text, encoding="utf-8")
        options = ["-q", "-c", os.devnull, "--confcutdir", ".", f"--junitxml={report}"]
        command = [sys.executable, "-m", "pytest", *options, str(file)]
        subprocess.run(command, cwd=folder, env=ALONE, capture_output=True, check=False)
        reports.append(report)
    return reports


@pytest.mark.parametrize(
    "tests, is_well, said",
    [
        ([PASSED, PASSED], True, "2 passed, 0 failed, 0 skipped"),
        (
            [PASSED, SKIPPED.format("fish is not on PATH")],
            True,
            "skipped: 1, fish is not on PATH\n1 passed, 0 failed, 1",
        ),
        (
            [PASSED, SKIPPED.format("no network today")],
            False,
            "no test may be skipped for this reason: no network today",
        ),
        ([PASSED, "import nowhere\n"], False, "1 passed, 1 failed, 0 skipped"),
        (
            ["import pytest\npytest.importorskip('nowhere')\n"],
            False,
            "no test may be skipped for this reason: collection skipped",
        ),
        ([SKIPPED.format("fish is not on PATH")], False, "0 passed, 0 failed, 1 skipped"),
        (["X = 1\n"], False, "0 passed, 0 failed, 0 skipped"),
    ],
)
def test_what_was_skipped_is_not_passed(tmp_path: Path, tests: list[str], said: str, *, is_well: bool) -> None:
    text, found = summary(_reports(tmp_path, *tests))
    assert (said in text, found) == (True, is_well), text


@pytest.mark.parametrize("text, status", [(PASSED, 0), ("X = 1\n", 1), (None, 1)])
def test_the_status_says_it(tmp_path: Path, text: str | None, status: int) -> None:
    (report,) = [tmp_path / "none.xml"] if text is None else _reports(tmp_path, text)
    done = subprocess.run([sys.executable, "-m", "tests.summary", report], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == status
