"""The hooks, run by pre-commit on a sample repository, from a clone of this one and without a network."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.cloned import ROOT, cloned
from tests.docs.markdown import page
from tests.packaging.mirror import offline
from tests.wording import sentence

NEEDED = ("rule/ecr_crossaccount", "docs/findings.md", "pyproject.toml", "README.md", "LICENSE")
HOOKS = ".pre-commit-hooks.yaml"
OPEN = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}}
REGISTER = """\
version: 1
trust:
  - account: "222233334444"
    reason: the partner builds on our images
    owner: platform@example.com
    expires: 2099-12-31
"""
AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")


def git(folder: Path, *argv: str) -> str:
    done = subprocess.run(["git", *AUTHOR, *argv], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def committed(folder: Path) -> str:
    """Make a folder a Git repository with all of its files, and return the commit."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the current files of this one that pre-commit needs."""
    return cloned(tmp_path_factory.mktemp("hooks"), *NEEDED, HOOKS)


@pytest.mark.slow
def test_the_hooks_stop_what_is_open_pass_what_is_not_and_tell_a_crash_from_both(
    hooks: Path, mirror: Path, tmp_path: Path
) -> None:
    sample = tmp_path / "sample"
    (sample / "infra").mkdir(parents=True)
    (sample / "infra" / "policy.json").write_text(json.dumps(OPEN))
    (sample / "trust.yaml").write_text(REGISTER)
    used = [
        {"id": "ecr-crossaccount", "args": ["--account", "111122223333", "--trust", "trust.yaml", "infra"]},
        {"id": "ecr-crossaccount-trust"},
    ]
    repository = {"repo": str(hooks), "rev": committed(hooks), "hooks": used}
    (sample / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [repository]}))
    committed(sample)
    environment = offline(mirror, PRE_COMMIT_HOME=str(tmp_path / "home"), HOME=str(tmp_path))

    def run() -> tuple[int, str]:
        argv = ["pre-commit", "run", "--all-files", "--color=never"]
        done = subprocess.run(argv, cwd=sample, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    status, out = run()
    assert status == 1, out
    assert sentence("verdict.no_untrusted_external_access_ecr") in out
    assert "- exit code: 1" in out
    assert "CRITICAL  infra/policy.json:1:" in out
    assert re.search(r"^trust register\.+Passed$", out, re.MULTILINE)

    trusted = {**OPEN, "Statement": {**OPEN["Statement"], "Principal": {"AWS": "222233334444"}}}  # type: ignore[dict-item]
    pull = {**trusted, "Statement": {**trusted["Statement"], "Action": "ecr:BatchGetImage"}}  # type: ignore[dict-item]
    (sample / "infra" / "policy.json").write_text(json.dumps(pull))
    status, out = run()
    assert status == 0, out
    (sample / "trust.yaml").write_text(REGISTER.replace("    reason: the partner builds on our images\n", ""))
    status, out = run()
    assert status == 1
    assert "trust[0]: has no `reason`" in out

    (installed,) = (tmp_path / "home").rglob("site-packages/ecr_crossaccount")
    with (installed / "products" / "cli" / "check.py").open("a", encoding="utf-8") as file:
        file.write("\ndef run(_): return 1 // 0\n")
    status, out = run()
    assert status == 1
    assert "- exit code: 70" in out
    assert "internal error (ZeroDivisionError" in out


def test_the_example_of_the_documentation_uses_the_hooks_that_there_are() -> None:
    (example,) = (block for block in page("docs/integrations.md").blocks("yaml") if block.heading == "pre-commit")
    (repository,) = yaml.safe_load(example.text)["repos"]
    offered = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {hook["id"] for hook in repository["hooks"]} == offered


def test_the_gate_runs_whatever_a_commit_changes() -> None:
    check, _ = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (check["always_run"], check["pass_filenames"], "files" in check) == (True, False, False)
