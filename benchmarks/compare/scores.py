"""The scores of answers: missed policies, false alarms, and missing answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .contenders import Answers
from .questions import Question


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over one corpus. `missed` and `alarms` are the questions with wrong answers, by their names."""

    open: int
    closed: int
    missed: tuple[str, ...]
    alarms: tuple[str, ...]
    crashes: tuple[str, ...]
    microseconds: float


def score(questions: Sequence[Question], answers: Answers, asked: str) -> Score:
    """Return how the answers to a question about one corpus compare with the correct ones."""
    missed, alarms, crashes, is_open = [], [], [], 0
    for question, answer in zip(questions, answers.answers, strict=True):
        truth = question.truth(asked)
        is_open += truth
        if answer.error is not None:
            crashes.append(question.name)
        elif truth and answer.finding is None:
            missed.append(question.name)
        elif not truth and answer.finding is not None:
            alarms.append(question.name)
    return Score(
        is_open, len(questions) - is_open, tuple(missed), tuple(alarms), tuple(crashes), answers.seconds * 1_000_000
    )
