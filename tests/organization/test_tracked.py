"""`make release` packs what is in the commit, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cloned import ROOT, committed

STAND_IN = """
import sys
from pathlib import Path
import ecr_crossaccount

ROOT = Path(__file__).parents[1]
print(*sys.argv[1:], sep="\\n")
print(*sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py")), sep="\\n")
print(Path(ecr_crossaccount.__file__).is_relative_to(ROOT))
"""
"""In place of the program that makes a release: it prints its options and files."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small repository without changes."""
    for name in ("organization/__init__.py", "rule/ecr_crossaccount/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    shutil.copy(ROOT / "organization" / "tracked.py", tmp_path / "organization")
    (tmp_path / "organization" / "__main__.py").write_text(STAND_IN, encoding="utf-8")
    (tmp_path / ".gitignore").write_text("__pycache__/\n*.egg-info/\n/notes.py\n", encoding="utf-8")
    committed(tmp_path)
    return tmp_path


def released(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "organization.tracked", *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def test_what_is_tracked_is_packed_and_nothing_that_git_ignores(tree: Path) -> None:
    (tree / "notes.py").touch()
    (tree / "rule" / "ecr_crossaccount.egg-info").mkdir()
    (tree / "rule" / "ecr_crossaccount.egg-info" / "left.py").touch()
    ran = released(tree, "--output", "elsewhere")
    assert (ran.returncode, ran.stderr) == (0, "")
    output = str(tree / "build" / "release")
    assert ran.stdout.splitlines() == [
        "--output",
        output,
        "--output",
        "elsewhere",
        "organization/__init__.py",
        "organization/__main__.py",
        "organization/tracked.py",
        "rule/ecr_crossaccount/__init__.py",
        "True",
    ]


@pytest.mark.parametrize("name", ["rule/ecr_crossaccount/__init__.py", "rule/ecr_crossaccount/new.py"])
def test_a_tree_with_a_change_or_a_new_file_is_refused(tree: Path, name: str) -> None:
    (tree / name).write_text("changed = True", encoding="utf-8")
    ran = released(tree)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "make release: the working tree differs from its commit" in ran.stderr
    assert name in ran.stderr


def test_many_changes_are_counted(tree: Path) -> None:
    for number in range(12):
        (tree / f"new{number:02}.py").touch()
    assert released(tree).stderr.endswith("?? new09.py\nand 2 more\n")
