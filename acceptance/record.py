"""The results of a run so far. A question is unanswered until a step answers it, and unanswered is never fine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from .sandbox import Sandbox


class Agreement(Enum):
    """How the behavior of AWS compares with ours.

    RECORDED is for a question whose every answer is supported, and NOT_COMPARED for what both sides leave out.
    """

    AGREES = "agrees"
    EXPLAINED = "differs as documented"
    DIFFERS = "DIFFERS"
    RECORDED = "recorded"
    NOT_COMPARED = "not compared"
    NOT_ANSWERED = "not answered"


@dataclass(frozen=True, slots=True)
class Question:
    """A question that only AWS can answer. `assumed` is the answer that this project assumes, or both it supports."""

    key: str
    text: str
    assumed: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run saw. `seen` is for a person, and `agreement` says whether it matches the assumption."""

    seen: str
    agreement: Agreement


NOBODY_LOOKED = "the step that looks did not run"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two opinions about one case: `ours`, the engine's, and that of `subject`. `why` explains a difference."""

    case: str
    subject: str
    ours: str = ""
    seen: str = ""
    agreement: Agreement = Agreement.NOT_ANSWERED
    why: str = NOBODY_LOOKED


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was started. `problem` is None if it succeeded."""

    name: str
    started: datetime
    ended: datetime
    problem: str | None

    @property
    def seconds(self) -> float:
        """Its duration."""
        return (self.ended - self.started).total_seconds()


@dataclass(slots=True)
class Record:
    """A run's results, filled step by step. `left` has what the teardown could not remove, with the reason."""

    sandbox: Sandbox
    questions: tuple[Question, ...]
    started: datetime
    commit: str = "unknown"
    ended: datetime | None = None
    interrupted: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)
    comparisons: dict[tuple[str, str], Comparison] = field(default_factory=dict)
    policies: dict[str, str | None] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def expect(self, cases: Iterable[str], subjects: Iterable[str]) -> None:
        """Announce comparisons. Those that are not made later stay unanswered."""
        chosen = tuple(subjects)
        for case in cases:
            for subject in chosen:
                self.comparisons.setdefault((case, subject), Comparison(case, subject))

    def settle(self, found: Comparison) -> None:
        """Record a comparison."""
        self.comparisons[found.case, found.subject] = found

    def excuse(self, subject: str, reason: str) -> None:
        """Record why the remaining comparisons of a subject could not be made."""
        for key, found in self.comparisons.items():
            if found.subject == subject and found.agreement is Agreement.NOT_ANSWERED:
                self.comparisons[key] = replace(found, why=reason)

    def answer(self, question: Question) -> Answer:
        """Return the answer to a question, which may be that there is none."""
        return self.answers.get(question.key, Answer(NOBODY_LOOKED, Agreement.NOT_ANSWERED))

    @property
    def agreements(self) -> list[Agreement]:
        """The results of all questions and comparisons."""
        asked = [self.answer(question).agreement for question in self.questions]
        return asked + [found.agreement for found in self.comparisons.values()]

    @property
    def problems(self) -> list[str]:
        """The problems of the run itself."""
        return [f"{step.name}: {step.problem}" for step in self.steps if step.problem is not None]


def same(case: str, subject: str, ours: str, seen: str, why: str = "") -> Comparison:
    """Compare two opinions by their words."""
    if ours == seen:
        return Comparison(case, subject, ours, seen, Agreement.AGREES, "")
    return Comparison(case, subject, ours, seen, Agreement.DIFFERS, why)
