"""The command, run in the test's process, or in its own process if the process is tested."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from ecr_crossaccount.products.cli import main
from ecr_crossaccount.products.cli.base import clock, progress

from tests.assignments import assigned

OWNER = "111122223333"
TODAY = date(2026, 6, 30)
OPEN = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "AllowAll", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}],
}
SAFE = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "ecr:*"}}
NEIGHBOUR = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"},
}
UNDECIDED = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "ecr:BatchGetImage",
        "Condition": {"StringEquals": {"aws:SomeKeyOfTomorrow": "x"}},
    },
}


@dataclass(frozen=True, slots=True)
class Result:
    """The exit status and the output of a run."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever it printed
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process, on the day TODAY, with `stdin` on its standard input.

    A word such as `ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2` is an assignment, as in a shell.
    """
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(progress, "wait", Event.wait)  # no progress lines on a slow machine

    def run(*argv: str, stdin: bytes | str = b"") -> Result:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        with assigned(argv) as words:
            return _ran(words)

    def _ran(argv: list[str]) -> Result:
        try:
            status = main.main(argv)
        except SystemExit as leaving:  # argparse, for --help and bad usage
            status = int(leaving.code or 0)
        printed = capsys.readouterr()
        return Result(int(status), printed.out, printed.err)

    return run


Spawn = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def spawn() -> Spawn:
    """Run the command in its own process."""

    def spawn(
        *argv: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command(*argv), input=stdin, capture_output=True, check=False, env={**os.environ, **(environment or {})}
        )

    return spawn


def command(*argv: str) -> list[str]:
    """Return the command line for a separate process."""
    return [sys.executable, "-m", "ecr_crossaccount", *argv]


def interruptible(*argv: str) -> list[str]:
    """Return the same for a process that SIGINT reaches even if the tests ignore it, as under nohup."""
    begin = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-c", begin, *command(*argv)]


Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file (text, bytes, or a value as JSON) and return its path."""

    def write(content: object, name: str = "policy.json") -> str:
        path = tmp_path / name
        match content:
            case bytes():
                path.write_bytes(content)
            case str():
                path.write_text(content, encoding="utf-8")
            case _:
                path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    return write


def printed_by_aws(policy: object, *, owner: str = OWNER, name: str = "base/python") -> dict[str, object]:
    """Return what `aws ecr get-repository-policy` prints."""
    return {"registryId": owner, "repositoryName": name, "policyText": json.dumps(policy)}
