"""`.ci/install`: uv installs a lock. If uv cannot, pip does. If both fail, the failure is reported."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

INSTALLS = 'echo "$(basename $0) $*" >> "$CALLS"; echo "$(basename $0) said" >&2; exit {status}\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose uv and pip record their arguments and do nothing."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "install", tmp_path / ".ci")
    return tmp_path


def program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}")
    file.chmod(0o755)


def install(project: Path, **more: str) -> tuple[int, list[str], str]:
    """Install a lock into `.venv-other`. Returns the status, the calls of the programs, and the output."""
    calls = project / "calls"
    done = subprocess.run(
        [project / ".ci" / "install", ".venv-other", "requirements/other.txt"],
        env={**os.environ, "CALLS": str(calls), **more},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, calls.read_text().splitlines(), done.stderr


def uv(project: Path, status: int) -> None:
    program(project / ".venv" / "bin" / "uv", f'echo "$UV_DEFAULT_INDEX" > index\n{INSTALLS.format(status=status)}')
    program(project / ".venv" / "bin" / "python", "echo https://configured.example/simple\n")


def pip(project: Path, status: int) -> None:
    program(project / ".venv-other" / "bin" / "python", INSTALLS.format(status=status))


def test_uv_installs_by_the_hashes_and_leaves_compiling_to_python(project: Path) -> None:
    uv(project, 0)
    pip(project, 0)
    status, (call,), _ = install(project)
    assert status == 0
    assert call.startswith("uv pip install ")
    assert {"--require-hashes", "--requirement=requirements/other.txt"} <= set(call.split())
    assert "--compile-bytecode" not in call


@pytest.mark.parametrize(
    "named, index",
    [
        ({}, "https://configured.example/simple"),
        ({"PIP_INDEX_URL": "https://pips.example/simple"}, "https://pips.example/simple"),
        (
            {"PIP_INDEX_URL": "https://pips.example/simple", "UV_DEFAULT_INDEX": "https://uvs.example/simple"},
            "https://uvs.example/simple",
        ),
    ],
)
def test_uv_asks_the_index_that_pip_is_set_up_for(
    project: Path, monkeypatch: pytest.MonkeyPatch, named: dict[str, str], index: str
) -> None:
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    uv(project, 0)
    install(project, **named)
    assert (project / "index").read_text().strip() == index


def test_pip_installs_by_the_hashes_where_uv_cannot(project: Path) -> None:
    uv(project, 2)
    pip(project, 0)
    status, calls, shown = install(project)
    assert status == 0
    assert [call.split()[0] for call in calls] == ["uv", "python"]
    assert {"pip", "--require-hashes", "--requirement=requirements/other.txt"} <= set(calls[1].split())
    assert "uv said\nuv could not install this; pip tries\n" in shown


def test_pip_installs_where_there_is_no_uv(project: Path) -> None:
    pip(project, 0)
    status, calls, _ = install(project)
    assert (status, [call.split()[0] for call in calls]) == (0, ["python"])


def test_a_failure_of_both_is_seen(project: Path) -> None:
    uv(project, 2)
    pip(project, 1)
    status, _, shown = install(project)
    assert status == 1
    assert shown.endswith("python said\n")
