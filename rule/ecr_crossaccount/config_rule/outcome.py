"""A result on its way to AWS Config, with the verdict behind it."""

from __future__ import annotations

from dataclasses import dataclass

from rdklib import Evaluation

from ..access.verdict import Verdict
from .events import REPOSITORY


@dataclass(frozen=True, slots=True)
class Grounds:
    """The basis of a result: a verdict, and the policy if it is known.

    `mark` ends the annotation. It is empty if Security Hub gets no finding. `lacks` says which required statements are
    missing, or is "" if none are.
    """

    verdict: Verdict
    policy: object = None
    mark: str = ""
    lacks: str = ""


class Outcome(Evaluation):  # type: ignore[misc]  # rdklib has no type information
    """rdklib's Evaluation and its grounds, which are None for an unjudged resource.

    `may_be_open`: whether Security Hub may have an open finding. This is true unless AWS Config shows that there was
    none.
    """

    def __init__(
        self, compliance: str, name: str, said: str = "", kind: str = REPOSITORY, grounds: Grounds | None = None
    ) -> None:
        super().__init__(compliance, name, kind, said)
        self.grounds = grounds
        self.may_be_open = True
