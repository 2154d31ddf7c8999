"""The results of a sample of mutants, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from .mutants import Mutant
from .suites import Suite


class Fate(Enum):
    """The result of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Result:
    """A mutant, its result, and the evidence: a test's name, or the reason of a reviewer."""

    mutant: Mutant
    fate: Fate
    by: str = ""

    def __str__(self) -> str:
        return f"{self.fate.value}: {self.mutant}" + (f"\n    {self.by}" if self.by else "")


@dataclass(frozen=True, slots=True)
class Tally:
    """The results of one suite, and the number of possible mutants of its packages."""

    suite: Suite
    possible: int
    results: Sequence[Result]

    def __str__(self) -> str:
        fates = Counter(result.fate for result in self.results)
        counts = ", ".join(f"{fates[fate]} {fate.value}" for fate in Fate)
        return (
            f"{self.suite.name}: {len(self.results)} of {self.possible} mutants: {counts}; "
            f"score {self.score:.1f} % (bar {self.suite.bar} %)"
        )

    @property
    def score(self) -> float:
        """The percentage of detectable mutants that were detected."""
        telling = [result.fate for result in self.results if result.fate is not Fate.EQUIVALENT]
        return 100 * sum(fate is not Fate.SURVIVED for fate in telling) / len(telling) if telling else 100.0

    @property
    def is_good(self) -> bool:
        """Whether the bar is reached, and every survivor has been reviewed."""
        return self.score >= self.suite.bar and all(result.fate is not Fate.SURVIVED for result in self.results)
