"""A crash is not a verdict: its status differs from those about a policy."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import ecr_crossaccount
import pytest
from ecr_crossaccount import __main__ as process
from ecr_crossaccount.products.cli.base.program import ExitStatus
from ecr_crossaccount.products.cli.main import COMMANDS

from tests.wording import sentence

from .conftest import OPEN, OWNER, Run, Write

pytestmark = pytest.mark.slow

PACKAGE = Path(ecr_crossaccount.__file__).parent
LINE = re.compile(
    re.escape(sentence("main.internal_error", what="WHAT", help="HELP"))
    .replace("WHAT", "(?P<what>.*)")
    .replace("HELP", "(?P<help>.*)")
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package and its existing byte code, which saves most of the start time."""
    folder = tmp_path_factory.mktemp("site")
    # Python names unfinished byte code .pyc.NUMBER. Other tests may be importing new files at the same time.
    shutil.copytree(PACKAGE, folder / "ecr_crossaccount", ignore=shutil.ignore_patterns("*.pyc.*"))
    return folder


@pytest.fixture
def broken(site: Path) -> Iterator[Broken]:
    spoilt = Broken(site)
    yield spoilt
    spoilt.mend()


class Broken:
    """A copy of the package that a test can break."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mended: dict[Path, str | None] = {}

    def spoil(self, module: str, code: str) -> None:
        """Let `module`, or one beside the package, begin with `code`, which may be invalid Python."""
        path = self._folder / f"{module}.py"
        kept = path.read_text(encoding="utf-8") if path.exists() else None
        docstring, future, rest = (kept or "").partition("from __future__ import annotations\n")
        self._write(path, f"{docstring}{future}{code}\n{rest}", kept)

    def end(self, module: str, code: str) -> None:
        """Let `module` end with `code`."""
        path = self._folder / f"{module}.py"
        kept = path.read_text(encoding="utf-8")
        self._write(path, f"{kept}\n{code}\n", kept)

    def _write(self, path: Path, text: str, before: str | None) -> None:
        self._mended.setdefault(path, before)
        _forget(path)
        path.write_text(text, encoding="utf-8")

    def mend(self) -> None:
        """Undo all changes, for the next test."""
        for path, text in self._mended.items():
            _forget(path)
            if text is not None:
                path.write_text(text, encoding="utf-8")

    def run(
        self, *argv: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command like the script that an installer writes."""
        code = "import sys; from ecr_crossaccount.__main__ import process; sys.exit(process())"
        return subprocess.run(
            [sys.executable, "-c", code, *argv], cwd=cwd, input=stdin.decode(), capture_output=True, text=True,
            check=False, env={**os.environ, "PYTHONPATH": str(self._folder), **(environment or {})},
        )  # fmt: skip


def _forget(path: Path) -> None:
    """Remove a module and its byte code. The byte code could be from another text of the same length and second."""
    path.unlink(missing_ok=True)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def judge_fails_with(error: str) -> tuple[str, str]:
    return "ecr_crossaccount/judgement/judge", f"def judge(*_, **__):\n    raise {error}"


@pytest.mark.parametrize(
    "error, what, helps",
    [
        ("ValueError('no such thing')", "ValueError: no such thing", "report it as SECURITY.md describes"),
        ("KeyError()", "KeyError", "report it as SECURITY.md describes"),
        ("MemoryError()", "MemoryError", "there was not enough memory"),
        ("RecursionError('too deep')", "RecursionError: too deep", "report it as SECURITY.md describes"),
        ("ImportError('no rich')", "ImportError: no rich", "install it again"),
        ("AssertionError('x' * 9000)", "AssertionError: " + "x" * 283 + "…", "report it as SECURITY.md describes"),
        ("SystemExit('that will be all')", "SystemExit: that will be all", "report it as SECURITY.md describes"),
        ("SystemExit(1)", "SystemExit: 1", "report it as SECURITY.md describes"),
        ("BaseException('of a library')", "BaseException: of a library", "report it as SECURITY.md describes"),
    ],
)
def test_whatever_goes_wrong_is_one_line_and_a_status_of_its_own(
    broken: Broken, write: Write, error: str, what: str, helps: str
) -> None:
    broken.end(*judge_fails_with(error))
    done = broken.run("judge", "--owner", OWNER, write(OPEN))
    said = LINE.fullmatch(done.stderr)
    assert (done.returncode, done.stdout) == (70, "")
    assert said, done.stderr
    assert said["what"] == what
    assert helps in said["help"]


def test_what_a_policy_puts_into_an_error_cannot_reach_the_terminal(broken: Broken, write: Write) -> None:
    broken.end(*judge_fails_with(r"ValueError('\x1b[2J\n0 non-compliant\u202e')"))
    for option in ([], ["--debug"]):
        done = broken.run("judge", *option, "--owner", OWNER, write(OPEN))
        assert done.returncode == 70
        assert r"ValueError: \x1b[2J" in done.stderr
        assert not {"\x1b", "\u202e"} & set(done.stderr)


@pytest.mark.parametrize(
    "module",
    [
        "judgement/judge",
        "products/cli/judge",
        "products/cli/main",
        "products/cli/base/program",
        "errors",
    ],
)
@pytest.mark.parametrize("code", ["this is no Python", "raise OSError('cannot be read')", "import nothing.of.the_kind"])
def test_what_cannot_be_imported_is_no_verdict(broken: Broken, write: Write, module: str, code: str) -> None:
    broken.spoil(f"ecr_crossaccount/{module}", code)
    done = broken.run("judge", "--owner", OWNER, write(OPEN))
    assert (done.returncode, done.stdout) == (70, "")
    assert re.fullmatch(r"ecr-crossaccount: internal error \(.*\n", done.stderr), done.stderr


