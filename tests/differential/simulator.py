"""A running iam-simulate, called over a pipe: one JSON line in, one JSON line out."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from filelock import FileLock

from tests.properties.oracle import Request
from tests.properties.world import Policy

FOLDER = Path(__file__).parent

# The answers to these few questions fit into a pipe's buffer. So the bridge never waits for a reader that is writing.
_AT_A_TIME = 100


class SimulatorError(Exception):
    """Node.js or iam-simulate is not usable."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request against a policy on a repository of `owner`, under the guardrails of an organization.

    `resource` is the ARN of the resource if it is not a repository.
    """

    policy: Policy
    owner: str
    request: Request
    rcp: Policy | None = None
    scp: Policy | None = None
    resource: str | None = None

    def line(self) -> str:
        request = {
            "principal": self.request.principal,
            "action": self.request.action,
            "resource": self.resource or f"arn:aws:ecr:eu-west-1:{self.owner}:repository/base/app",
            "context": dict(self.request.context),
        }
        around = {"rcp": self.rcp, "scp": self.scp}
        return json.dumps({"policy": self.policy, "owner": self.owner, "request": request, **around}) + "\n"


def install() -> None:
    """Install exactly what the lock file lists, unless it is already installed."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SimulatorError("`node` and `npm` are not on PATH; the differential tests need Node.js 20 or later")
    wanted, present = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".installed-lock.json"
    with FileLock(FOLDER / ".install.lock"):  # several processes run the tests
        _install(wanted, present)


def _install(wanted: Path, present: Path) -> None:
    if present.exists() and present.read_bytes() == wanted.read_bytes():
        return
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=FOLDER, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SimulatorError(f"`npm ci` failed in {FOLDER.name}: {done.stderr.strip()}")
    present.write_bytes(wanted.read_bytes())


class Simulator:
    """A context manager for the bridge process. `answers` can be called any number of times."""

    def __enter__(self) -> Self:
        install()
        self._process = subprocess.Popen(
            ["node", "bridge.js"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def answers(self, questions: Iterable[Question]) -> Iterator[str]:
        """Yield `Allowed`, `ImplicitlyDenied` or `ExplicitlyDenied` for each, in order.

        Raises if a question cannot be evaluated.
        """
        remaining = iter(questions)
        while some := list(islice(remaining, _AT_A_TIME)):
            yield from self._ask(some)

    def allows(self, question: Question) -> bool:
        return next(self.answers([question])) == "Allowed"

    def _ask(self, questions: Sequence[Question]) -> Iterator[str]:
        send, receive = _pipes(self._process)
        send.writelines(question.line() for question in questions)
        send.flush()
        for question in questions:
            reply = json.loads(receive.readline() or '{"error": "the bridge ended"}')
            if "error" in reply:
                raise SimulatorError(f"{reply['error']} at `{question.line().strip()}`")
            yield reply["answer"]


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise SimulatorError("the bridge has no pipes")
    return process.stdin, process.stdout
