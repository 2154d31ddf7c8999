"""`pipx install` and `uvx` of the built wheel give the complete command."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.packaging.mirror import build_wheel, offline

VERSION = [b"ecr-crossaccount", distribution("ecr-crossaccount").version.encode()]
OPEN = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}}


def uv(mirror: Path, folder: Path) -> dict[str, str]:
    """Return variables that let uv know only `mirror` and this Python."""
    return {
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": mirror.as_uri(),
        "UV_CACHE_DIR": str(folder / "cache"),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("dist"))


def test_uvx_runs_the_wheel(wheel: Path, mirror: Path, tmp_path: Path) -> None:
    environment = offline(mirror, **uv(mirror, tmp_path))
    argv = ["uvx", "--from", str(wheel), "ecr-crossaccount", "--version"]
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, VERSION), done.stderr.decode()


@pytest.mark.slow
def test_pipx_installs_the_complete_command(wheel: Path, mirror: Path, tmp_path: Path) -> None:
    environment = offline(
        mirror,
        **uv(mirror, tmp_path),
        PIPX_HOME=str(tmp_path / "pipx"),
        PIPX_BIN_DIR=str(tmp_path / "bin"),
        PIPX_MAN_DIR=str(tmp_path / "man"),
        PIPX_COMPLETION_DIR=str(tmp_path / "completion"),
    )
    done = subprocess.run(
        ["pipx", "install", "--backend", "uv", str(wheel)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    command = str(tmp_path / "bin" / "ecr-crossaccount")
    assert subprocess.run([command, "--version"], capture_output=True, check=True).stdout.split() == VERSION
    (tmp_path / "policy.json").write_text(json.dumps(OPEN))
    (tmp_path / "trust.yaml").write_text("version: 1\ntrust: []\n")
    for form, noted in (("text", b""), ("sarif", b"ecr-crossaccount: trust: trust.yaml (0 entries)\n")):
        argv = [command, "check", "--account", "111122223333", "--trust", "trust.yaml", "--format", form, "policy.json"]
        checked = subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (1, noted), form
    listed = subprocess.run([command, "explain", "--format", "json"], capture_output=True, check=True)
    pages = {urlsplit(one["helpUri"]) for one in json.loads(listed.stdout)["rules"]}
    for one in pages:
        assert Path(one.path).is_relative_to(tmp_path / "pipx")
        assert f"(#{one.fragment})" in Path(one.path).read_text(encoding="utf-8"), "the page is installed, too"
    assert subprocess.run([command, "completion", "bash"], capture_output=True, check=True).stdout
