"""The plan that removes only access without use in CloudTrail, and keeps used access as if the register trusted it.

The plan is the narrowest policy that keeps trusted access and, by access level, used access. It is proven like every
plan. If the use cannot be determined, nothing is removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...errors import EcrCrossAccountError
from ...judgement.values.actions import access_of_names
from ...judgement.values.trust_entries import Entry, Subject
from ...judgement.values.verdict import Access
from ...questions.plan.outcome import Action, Plan, Strategy
from ..automation.find_use import UNKNOWN, Call, UnreadableError, Use, loss, uses

if TYPE_CHECKING:
    from ..automation.planner import Question
    from .live import Live


class UndeterminedError(EcrCrossAccountError):
    """The use of the access cannot be determined, so nothing is removed."""


@dataclass(frozen=True, slots=True)
class Taking:
    """A plan, the question that it answers, in which callers keep the access that they used, and that use."""

    question: Question
    plan: Plan
    used: tuple[Use, ...]


def taking_unused(live: Live, question: Question, days: int, members: Sequence[str]) -> Taking:
    """Plan for a repository so that no access that was used in the last days is lost. Raises UndeterminedError.

    `members` are accounts that are known to be in a trusted organization.
    """
    calls: list[Call] = []
    read: set[str] = set()
    kept: dict[tuple[str, str], Use] = {}
    known = frozenset(members)
    while True:
        plan = question.plan(Strategy.NARROW)
        if plan.action is Action.NONE:
            return Taking(question, plan, tuple(kept.values()))
        cuts = question.cuts(plan.policy)
        calls += _calls(live, [name for name in cuts.ask if name not in read], days)
        read.update(cuts.ask)
        taken = cuts.to_json()
        lost = {use: line for use in uses(calls) if (line := loss(use, taken, known))}
        if not lost:
            return Taking(question, plan, tuple(kept.values()))
        again = [line for use, line in lost.items() if use.caller == UNKNOWN or (use.caller, use.action) in kept]
        if again:
            raise UndeterminedError(f"whether it takes this cannot be determined: {again[0]}")
        kept |= {(use.caller, use.action): use for use in lost}
        question = _trusting(question, kept.values())


def _calls(live: Live, names: Sequence[str], days: int) -> Iterator[Call]:
    if names:
        try:
            yield from live.calls(names, days)
        except UnreadableError as error:
            raise UndeterminedError(f"who uses `{live.name}` cannot be determined: {error}") from None


def _trusting(question: Question, used: Iterable[Use]) -> Question:
    """Return a question that trusts each caller with the access that it used, for this repository only."""
    most: dict[str, Access] = {}
    order = list(Access)
    for use in used:
        needed = access_of_names([use.action])[-1]
        most[use.caller] = max(needed, most.get(use.caller, needed), key=order.index)
    name = question.repository.name
    added = tuple(Entry(_subject(who), who, access, (name,)) for who, access in most.items())
    return replace(question, trust=replace(question.trust, entries=(*question.trust.entries, *added)))


def _subject(caller: str) -> Subject:
    return Subject.ACCOUNT if caller.isdigit() else Subject.SERVICE
