"""docs/verification.md: what it names is there, and its commands are those of the tool."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.mutation.suites import SUITES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\| `make mutants ARGS=\"([^\"]*)\"`", PAGE, re.MULTILINE)
"""Those in the table of scores."""


def test_every_folder_of_tests_that_it_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.-]+)`", PAGE)
    assert len(named) >= 5
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_score_is_one_of_a_suite_with_a_sample(command: str) -> None:
    suite, *options = shlex.split(command)
    assert suite in {one.name for one in SUITES}
    assert "--sample" in options


def test_every_suite_has_a_score() -> None:
    assert {shlex.split(command)[0] for command in COMMANDS} == {suite.name for suite in SUITES}
