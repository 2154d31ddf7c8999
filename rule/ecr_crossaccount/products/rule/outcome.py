"""A result on its way to AWS Config, with the verdict behind it."""

from __future__ import annotations

from dataclasses import dataclass

from rdklib import Evaluation

from ...judgement.values.verdict import Verdict
from ...sources.aws.events import REPOSITORY


@dataclass(frozen=True, slots=True)
class Grounds:
    """The basis of a result: a verdict, and the policy if it is known.

    `lacks` says which required statements are missing, or is "" if none are.
    """

    verdict: Verdict
    policy: object = None
    lacks: str = ""


class Outcome(Evaluation):  # type: ignore[misc]  # rdklib has no type information
    """rdklib's Evaluation and its grounds, which are None for an unjudged resource.

    `is_news`: whether Security Hub must be told. This is true unless a scheduled run has seen that it has been.
    """

    def __init__(
        self, compliance: str, name: str, said: str = "", kind: str = REPOSITORY, grounds: Grounds | None = None
    ) -> None:
        super().__init__(compliance, name, kind, said)
        self.grounds = grounds
        self.is_news = True
