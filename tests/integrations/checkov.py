"""Checkov, run with our check alone."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
PACKAGE = ROOT / "rule" / "ecr_crossaccount"
ID = "CKV_ECRCROSSACCOUNT_1"
OWNER = "111122223333"


@dataclass(frozen=True, slots=True)
class Ran:
    """How Checkov ended, what it said of each resource, the details that it keeps, and what it called the check."""

    status: int
    verdicts: Mapping[str, str]
    details: Mapping[str, list[str]]
    names: frozenset[str]


def installed(command: Path = CHECKOV) -> Path:
    """Return the command, if it is there; skip the test elsewhere."""
    if not command.exists():
        missing = f"no `{command}`: `make checkov` makes it"
        (pytest.fail if os.environ.get("REQUIRE_EVERY_TEST") == "all" else pytest.skip)(missing)
    return command


def checkov(folder: Path, *argv: str, command: Path = CHECKOV, packages: Path = PACKAGE.parent, **given: str) -> Ran:
    """Run it in `folder`, without network, with the engine that is in `packages`.

    What is `given` are its ECR_CROSSACCOUNT_ variables.
    """
    variables = {f"ECR_CROSSACCOUNT_{name.upper()}": value for name, value in given.items()}
    environment = {**os.environ, **variables, "PYTHONPATH": str(packages), "LOG_LEVEL": "ERROR"}
    where = argv or ("--directory", str(folder))
    done = subprocess.run(
        [
            str(installed(command)), *where, "--external-checks-dir", str(ROOT / "integrations" / "checkov"),
            "--check", ID, "--framework", "cloudformation", "terraform", "terraform_plan",
            "--skip-download", "--output", "json",
        ],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    printed = json.loads(done.stdout) if done.stdout.strip() else pytest.fail(done.stderr)
    reports = printed if isinstance(printed, list) else [printed]
    records = [one for report in reports for kind in report["results"] for one in report["results"][kind]]
    return Ran(
        done.returncode,
        {one["resource"]: one["check_result"]["result"] for one in records},
        {one["resource"]: one["details"] for one in records},
        frozenset(one["check_name"] for one in records),
    )
