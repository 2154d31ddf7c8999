"""pytest and Python read the files that `tests.compiling` has compiled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.markdown import ROOT

CONFTEST = """\
from pathlib import Path
from tests.compiling import compile_tests

def pytest_configure(config):
    compile_tests(config, [Path(__file__).parent])
"""


def pytest_in(folder: Path, **more: str) -> int:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder))), **more}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "test_it.py"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False).returncode


def compiled(folder: Path) -> dict[str, int]:
    """Return when each file of the folder was compiled, by its name."""
    return {file.name: file.stat().st_mtime_ns for file in (folder / "__pycache__").iterdir()}


def test_it_is_read_as_it_was_compiled_and_a_bad_file_is_left_to_whoever_imports_it(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "helper.py").write_text("ONE = 1\n")
    (tmp_path / "test_bad.py").write_text("def\n")
    (tmp_path / "test_it.py").write_text("from helper import ONE\n\ndef test_one():\n    assert ONE == 1\n")
    assert pytest_in(tmp_path, PYTHONDONTWRITEBYTECODE="1") == 0
    found = compiled(tmp_path)
    assert [name.partition(".")[0] for name in sorted(found)] == ["conftest", "helper", "test_it"]
    assert pytest_in(tmp_path) == 0
    assert compiled(tmp_path) == found, "nothing was compiled again"
