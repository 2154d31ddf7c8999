"""A folder with policies of every kind, and names that try to inject something."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import OPEN, OWNER, SAFE, UNDECIDED, Result, Run

HOSTILE = (
    "a|b`c</td><script>alert(1)</script>,d::error::e%0A]]>&\x1b[31m\u202e@octocat ![x](http://x.example)\n::warning::f"
)
"""Text that tries to escape from a terminal, a page, a table, a cell and a workflow command."""

HOSTILE_FILE = HOSTILE.replace("/", "∕") + ".json"  # noqa: RUF001 - a file name cannot have the real character

POLICIES = {
    "open.json": OPEN,
    "safe.json": SAFE,
    "undecided.json": UNDECIDED,
    "invalid.json": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr*"}},
    "reader.json": {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"},
    },
    "settings.json": {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:DescribeRepositories"},
    },
}

Checked = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with POLICIES in `ecr/`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ecr").mkdir()
    for name, policy in POLICIES.items():
        (tmp_path / "ecr" / name).write_text(json.dumps(policy, indent=2), encoding="utf-8")
    return tmp_path


@pytest.fixture
def checked(folder: Path, run: Run) -> Checked:  # noqa: ARG001 - it runs in the folder
    """Check the folder, or the given paths, in a format."""

    def checked(name: str, *paths: str) -> Result:
        return run("check", "--account", OWNER, "--format", name, *(paths or ("ecr",)))

    return checked


@pytest.fixture
def hostile(folder: Path) -> str:
    """Write a policy whose file and Sid are HOSTILE, a resource of that name, and a file that cannot be read."""
    statement = {"Sid": HOSTILE, "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
    elsewhere = folder / "hostile"
    elsewhere.mkdir()
    (elsewhere / HOSTILE_FILE).write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Sid": "Open"}]}
    resource = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}
    (elsewhere / "stack.json").write_text(json.dumps({"Resources": {HOSTILE: resource}}))
    (elsewhere / f"x{HOSTILE_FILE}").write_text('{"Statement": "AWS::ECR')
    return "hostile"
