"""What a run has found so far. Whatever nobody has answered yet says so; nothing is taken for fine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from .sandbox import Sandbox


class Agreement(Enum):
    """How what AWS showed stands to what we say."""

    AGREES = "agrees"
    EXPLAINED = "differs as documented"
    DIFFERS = "DIFFERS"
    NOT_ANSWERED = "not answered"


@dataclass(frozen=True, slots=True)
class Question:
    """What only AWS can answer; `assumed` is what this project takes for the answer, or both that it is made for."""

    key: str
    text: str
    assumed: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run saw. `seen` is for a person; `agreement` says whether it is what we assume."""

    seen: str
    agreement: Agreement


NOBODY_LOOKED = "the step that looks did not run"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two opinions about one case: `ours`, the engine's, and what `subject` showed; `why` explains a difference."""

    case: str
    subject: str
    ours: str = ""
    seen: str = ""
    agreement: Agreement = Agreement.NOT_ANSWERED
    why: str = NOBODY_LOOKED


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was begun: `problem` is None if it went through."""

    name: str
    started: datetime
    ended: datetime
    problem: str | None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.started).total_seconds()


@dataclass(slots=True)
class Record:
    """A run's findings, filled step by step. `left`: what the teardown could not remove, with the reason."""

    sandbox: Sandbox
    questions: tuple[Question, ...]
    started: datetime
    ended: datetime | None = None
    interrupted: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)
    comparisons: dict[tuple[str, str], Comparison] = field(default_factory=dict)
    policies: dict[str, str | None] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def expect(self, cases: Iterable[str], subjects: Iterable[str]) -> None:
        """Promise comparisons: one that nobody makes is not answered."""
        chosen = tuple(subjects)
        for case in cases:
            for subject in chosen:
                self.comparisons.setdefault((case, subject), Comparison(case, subject))

    def settle(self, found: Comparison) -> None:
        """Note a comparison that was made."""
        self.comparisons[found.case, found.subject] = found

    def excuse(self, subject: str, reason: str) -> None:
        """Say why the comparisons of a subject that are still open could not be made."""
        for key, found in self.comparisons.items():
            if found.subject == subject and found.agreement is Agreement.NOT_ANSWERED:
                self.comparisons[key] = replace(found, why=reason)

    def answer(self, question: Question) -> Answer:
        """Return the answer to a question, which may be that there is none."""
        return self.answers.get(question.key, Answer(NOBODY_LOOKED, Agreement.NOT_ANSWERED))

    @property
    def agreements(self) -> list[Agreement]:
        """How every question and every comparison came out."""
        asked = [self.answer(question).agreement for question in self.questions]
        return asked + [found.agreement for found in self.comparisons.values()]

    @property
    def problems(self) -> list[str]:
        """What went wrong with the run itself."""
        return [f"{step.name}: {step.problem}" for step in self.steps if step.problem is not None]


def same(case: str, subject: str, ours: str, seen: str, why: str = "") -> Comparison:
    """Compare two opinions that have the same words."""
    if ours == seen:
        return Comparison(case, subject, ours, seen, Agreement.AGREES, "")
    return Comparison(case, subject, ours, seen, Agreement.DIFFERS, why)
