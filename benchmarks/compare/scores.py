"""From answers to scores: what was missed, what was a false alarm, and what had no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .contenders import PUBLIC, Answers
from .questions import Question


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over one corpus. `missed` and `alarms` are the questions that were answered wrongly, by their names."""

    open: int
    closed: int
    missed: tuple[str, ...]
    alarms: tuple[str, ...]
    crashes: tuple[str, ...]
    microseconds: float


def score(questions: Sequence[Question], answers: Answers, asks: str) -> Score:
    """How the answers to one corpus compare with what is right."""
    missed, alarms, crashes, is_open = [], [], [], 0
    for question, answer in zip(questions, answers.answers, strict=True):
        truth = question.public if asks == PUBLIC else question.outside
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
