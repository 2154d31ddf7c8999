"""A result on its way to AWS Config, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from rdklib import Evaluation

from ..access.verdict import Verdict
from .events import REPOSITORY


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a result rests on: a verdict, and the policy where it is known.

    `mark` ends the annotation; it is empty where Security Hub is told nothing. `lacks`: which required statements the
    policy lacks, "" for none.
    """

    verdict: Verdict
    policy: object = None
    mark: str = ""
    lacks: str = ""


class Outcome(Evaluation):  # type: ignore[misc]  # rdklib has no type information
    """rdklib's Evaluation and its grounds, None for what is not judged.

    `may_be_open`: Security Hub may have an open finding of the repository; it may, unless AWS Config shows that there
    was nothing to find.
    """

    def __init__(
        self, compliance: str, name: str, said: str = "", kind: str = REPOSITORY, grounds: Grounds | None = None
    ) -> None:
        super().__init__(compliance, name, kind, said)
        self.grounds = grounds
        self.may_be_open = True
