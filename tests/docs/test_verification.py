"""docs/verification.md: what it names exists, and its commands are the tool's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.mutation.suites import SUITES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\| `make mutants ARGS=\"([^\"]*)\"`", PAGE, re.MULTILINE)
"""The commands in the table of scores."""


def test_every_folder_of_tests_that_it_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.-]+)`", PAGE)
    assert len(named) >= 5
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_law_is_tried_at_length() -> None:
    """A law is a test whose number of examples `tests.profiles` sets."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    (tried,) = re.findall(r"^LAWS := (.*)$", makefile, re.MULTILINE)
    laws = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"^@(?:slow_)?examples\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(laws) > 10
    assert [law for law in laws if not any(f"{law}/".startswith(f"{one}/") for one in tried.split())] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_score_is_one_of_a_suite_with_a_sample(command: str) -> None:
    suite, *options = shlex.split(command)
    assert suite in {one.name for one in SUITES}
    assert "--sample" in options


def test_every_suite_has_a_score() -> None:
    assert {shlex.split(command)[0] for command in COMMANDS} == {suite.name for suite in SUITES}
