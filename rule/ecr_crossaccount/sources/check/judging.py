"""Judge one policy that was found: every form that it may have, and the combined verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from ...documents.problems import first_of
from ...judgement.values.verdict import Compliance, Verdict
from ...questions.change.states import State
from ...questions.change.together import verdict_of_forms
from ..found.context import Context
from ..found.found import FoundPolicy
from ..found.registries import Candidate
from ..found.states import state_of

_RESTS = "rests on the default of "
_RESTS_ON_DEFAULT = _RESTS + "{}: give --parameter"
"""The note for a result that another value of an input could change."""
ASSUMED = "it rests on "
"""How a note of a reader begins, if a run or a deployment may replace a value that was read."""
_MOST_NAMED = 4


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

    def differs(defaults: AbstractSet[str]) -> bool:
        others = tuple(known.without(defaults) for known in candidates)
        without = found.without(defaults)
        if state_of(without, context, others).is_judged_like(one.state):
            return False
        return _outcome(_judged(without, context, others)) != _outcome(one)

    notes = notes_on_defaults([found, *(known.found for known in candidates)], differs)
    return replace(one, verdict=replace(one.verdict, notes=(*one.verdict.notes, *notes)))


def notes_on_defaults(policies: Iterable[FoundPolicy], differs: Callable[[AbstractSet[str]], bool]) -> list[str]:
    """Return a note for each default that a result depends on, or one for several that matter only together.

    `policies`: those that decide the result. `differs`: whether it is another one without some defaults.
    """
    known = list(dict.fromkeys(names for one in policies for names in one.undefaulted))
    alone, some = ([names for names in known if (len(names) == 1) is single] for single in (True, False))
    every = {frozenset().union(*known)}.difference(known, [frozenset()])
    for defaults in (alone, some, every):
        found = [_RESTS_ON_DEFAULT.format(first_of(sorted(names), _MOST_NAMED)) for names in defaults if differs(names)]
        if found:
            return found
    return []


def rests_on_default(verdict: Verdict) -> bool:
    """Return whether a verdict is COMPLIANT, and another value of an input could change that."""
    is_compliant = verdict.compliance is Compliance.COMPLIANT
    return is_compliant and any(note.startswith((_RESTS, ASSUMED)) for note in verdict.notes)


def _outcome(one: Judged) -> tuple[object, ...]:
    """Return the result of a verdict without its wording."""
    verdict = one.verdict
    who = frozenset((grant.grantee, grant.kind, grant.public, grant.actions) for grant in verdict.grants)
    return who, bool(verdict.undecided), bool(verdict.invalid)


def _judged(found: FoundPolicy, context: Context, candidates: tuple[Candidate, ...]) -> Judged:
    state = state_of(found, context, candidates)
    verdict = verdict_of_forms(state)
    return Judged(state, replace(verdict, notes=(*found.notes, *verdict.notes)))