@pytest.mark.parametrize("module", ["rich", "jinja2", "yaml", "tree_sitter"])
def test_a_broken_dependency_is_no_verdict(broken: Broken, write: Write, module: str, tmp_path: Path) -> None:
    broken.spoil(module, "raise ImportError('built for another Python')")
    (tmp_path / "main.tf").write_text("resource aws_ecr_repository_policy x {}")
    write("AWSTemplateFormatVersion: 2010-09-09\nResources: {A: {Type: 'AWS::ECR::Repository'}}", "stack.yaml")
    page = ["audit", write("[]", "inventory.json"), "--format", f"html={tmp_path / 'page.html'}"]
    argv = page if module == "jinja2" else ["check", "--account", OWNER, str(tmp_path)]
    done = broken.run(*argv, environment={"FORCE_COLOR": "1"})  # without a terminal, nothing needs rich
    assert (done.returncode, "built for another Python" in done.stderr) == (70, True), done.stderr
    assert "install it again" in done.stderr
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_crashes_says_so(broken: Broken, command: str) -> None:
    broken.end(f"ecr_crossaccount/products/cli/{command}", "def configure(parser): ...\ndef run(_): return 1 // 0")
    done = broken.run(command)
    assert done.returncode == 70
    assert LINE.fullmatch(done.stderr)


@pytest.mark.parametrize(
    "argv, environment",
    [
        pytest.param(["--debug", "trust", "lint"], {}, id="before the command"),
        pytest.param(["trust", "--debug", "lint"], {}, id="between command and task"),
        pytest.param(["trust", "lint", "--debug"], {}, id="after the task"),
        pytest.param(["trust", "lint"], {"ECR_CROSSACCOUNT_DEBUG": "1"}, id="by the environment"),
    ],
)
def test_the_traceback_is_shown_to_who_asks_for_it(
    broken: Broken, argv: list[str], environment: dict[str, str]
) -> None:
    broken.end("ecr_crossaccount/products/cli/trust", "def run(_): return 1 // 0")
    done = broken.run(*argv, environment=environment)
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert LINE.fullmatch(done.stderr.splitlines(keepends=True)[-1])
    assert "Traceback" not in broken.run("trust", "lint").stderr


JUDGES_LINES = """
from ...judgement import judge as _judge
def judge(policy, *rest):
    if policy == "crash":
        raise ValueError("on this line")
    return _judge.judge(policy, *rest)
"""
PLANS_LINES = """
from ...questions.plan.plan import plan as _real
def plan(policy, *rest, **named):
    if policy == "crash":
        raise ValueError("on this line")
    return _real(policy, *rest, **named)
"""


@pytest.mark.parametrize("command, code", [("judge", JUDGES_LINES), ("plan", PLANS_LINES)], ids=["judge", "plan"])
def test_a_line_that_crashes_is_answered_as_not_judged_and_fails_the_batch(
    broken: Broken, command: str, code: str
) -> None:
    broken.end("ecr_crossaccount/products/cli/batch", code)
    lines = [{"id": number, "policy": policy, "owner": OWNER} for number, policy in enumerate([None, "crash", OPEN])]
    done = broken.run(command, "--jsonl", stdin="".join(f"{json.dumps(one)}\n" for one in [*lines, lines[1]]).encode())
    assert done.returncode == 70
    said = LINE.fullmatch(done.stderr)
    assert said
    assert said["what"] == ("UnansweredError: line 2 was not judged: ValueError: on this line (and 1 more)")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in answers] == [0, 1, 2, 1]
    reason = sentence("batch.not_judged_internal_error")
    assert [one["invalid"] for one in answers] == [[], [{"at": "line", "reason": reason}], [], answers[1]["invalid"]]
    if command == "judge":
        assert [one["compliance"] == "COMPLIANT" for one in answers] == [True, False, False, False]
    else:
        assert [one["action"] for one in answers] == ["none", "none", "set", "none"]


@pytest.mark.parametrize("name, module", [("sarif", "sarif"), ("json", "check_reports")])
def test_a_crash_in_a_report_leaves_the_last_one(
    broken: Broken, write: Write, tmp_path: Path, name: str, module: str
) -> None:
    broken.end(f"ecr_crossaccount/products/cli/formats/{module}", f"def as_{name}(_): raise MemoryError")
    report = tmp_path / "report"
    report.write_text("the last one")
    done = broken.run("check", "--account", OWNER, "--format", f"{name}={report}", write(OPEN))
    assert done.returncode == 70
    assert sorted(path.name for path in tmp_path.iterdir()) == ["policy.json", "report"]
    assert report.read_text() == "the last one"


def test_the_statuses_that_the_process_knows_are_the_command_s() -> None:
    assert (process.CRASHED, process.INTERRUPTED) == (ExitStatus.CRASHED, ExitStatus.INTERRUPTED)


def test_help_names_the_status_of_a_crash(run: Run) -> None:
    for argv in ([], ["check"], ["trust", "lint"], ["completion"]):
        assert sentence("processes.internal_error_nothing") in run(*argv, "--help").out


@pytest.mark.parametrize("closed", ["0", "1", "2"])
def test_a_stream_that_the_caller_closed_is_no_crash(write: Write, closed: str) -> None:
    code = f"exec {sys.executable} -m ecr_crossaccount judge --owner {OWNER} {write(OPEN)} {closed}>&-"
    done = subprocess.run(["bash", "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert (b"CRITICAL" in done.stdout) == (closed != "1")
