"""The contenders: the name of each, its environment, and the question that it answers."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .questions import ACCOUNTS, FORM, PUBLIC, SERVICES, Question

ROOT = Path(__file__).parents[2]


class ContenderError(RuntimeError):
    """A contender did not answer at all. The message has the end of its output."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A contender.

    `name` is its adapter in peers.py, and `package` the distribution with its version.
    """

    name: str
    title: str
    environment: str
    package: str
    question: str
    how: str

    @property
    def python(self) -> str:
        """The Python interpreter of its environment."""
        return str(ROOT / self.environment / "bin" / "python")

    def version(self) -> str:
        """Return the installed version. Raises ContenderError if it is not installed."""
        script = f"from importlib.metadata import version; print(version({self.package!r}))"
        return self._run(["-c", script]).strip()

    def answers(self, questions: Sequence[Question]) -> Answers:
        """Return its answer to each question. Raises ContenderError if it answers none."""
        asked = [{"policy": one.policy, "owner": one.owner, "circumstances": one.circumstances} for one in questions]
        told: dict[str, Any] = json.loads(self._run(["-m", "benchmarks.compare.answer", self.name], json.dumps(asked)))
        return Answers(tuple(Answer(**one) for one in told["answers"]), told["seconds"])

    def _run(self, arguments: Sequence[str], given: str = "") -> str:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'rule'}", "PYTHONWARNINGS": "ignore"}
        command = [self.python, *arguments]
        if not Path(self.python).exists():
            raise ContenderError(f"`{self.environment}` is not there: run `make compare`")
        run = subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, env=environment, cwd=ROOT
        )
        if run.returncode != 0:
            raise ContenderError(f"{self.title} did not answer:\n{run.stderr[-2000:]}")
        return run.stdout


@dataclass(frozen=True, slots=True)
class Answer:
    """`finding` in the contender's words, or None if it has no objection. `error` is the exception that it raised."""

    finding: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Answers:
    """An answer for each question, and the processor seconds for one."""

    answers: tuple[Answer, ...]
    seconds: float


_OURS = "ecr-crossaccount"
CONTENDERS = (
    *(
        contender
        for question in (ACCOUNTS, SERVICES)
        for contender in (
            Contender("ours", _OURS, ".venv", _OURS, question, "`judge`, no one trusted"),
            Contender(
                "c7n", "Cloud Custodian", ".venv-bench", "c7n", question, "the checker of the filter `cross-account`"
            ),
            Contender(
                "policyuniverse",
                "policyuniverse",
                ".venv-bench",
                "policyuniverse",
                question,
                "`whos_allowed()` names someone besides the owner",
            ),
        )
    ),
    Contender("ours-public", _OURS, ".venv", _OURS, PUBLIC, "the same verdict's `public`"),
    Contender("checkov", "Checkov", ".venv-checkov", "checkov", PUBLIC, "`CKV_AWS_32` on CloudFormation templates"),
    Contender(
        "prowler",
        "Prowler",
        ".venv-compare",
        "prowler",
        PUBLIC,
        "what `ecr_repositories_not_publicly_accessible` calls",
    ),
    Contender(
        "policyuniverse-public",
        "policyuniverse",
        ".venv-bench",
        "policyuniverse",
        PUBLIC,
        "`is_internet_accessible()`",
    ),
    Contender(
        "cloudsplaining",
        "cloudsplaining",
        ".venv-compare",
        "cloudsplaining",
        PUBLIC,
        "`internet_accessible_actions` of a resource policy",
    ),
    Contender("cfn-lint", "cfn-lint", ".venv", "cfn-lint", FORM, "all rules on CloudFormation templates"),
)
