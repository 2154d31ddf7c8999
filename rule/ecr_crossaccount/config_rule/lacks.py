"""What a policy lacks of the statements that are required: the repository is NON_COMPLIANT then, whoever gets in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .. import Compliance, Repository, Verdict
from ..access.verdict import Severity, Undecided
from ..policy.problems import first_of

if TYPE_CHECKING:
    from ..register.required import HeldStatements  # imported where they are named

SEVERITY = Severity.LOW
"""Of a statement that is missing: nobody gets in for want of it alone."""
_NAMED = 2
"""Statements that an annotation names."""
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Lacks:
    """What a policy lacks: the Sids of those statements. `unknown`: why nobody can tell, None where it is known."""

    sids: tuple[str, ...] = ()
    unknown: str | None = None

    @property
    def said(self) -> str:
        """Say which statements are missing, in few words; "" if none is."""
        if not self.sids:
            return ""
        named = first_of([f"`{_short(sid)}`" for sid in self.sids], _NAMED)
        is_one = len(self.sids) == 1
        return f"required statement{' ' if is_one else 's '}{named} {'is' if is_one else 'are'} missing or different"

    def noted(self, verdict: Verdict) -> Verdict:
        """Return a verdict that is undecided too where nobody can tell what the policy lacks."""
        if self.unknown is None:
            return verdict
        return replace(verdict, undecided=(*verdict.undecided, Undecided(None, self.unknown)))

    def compliance(self, verdict: Verdict) -> Compliance:
        """Return what a result says."""
        return Compliance.NON_COMPLIANT if self.sids else verdict.compliance

    def severity(self, verdict: Verdict) -> Severity | None:
        """Return how bad the worst is, None if all is well."""
        found = verdict.severity
        return SEVERITY if found is None and self.sids else found

    @property
    def told(self) -> Mapping[str, object]:
        """What the log says of it."""
        return {"missing": list(self.sids), "unknown": self.unknown}


NOTHING = Lacks()


def lacks_of(held: HeldStatements, policy: object, repository: Repository, verdict: Verdict) -> Lacks:
    """Return what the policy of a repository lacks. A policy that is invalid is not compliant anyway."""
    if verdict.invalid:
        return NOTHING
    if held.required is None:
        return Lacks(unknown=f"whether the policy has the required statements: {held.problem}")
    # Where nothing is required, nothing of this is imported.
    from ..remedy.errors import CannotSayError
    from ..remedy.missing import missing_in

    try:
        return Lacks(tuple(one.sid for one in missing_in(policy, held.required, repository)))
    except CannotSayError as error:
        return Lacks(unknown=f"whether the policy has the required statements: {error}")


def _short(sid: str) -> str:
    return sid if len(sid) <= _LONGEST_NAME else f"{sid[: _LONGEST_NAME - 1]}…"
