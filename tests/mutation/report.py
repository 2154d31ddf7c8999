"""What became of a sample of mutants, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from .mutants import Mutant
from .suites import Suite


class Fate(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Result:
    """A mutant, what became of it, and what says so: a test's name, or the reason of a reviewer."""

    mutant: Mutant
    fate: Fate
    by: str = ""

    def __str__(self) -> str:
        return f"{self.fate.value}: {self.mutant}" + (f"\n    {self.by}" if self.by else "")


@dataclass(frozen=True, slots=True)
class Tally:
    """The results of one suite, of all the mutants that its packages can have."""

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
        """How many per cent of those that could be noticed were."""
        telling = [result.fate for result in self.results if result.fate is not Fate.EQUIVALENT]
        return 100 * sum(fate is not Fate.SURVIVED for fate in telling) / len(telling) if telling else 100.0

    @property
    def is_good(self) -> bool:
        """Whether the bar is reached, and every survivor has been looked at."""
        return self.score >= self.suite.bar and all(result.fate is not Fate.SURVIVED for result in self.results)
