"""The stack as the AWS SAM CLI deploys it: the command of a real run, with endpoints that lead to the fakes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acceptance import __main__ as command
from acceptance import run
from acceptance.cases import cases
from acceptance.deployment import SamCli
from acceptance.sandbox import Sandbox
from acceptance.steps import STEPS
from tests.acceptance.cloud import ACCOUNT, Cloud
from tests.acceptance.conftest import Accept
from tests.acceptance.permissions import allowed

pytestmark = [
    pytest.mark.artefact,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse AWS"),
]


def test_a_run_with_the_sam_cli(
    accept: Accept,
    report: Callable[[], dict[str, Any]],
    cloud: Cloud,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SAM_CLI_TELEMETRY", "0")
    monkeypatch.setenv("SAM_CLI_POLL_DELAY", "0.1")
    monkeypatch.setattr(command, "cases", lambda: tuple(one for one in cases() if one.name == "partner-writes"))
    left_out = ("read what", "watch", "ask")
    monkeypatch.setattr(run, "STEPS", tuple(step for step in STEPS if not step.name.startswith(left_out)))
    accept(SamCli(str(Path(sys.executable).with_name("sam")), tmp_path / "build"))
    found = report()
    assert [(step["name"], step["problem"]) for step in found["steps"] if step["problem"]] == []
    assert {one["agreement"] for one in found["comparisons"]} == {"agrees"}
    assert found["left"] == []
    assert {f"cloudformation:{one}" for one in cloud.called_by_sam} - allowed() == set()
    assert cloud.called_by_sam >= {"CreateChangeSet", "ExecuteChangeSet"}


def test_what_the_sam_cli_says_when_it_fails_is_told(
    accept: Accept, report: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    sam = tmp_path / "sam"
    sam.write_text("#!/bin/sh\necho 'Error: no such template'\nexit 1\n", encoding="utf-8")
    sam.chmod(0o755)
    assert accept(SamCli(str(sam), tmp_path / "build")) == 2
    (step,) = report()["steps"]
    assert step["problem"] == "`sam build` failed: Error: no such template"


def test_a_sam_cli_that_is_not_there_is_told(
    accept: Accept, report: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    assert accept(SamCli(str(tmp_path / "sam"), tmp_path / "build")) == 2
    assert report()["steps"][0]["problem"].startswith("`sam build` could not be run: ")


def test_what_is_deployed_again_with_other_parameters_is_built_once(tmp_path: Path) -> None:
    sam, log = tmp_path / "sam", tmp_path / "log"
    sam.write_text(f"#!/bin/sh\necho $1 >> {log}\n", encoding="utf-8")
    sam.chmod(0o755)
    deployment, sandbox = SamCli(str(sam), tmp_path / "build"), Sandbox(ACCOUNT, "eu-central-1")
    deployment.deploy(sandbox, sandbox.parameters)
    deployment.deploy(sandbox, sandbox.trusting_parameters)
    assert log.read_text(encoding="utf-8").split() == ["build", "deploy", "deploy"]
