"""docs/ask.md shows the output of its commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ecr_crossaccount.judgement.values.verdict import Access
from ecr_crossaccount.questions.ask.question import WORDS, wanted_of
from ecr_crossaccount.questions.ask.replies import Answer

from tests.docs.markdown import ROOT, page
from tests.docs.test_readme import is_as_shown

PAGE = page("docs/ask.md")


def transcript() -> Iterator[tuple[str, str]]:
    for block in PAGE.blocks("console"):
        command, _, shown = block.text.removeprefix("$ ").partition("\n")
        yield command, shown


TRANSCRIPT = list(transcript())


@pytest.mark.parametrize("command, shown", TRANSCRIPT, ids=[command for command, _ in TRANSCRIPT])
def test_a_command_prints_what_the_page_shows(command: str, shown: str) -> None:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0
    assert is_as_shown(ran.stdout, shown), ran.stdout


def test_every_answer_is_explained() -> None:
    (rows,) = [rows for rows in PAGE.tables() if rows[0][0] == "answer"]
    assert [row[0] for row in rows[1:]] == [
        one.value for one in (Answer.ALLOWED, Answer.DEPENDS, Answer.PARTLY, Answer.DENIED, Answer.UNDECIDED)
    ]


def test_the_words_are_those_of_the_command() -> None:
    (rows,) = [rows for rows in PAGE.tables() if rows[0][0] == "`--can`"]
    for word, text in {row[0].strip("`"): row[1] for row in rows[1:]}.items():
        if word in WORDS:
            assert set(re.findall(r"`(ecr:\w+)`", text)) == set(WORDS[word])
    assert Access.ADMIN.value in dict(rows)["`admin`"]
    assert wanted_of("admin").actions
