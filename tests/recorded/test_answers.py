"""No answer to a case table or to the corpus changes without being recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .__main__ import DIGESTS, compare, digest_of
from .answers import parts

RECORDED = json.loads(DIGESTS.read_text("utf-8"))
HOW_TO_SEE = """the answers to `{part}` differ from the record. To see the difference:
    make answers ARGS=dump > new.txt                     # here, and > old.txt in a worktree of the commit before
    make answers ARGS="compare old.txt new.txt"
If it is what the change is for: make answers"""


def test_each_part_is_recorded() -> None:
    assert list(RECORDED) == list(parts()), "make answers"


@pytest.mark.parametrize("part", parts())
def test_the_answers_are_those_that_are_recorded(part: str) -> None:
    assert digest_of(part) == RECORDED.get(part), HOW_TO_SEE.format(part=part)


def test_two_dumps_are_compared_answer_by_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text('judge\tsame\t{"a": 1}\njudge\tchanged\t{"a": 1}\njudge\tgone\t{}\n')
    new.write_text('judge\tsame\t{"a": 1}\njudge\tchanged\t{"a": 2}\nplan\tadded\t{}\n')
    assert compare(str(old), str(old)) == 0
    assert compare(str(old), str(new)) == 1
    printed = capsys.readouterr().out
    assert all(one in printed for one in ("judge: changed", '- "a": 1', '+ "a": 2'))
    assert printed.endswith("3 of 4 answers differ\n")
