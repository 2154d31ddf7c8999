"""The results so far of one judgement, for all kinds of requests and sets of actions that share them."""

from __future__ import annotations

from dataclasses import replace

from ..conditions.clause import Clause
from ..conditions.operators import Answer, Mode, Want
from ..context.domains import Assignment, Constraint, Domain, Strings
from ..context.keys import is_early
from ..context.meanings import SharedMeanings
from ..context.request import Open, Settled, Unsure, settled
from ..patterns.automaton import Budget
from ..patterns.comparisons import Test
from .problem import DenyPart


class JudgementCache:
    """The results so far of one judgement. Kinds of requests that differ in other ways share them."""

    __slots__ = ("_answers", "_assigned", "_early", "_remembered", "_unknown", "budget", "meanings")

    def __init__(self, budget: Budget, meanings: SharedMeanings) -> None:
        self.budget = budget
        self.meanings = meanings
        self._early: dict[DenyPart, bool] = {}
        self._remembered: dict[tuple[Clause, Want], Constraint] = {}
        self._unknown: dict[tuple[str, Open], Strings] = {}
        self._answers: dict[tuple[Clause, int], tuple[object, Answer]] = {}
        self._assigned: dict[tuple[int, Mode, frozenset[Constraint]], tuple[object, Assignment | None]] = {}

    def is_early(self, part: DenyPart) -> bool:
        """Return whether account and organization may decide a clause of a Deny."""
        known = self._early.get(part)
        if known is None:
            known = self._early[part] = any(map(may_be_early, part.clauses))
        return known

    def unknown(self, key: str, found: Open) -> Strings:
        """Return the domain of the one value of a key whose value cannot be determined."""
        known = self._unknown.get((key, found))
        if known is None:
            single = replace(found, single=True) if isinstance(found, Unsure) else found
            known = self._unknown[key, found] = single.value(key)
        return known

    def asked(self, one: Clause, test: Test, want: Want) -> Constraint:
        """Return the constraint of a clause. Without policy variables, it is the same object each time."""
        if one.test is None:
            return Constraint(one.key, test, want)
        known = self._remembered.get((one, want))
        if known is None:
            known = self._remembered[one, want] = Constraint(one.key, test, want)
        return known

    def settled(self, one: Clause, test: Test, found: Settled) -> Answer:
        """Return the result of a clause on a key whose value an outsider cannot choose."""
        if one.test is None:
            self.budget.spend(1 + test.price)
            return settled(found, test, self.budget)
        key = (one, id(found))
        known = self._answers.get(key)
        if known is None:
            self.budget.spend(1 + test.price)
            # The cache keeps the meaning itself, because meanings are compared by identity.
            known = self._answers[key] = (found, settled(found, test, self.budget))
        return known[1]

    def assign(self, domain: Domain, asked: tuple[Constraint, ...], mode: Mode) -> Assignment | None:
        """Return values of a domain that meet all constraints, or None."""
        key = (id(domain), mode, frozenset(asked))
        known = self._assigned.get(key)
        if known is None:
            known = self._assigned[key] = (domain, domain.assign(asked, mode, self.budget))
        return known[1]


def may_be_early(one: Clause) -> bool:
    """Return whether a clause may depend only on the account and its organization."""
    return is_early(one.key) and all(map(is_early, one.variables))
