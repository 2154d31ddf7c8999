"""The laws are tried with the same examples in every run, and by `make verify-nightly` with new ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

LAW = """\
import importlib
import sys

from hypothesis import given, settings
from hypothesis import strategies as some

from tests import profiles

profiles.load()
for name in sys.argv[1:]:
    importlib.import_module(name)
found = []


@settings(max_examples=300)
@given(some.text())
def law(text):
    found.append(text)


law()
print(ascii(found))
"""
NEIGHBOUR = "".join(f"NAME_{number} = 'name of number {number}'\n" for number in range(50))


def examples(folder: Path, *imported: str, **environment: str) -> str:
    """Return the examples of a law, in a process that has imported some modules of the project's."""
    (folder / "law.py").write_text(LAW, encoding="utf-8")
    (folder / "neighbour.py").write_text(NEIGHBOUR, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HYPOTHESIS_") and name != "CI"}
    done = subprocess.run(
        [sys.executable, "law.py", *imported],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_examples_depend_on_no_module_that_another_test_has_imported(tmp_path: Path) -> None:
    alone = examples(tmp_path)
    assert alone.count("'") > 300
    assert examples(tmp_path, "neighbour") == alone


def test_examples_do_not_depend_on_the_order_of_hashes_or_on_who_runs_them(tmp_path: Path) -> None:
    assert examples(tmp_path, PYTHONHASHSEED="1") == examples(tmp_path, PYTHONHASHSEED="2", CI="true")


@pytest.mark.parametrize("ci", [{}, {"CI": "true"}], ids=["", "CI"])
def test_the_nightly_run_has_new_examples_each_time(tmp_path: Path, ci: dict[str, str]) -> None:
    assert examples(tmp_path, HYPOTHESIS_PROFILE="nightly", **ci) != examples(
        tmp_path, HYPOTHESIS_PROFILE="nightly", **ci
    )
