"""Judge one policy that was found: every form that it may have, and the combined verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..access.verdict import Verdict
from ..difference.states import State
from ..difference.together import verdict_of_forms
from .context import Context
from .found import FoundPolicy
from .registries import Candidate
from .states import state_of

RESTS_ON_DEFAULT = "rests on the default of {}: give --parameter"
"""The note for a result that another value of an input could change."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and the state that it is about."""

    state: State
    verdict: Verdict


def judged(found: FoundPolicy, context: Context, candidates: tuple[Candidate, ...] = ()) -> Judged:
    """Judge a policy in each of its forms, and add a note for each default that the result depends on.

    `candidates`: the registry policies that may apply to it.
    """
    one = _judged(found, context, candidates)
    others = [(name, _judged(other, context, candidates)) for name, other in found.undefaulted.items()]
    for number, registry in enumerate(candidates):
        for name, other in registry.found.undefaulted.items():
            instead = (*candidates[:number], replace(registry, found=other), *candidates[number + 1 :])
            others.append((name, _judged(found, context, instead)))
    notes = dict.fromkeys(RESTS_ON_DEFAULT.format(name) for name, other in others if _outcome(other) != _outcome(one))
    return replace(one, verdict=replace(one.verdict, notes=(*one.verdict.notes, *notes)))


def _outcome(one: Judged) -> tuple[object, ...]:
    """Return the result of a verdict without its wording."""
    verdict = one.verdict
    who = frozenset((grant.grantee, grant.kind, grant.public, grant.actions) for grant in verdict.grants)
    return who, bool(verdict.undecided), bool(verdict.invalid)


def _judged(found: FoundPolicy, context: Context, candidates: tuple[Candidate, ...]) -> Judged:
    state = state_of(found, context, candidates)
    verdict = verdict_of_forms(state)
    return Judged(state, replace(verdict, notes=(*found.notes, *verdict.notes)))
