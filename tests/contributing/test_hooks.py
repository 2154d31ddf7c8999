"""The hooks of contributors, run by Git and pre-commit in a small repository, offline and with .venv's tools."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.markdown import ROOT

CONFIG = ROOT / ".pre-commit-config.yaml"
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook
    for repository in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["repos"]
    for hook in repository["hooks"]
}
LINT = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]
PROJECT = '[tool.mypy]\nstrict = true\nfiles = ["."]\n[tool.ruff.lint]\nselect = ["F"]\n'
GOOD = '"""A module."""\n\nNUMBER: int = 1\n'
WORKFLOW = """\
name: a
on: push
permissions: {}
concurrency: {group: a, cancel-in-progress: true}
jobs:
  a:
    name: a
    runs-on: ubuntu-latest
    steps:
      - run: echo "$HOME"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with the hooks installed, and this environment."""
    folder = tmp_path / "repository"
    folder.mkdir()
    shutil.copy(CONFIG, folder)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / ".gitignore").write_text("/.venv\n.*_cache\n")
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    (folder / "Makefile").write_text("quick:\n\t@echo the quick tests; exit $(STATUS)\n")
    git(folder, "init", "--quiet", "--initial-branch=main")
    assert run(folder, ".venv/bin/pre-commit", "install").returncode == 0
    return folder


def run(folder: Path, *argv: str, **more: str) -> subprocess.CompletedProcess[str]:
    # there is no package index, so a hook that needs more than .venv fails
    nowhere = {"PIP_NO_INDEX": "1", "PRE_COMMIT_HOME": str(folder.parent / "home"), "HOME": str(folder.parent)}
    author = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        argv, cwd=folder, env={**environment, **author, **nowhere, **more}, capture_output=True, text=True, check=False
    )


def git(folder: Path, *argv: str, **more: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "git", *argv, **more)


def commit(folder: Path, **files: str) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        path = folder / {"workflow": ".github/workflows/a.yml", "module": "module.py", "container": "Dockerfile"}[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "--all")
    return git(folder, "commit", "--message", "change")


def test_a_commit_that_is_in_order_passes_and_a_push_runs_the_quick_tests(repository: Path) -> None:
    done = commit(repository, module=GOOD, workflow=WORKFLOW, container="FROM scratch\n")
    assert done.returncode == 0, done.stdout + done.stderr
    git(repository, "init", "--quiet", "--bare", "../remote")
    failed = git(repository, "push", "../remote", "main", STATUS="1")
    assert failed.returncode != 0
    assert "the quick tests" in failed.stdout + failed.stderr
    assert git(repository, "push", "../remote", "main", STATUS="0").returncode == 0


FAULTS = {
    "style": "F401",
    "format": "files were modified by this hook",
    "types": "Incompatible types in assignment",
    "workflows": "undefined variable",
    "security of workflows": "unpinned-uses",
    "container": "DL3006",
}


def test_a_commit_with_faults_is_refused_and_each_is_named(repository: Path) -> None:
    module = '"""A module."""\n\nimport os\n\nNUMBER: str=1\n'
    workflow = WORKFLOW.replace("$HOME", "${{ nowhere }}") + "      - uses: actions/checkout@v7\n"
    done = commit(repository, module=module, workflow=workflow, container="FROM debian\n")
    assert done.returncode == 1
    assert git(repository, "rev-parse", "--verify", "--quiet", "HEAD").returncode == 1
    told = re.split(r"^(.*?) ?(?:\(.*\))?\.{3,}", done.stderr, flags=re.MULTILINE)
    reports = dict(zip(told[1::2], told[2::2], strict=True))
    assert {name: said in reports[name] for name, said in FAULTS.items()} == dict.fromkeys(FAULTS, True)


def test_every_hook_is_of_this_repository_and_runs_as_make_lint_runs_it() -> None:
    repositories = [one["repo"] for one in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["repos"]]
    assert set(repositories) == {"local"}
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}
    for name in ("actionlint", "zizmor", "hadolint", "shellcheck"):
        (line,) = re.findall(rf"@(\$\(BIN\)/{name}\b.*)", LINT)
        assert line.replace("$(BIN)", ".venv/bin").startswith(HOOKS[name]["entry"])
        linted = [one for one in line.split()[1:] if not one.startswith(("-", "$"))]
        tracked = subprocess.run(["git", "ls-files", *linted], cwd=ROOT, capture_output=True, text=True, check=True)
        files = [file for file in tracked.stdout.split() if linted]
        assert all(re.search(HOOKS[name]["files"], file) for file in files), name
