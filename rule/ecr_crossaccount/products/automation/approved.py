"""Checks that a run still does what was approved, perhaps days ago."""

from collections.abc import Mapping

from .stop import StepError
from .texts import unpack_facts

_MATTERS = {
    "Policy": "the policy that the repository has",
    "Wanted": "the policy that would be written",
    "Use": "the recent use of the removed access",
    "Required": "the required statements or the principals that they deny",
}


def unless_approved_otherwise(facts: Mapping[str, str], approved: str | None) -> None:
    """Raise StepError if `approved`, the packed facts of the step before the approval, differ from `facts`."""
    then = unpack_facts(approved) if approved else facts
    changed = [what for name, what in _MATTERS.items() if then.get(name) != facts.get(name)]
    if changed:
        raise StepError(
            f"the policy is unchanged: since the approval was asked for, {' and '.join(changed)} changed; start again"
        )
