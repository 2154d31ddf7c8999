"""Runs Checkov with only our check."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    """The exit status of Checkov, its result for each resource, its details, and the name of the check."""

    status: int
    verdicts: Mapping[str, str]
    details: Mapping[str, list[str]]
    names: frozenset[str]


def installed(command: Path = CHECKOV) -> Path:
    """Return the command, or skip the test if it is not installed."""
    if not command.exists():
        missing = f"no `{command}`: `make checkov` makes it"
        (pytest.fail if os.environ.get("REQUIRE_EVERY_TEST") == "all" else pytest.skip)(missing)
    return command


def checkov(folder: Path, *argv: str, command: Path = CHECKOV, packages: Path = PACKAGE.parent, **given: str) -> Ran:
    """Run it in `folder`, without a network, with the engine in `packages`.

    `given` are its ECR_CROSSACCOUNT_ variables.
    """
    done = subprocess.run(
        [str(installed(command)), *_options(folder, argv)],
        cwd=folder,
        env={**_environment(given), "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=False,
    )
    return _ran(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class Started:
    """Checkov, already imported. Each run is a fork of it, so that it does not pay for the import."""

    process: subprocess.Popen[str]
    streams: Path

    def run(
        self, folder: Path, *argv: str, packages: Path = PACKAGE.parent, runners: str = "none", **given: str
    ) -> Ran:
        """Run like `checkov`. `runners` "fork" lets each framework run in a process, as Checkov does on Linux."""
        out, err = self.streams / "stdout", self.streams / "stderr"
        asked = {
            "argv": _options(folder, argv),
            "environment": {**_environment(given), "CHECKOV_PARALLELIZATION_TYPE": runners},
            "packages": str(packages),
            "folder": str(folder),
            "stdout": str(out),
            "stderr": str(err),
        }
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        status = int(self.process.stdout.readline())
        return _ran(status, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))


@contextmanager
def started(streams: Path) -> Iterator[Started]:
    """Start it, and end it with the block. `streams` is a folder for the output of a run."""
    python = installed().with_name("python")
    command = [str(python), "-P", str(Path(__file__).with_name("checkov_once.py"))]
    with subprocess.Popen(
        command, env=_environment({}), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Started(process, streams)


def _options(folder: Path, argv: Sequence[str]) -> list[str]:
    return [
        *(argv or ("--directory", str(folder))), "--external-checks-dir", str(ROOT / "integrations" / "checkov"),
        "--check", ID, "--framework", "cloudformation", "terraform", "terraform_plan",
        "--skip-download", "--output", "json",
    ]  # fmt: skip


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    variables = {f"ECR_CROSSACCOUNT_{name.upper()}": value for name, value in given.items()}
    return {**os.environ, **variables, "LOG_LEVEL": "ERROR"}


def _ran(status: int, stdout: str, stderr: str) -> Ran:
    printed = json.loads(stdout) if stdout.strip() else pytest.fail(stderr)
    reports = printed if isinstance(printed, list) else [printed]
    records = [one for report in reports for kind in report["results"] for one in report["results"][kind]]
    return Ran(
        status,
        {one["resource"]: one["check_result"]["result"] for one in records},
        {one["resource"]: one["details"] for one in records},
        frozenset(one["check_name"] for one in records),
    )
