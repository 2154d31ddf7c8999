"""Whole answers are those that are recorded."""

from __future__ import annotations

import json

import pytest

from tests.judgement.whole_answers import ANSWERS, QUESTIONS, answer

RECORDED = json.loads(ANSWERS.read_text("utf-8"))


def test_every_question_is_recorded() -> None:
    assert list(RECORDED) == list(QUESTIONS), "make answers"


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_whole_answer_is_what_is_recorded(name: str) -> None:
    assert answer(name) == RECORDED[name], "if that is meant, make answers"
