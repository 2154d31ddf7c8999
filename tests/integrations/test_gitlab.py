"""The GitLab template: checked with GitLab's schema, and its script run as by a runner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.markdown import ROOT, page
from tests.integrations.test_github import NO_VERDICTS, OPEN, command_that, commit, lint, repository, revision
from tests.wording import sentence

TEMPLATE = ROOT / "integrations" / "gitlab" / "ecr-crossaccount.gitlab-ci.yml"
JOB: Any = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))[".ecr-crossaccount"]


def test_gitlab_would_accept_the_template() -> None:
    lint("vendor.gitlab-ci", TEMPLATE)


def test_gitlab_would_accept_the_example_of_the_documentation(tmp_path: Path) -> None:
    (example,) = (block for block in page("docs/integrations.md").blocks("yaml") if block.heading == "GitLab CI")
    (tmp_path / "example.yml").write_text(example.text)
    lint("vendor.gitlab-ci", tmp_path / "example.yml")
    (job,) = (value for name, value in yaml.safe_load(example.text).items() if name != "include")
    assert job["extends"] == ".ecr-crossaccount"
    assert set(job["variables"]) <= set(JOB["variables"])


def run(folder: Path, commands: Path, shell: str = "bash", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the job's script in `folder`, with the command in `commands` and `more` variables."""
    variables = {**JOB["variables"], "ECR_OPTIONS": "--account 111122223333", **more}
    path = os.pathsep.join((str(commands), os.environ["PATH"]))
    return subprocess.run(
        [shell, "-e", "-c", "\n".join(JOB["script"])],
        cwd=folder, env={**os.environ, **variables, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_script_judges_and_leaves_both_reports(tmp_path: Path, shell: str) -> None:
    (tmp_path / "open.json").write_text(json.dumps(OPEN))
    done = run(tmp_path, Path(sys.executable).parent, shell)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("CRITICAL  ./open.json:1:")
    reports = JOB["artifacts"]["reports"]
    assert (tmp_path / reports["junit"]).read_text().startswith("<?xml")
    quality = json.loads((tmp_path / reports["codequality"]).read_text())
    assert [one["severity"] for one in quality] == ["blocker", "critical"]
    assert quality[0]["location"] == {"path": "open.json", "lines": {"begin": 1}}


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_in_a_merge_request_the_settings_of_its_base_count(tmp_path: Path, shell: str) -> None:
    repository(tmp_path, {"Version": "2012-10-17", "Statement": []}, OPEN)
    base = revision(tmp_path)
    (tmp_path / "ecr-crossaccount.yaml").write_text("exclude: [policy.json]\n")
    commit(tmp_path)
    bin_ = Path(sys.executable).parent
    assert run(tmp_path, bin_, shell, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, ECR_BASE="").returncode == 0
    done = run(tmp_path, bin_, shell, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.returncode == 1
    assert sentence("change.change_also_changes_ecr_crossaccount") in done.stdout


@pytest.mark.parametrize("does, status", NO_VERDICTS.values(), ids=NO_VERDICTS)
def test_what_is_no_verdict_is_told_as_such(tmp_path: Path, does: str, status: int) -> None:
    (tmp_path / "ecr-crossaccount.xml").write_text("of an earlier run")
    done = run(tmp_path, command_that(tmp_path, does))
    assert done.returncode == status
    assert f"not judged: ecr-crossaccount ended with status {status}, which is no verdict" in done.stderr
    assert not (tmp_path / "ecr-crossaccount.xml").exists()


PIP = 'shift 2\necho "$*" >>"$LOG"\n'
"""A Python that only notes what pip is asked to install."""


def installed(folder: Path, source: Path, commit: str) -> tuple[int, str, list[str]]:
    """Run the job's preparation, and return its status, its errors, and the calls of pip."""
    commands = folder / "pip"
    commands.mkdir()
    (commands / "python").write_text(f"#!/bin/sh\n{PIP}")
    (commands / "python").chmod(0o755)
    log = folder / "calls"
    log.touch()
    more = {"PATH": os.pathsep.join((str(commands), os.environ["PATH"])), "LOG": str(log)}
    variables = {"ECR_SOURCE": str(source), "ECR_COMMIT": commit, "TMPDIR": str(folder)}
    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join(JOB["before_script"])],
        cwd=folder,
        env={**os.environ, **JOB["variables"], **variables, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr, log.read_text().splitlines()


def test_it_installs_one_commit_and_nothing_without_a_hash(tmp_path: Path) -> None:
    source = tmp_path / "copy"
    source.mkdir()
    repository(source, OPEN, OPEN)
    status, _, calls = installed(tmp_path, source, revision(source))
    assert status == 0
    locked, own = (call.split() for call in calls)
    assert "--require-hashes" in locked
    assert [Path(word).name for word in locked if word.endswith(".txt")] == ["build.txt", "command.txt"]
    assert {"--no-build-isolation", "--no-deps"} <= set(own)
    assert (Path(own[-1]) / "policy.json").is_file()


@pytest.mark.parametrize("commit", ["", "main", "v1"])
def test_a_name_that_can_move_is_not_installed(tmp_path: Path, commit: str) -> None:
    assert installed(tmp_path, tmp_path, commit) == (
        70,
        "not judged: ECR_COMMIT must be a whole commit of your copy\n",
        [],
    )


def test_its_image_is_that_of_the_container() -> None:
    assert f"FROM {JOB['image']}\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
