"""Constraints on the values of keys, and the results so far of one judgement.

All kinds of requests and sets of actions share the results.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from ..conditions.operators import Clause, Demand, Mode, Truth
from ..context.domains import Assignment, Constraint, Domain, Strings
from ..context.keys import SharedMeanings, is_early
from ..context.request import Open, Settled, Unsure, settled_answer
from ..patterns.automaton import Budget
from ..patterns.comparisons import Test
from .constraints import DenyPart


class JudgementCache:
    """The results so far of one judgement. Kinds of requests that differ in other ways share them."""

    __slots__ = ("_answers", "_assigned", "_early", "_remembered", "_unknown", "budget", "meanings")

    def __init__(self, budget: Budget, meanings: SharedMeanings) -> None:
        self.budget = budget
        self.meanings = meanings
        self._early: dict[DenyPart, bool] = {}
        self._remembered: dict[tuple[Clause, Demand], Constraint] = {}
        self._unknown: dict[tuple[str, Open], Strings] = {}
        self._answers: dict[tuple[Clause, int], tuple[object, Truth]] = {}
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

    def constraint_of(self, one: Clause, test: Test, want: Demand) -> Constraint:
        """Return the constraint of a clause. Without policy variables, it is the same object each time."""
        if one.test is None:
            return Constraint(one.key, test, want)
        known = self._remembered.get((one, want))
        if known is None:
            known = self._remembered[one, want] = Constraint(one.key, test, want)
        return known

    def settled_answer(self, one: Clause, test: Test, found: Settled) -> Truth:
        """Return the result of a clause on a key whose value an outsider cannot choose."""
        if one.test is None:
            self.budget.spend(1 + test.price)
            return settled_answer(found, test, self.budget)
        key = (one, id(found))
        known = self._answers.get(key)
        if known is None:
            self.budget.spend(1 + test.price)
            # The cache keeps the meaning itself, because meanings are compared by identity.
            known = self._answers[key] = (found, settled_answer(found, test, self.budget))
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


class DomainConstraint(NamedTuple):
    """One constraint on a domain."""

    domain: Domain
    asked: Constraint


domain_constraint = partial(tuple.__new__, DomainConstraint)
"""Makes a DomainConstraint from its fields, in half the time of NamedTuple's own constructor."""


ByDomain = dict[int, tuple[Domain, tuple[Constraint, ...]]]
"""All constraints of each domain, by the domain's identity. Keys that depend on each other share a domain."""


def propagate(firm: Iterable[DomainConstraint], cache: JudgementCache, mode: Mode) -> ByDomain | None:
    """Return constraints by domain, or None if some of them cannot be met together."""
    constraints: ByDomain = {}
    for domain, asked in firm:
        constraints[id(domain)] = with_constraint(constraints, domain, asked)
    for domain, every in constraints.values():
        if cache.assign(domain, every, mode) is None:
            return None
    return constraints


def with_constraint(constraints: ByDomain, domain: Domain, asked: Constraint) -> tuple[Domain, tuple[Constraint, ...]]:
    """Return a domain with its constraints and one more."""
    known = constraints.get(id(domain))
    return domain, (asked,) if known is None else (*known[1], asked)
