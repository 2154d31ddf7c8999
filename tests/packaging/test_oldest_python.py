"""The oldest supported Python: the rules that keep the package compatible, and a run with the oldest installed one.

The environment of Checkov has that Python (`make checkov`).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from tests.case_tables import cases
from tests.docs.markdown import ROOT
from tests.integrations.checkov import CHECKOV, PACKAGE, installed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SUPPORTED = [
    found[1] for name in PROJECT["project"]["classifiers"] if (found := re.fullmatch(r".* :: (3\.[0-9]+)", name))
]
LINT = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]


def test_the_oldest_is_the_same_for_installers_linters_and_locks() -> None:
    oldest = SUPPORTED[0]
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert PROJECT["tool"]["mypy"]["python_version"] == oldest
    assert f"--target={oldest}-" in LINT
    assert f"checkov:{oldest}" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "code",
    [
        "from itertools import batched\n",
        "import typing\n\nprint(typing.override)\n",
        "from pathlib import Path\n\nprint(list(Path().walk()))\n",
        "type X = int\n",
        "def same[T](value: T) -> T:\n    return value\n",
        'names = {"a": 1}\nprint(f"{names["a"]}")\n',
    ],
)
def test_what_the_oldest_lacks_fails_the_lint(tmp_path: Path, code: str) -> None:
    (tmp_path / "new.py").write_text(code)
    assert not all(passes(tool, tmp_path) for tool in ("ruff check", "vermin"))


def test_what_the_oldest_has_passes_the_lint(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text('"""Reads the settings."""\n\nimport tomllib\n\nSETTINGS = tomllib.loads("")\n')
    assert passes("vermin", tmp_path)


def passes(tool: str, folder: Path) -> bool:
    """Return whether a folder passes a tool of `make lint`, with its arguments there except the rules of style."""
    (options,) = re.findall(rf"\$\(BIN\)/{tool}(.*)$", LINT, re.MULTILINE)
    argv = [*tool.split(), *(one for one in shlex.split(options) if one.startswith("-"))]
    if tool != "vermin":
        argv += ["--config", str(ROOT / "pyproject.toml"), "--select", "E9"]
    done = subprocess.run(
        [Path(sys.executable).with_name(argv[0]), *argv[1:], folder], capture_output=True, check=False
    )
    return done.returncode == 0


IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.append(sys.argv[1])  # what is pure Python there, and missing here: the function's own dependency
import ecr_crossaccount
for module in pkgutil.walk_packages(ecr_crossaccount.__path__, "ecr_crossaccount."):
    if module.name != "ecr_crossaccount.products.cdk":  # of an extra, which is not installed
        importlib.import_module(module.name)
    print(module.name)
"""
ANSWER_ALL = """
import sys
from datetime import date
from ecr_crossaccount.products.cli import batch
for line in batch.answers(sys.stdin.buffer.readlines(), date(2026, 6, 30)):
    print(line)
"""


def run(python: str | Path, code: str, *argv: str, stdin: bytes = b"") -> list[str]:
    done = subprocess.run(
        [python, "-c", code, *argv], input=stdin, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


@pytest.fixture
def oldest() -> Path:
    return installed(CHECKOV).with_name("python")


def test_every_module_can_be_imported_by_the_oldest(oldest: Path) -> None:
    found = run(oldest, IMPORT_ALL, sysconfig.get_path("purelib"))
    files = {path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py")}
    assert {name.split(".", 1)[1] for name in found} == {
        ".".join(path.parts).removesuffix(".__init__") for path in files if path.parts != ("__init__",)
    }


def test_the_oldest_gives_every_case_the_answer_that_this_one_gives(oldest: Path) -> None:
    """wheel.py does the same for plans, on every supported Python."""
    # The depth of nested JSON depends on the Python. Every version refuses it, for different reasons.
    asked = [case for case in cases() if case.name != "nesting a thousand deep is invalid"]
    lines = "".join(f"{case.batch_line()}\n" for case in asked).encode()
    answers = run(oldest, ANSWER_ALL, stdin=lines)
    assert len(answers) == len(asked)
    assert answers == run(sys.executable, ANSWER_ALL, stdin=lines)
    assert all(json.loads(answer)["id"] is not None for answer in answers)
