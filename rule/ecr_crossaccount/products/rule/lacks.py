"""The required statements that a policy does not have. Without them, the repository is always NON_COMPLIANT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...documents.problems import first_of
from ...judgement.judge import Repository
from ...judgement.values.verdict import Compliance, Severity, Undecided, Verdict

if TYPE_CHECKING:
    from ...sources.register.required import HeldStatements  # imported where they are named

SEVERITY = Severity.LOW
"""The severity of a missing statement. By itself, it gives no one access."""
_NAMED = 2
"""The most statements that an annotation names."""
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Lacks:
    """The Sids of the missing statements. `unknown` is why this cannot be determined, or None if it can."""

    sids: tuple[str, ...] = ()
    unknown: str | None = None

    @property
    def said(self) -> str:
        """The missing statements, in few words, or "" if there are none."""
        if not self.sids:
            return ""
        named = first_of([f"`{_short(sid)}`" for sid in self.sids], _NAMED)
        is_one = len(self.sids) == 1
        return f"required statement{' ' if is_one else 's '}{named} {'is' if is_one else 'are'} missing or different"

    def noted(self, verdict: Verdict) -> Verdict:
        """Return the verdict. It is also undecided if the missing statements cannot be determined."""
        if self.unknown is None:
            return verdict
        return replace(verdict, undecided=(*verdict.undecided, Undecided(None, self.unknown)))

    def compliance(self, verdict: Verdict) -> Compliance:
        """Return the compliance of the result."""
        return Compliance.NON_COMPLIANT if self.sids else verdict.compliance

    def severity(self, verdict: Verdict) -> Severity | None:
        """Return the highest severity, or None if there is no finding."""
        found = verdict.severity
        return SEVERITY if found is None and self.sids else found

    @property
    def told(self) -> Mapping[str, object]:
        """The log fields about it."""
        return {"missing": list(self.sids), "unknown": self.unknown}


NOTHING = Lacks()


def lacks_of(held: HeldStatements, policy: object, repository: Repository, verdict: Verdict) -> Lacks:
    """Return the required statements that a policy does not have. An invalid policy is not compliant anyway."""
    if verdict.invalid:
        return NOTHING
    if held.required is None:
        return Lacks(unknown=f"whether the policy has the required statements: {held.problem}")
    # If no statements are required, these modules are not imported.
    from ...questions.plan.errors import CannotSayError
    from ...questions.plan.missing import missing_in

    try:
        return Lacks(tuple(one.sid for one in missing_in(policy, held.required, repository)))
    except CannotSayError as error:
        return Lacks(unknown=f"whether the policy has the required statements: {error}")


def _short(sid: str) -> str:
    return sid if len(sid) <= _LONGEST_NAME else f"{sid[: _LONGEST_NAME - 1]}…"
