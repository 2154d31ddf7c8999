"""Constraints on the values of keys, the values that are worth trying, and the results so far of one judgement.

The outsider chooses the values of some policy variables. All kinds of requests and sets of actions share the results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple, Protocol

from ...documents.conditions import Base, Condition, Operator
from ...documents.pattern import Pattern, Variable
from ..conditions.operators import Clause, Demand, Mode, Truth
from ..context.domains import Assignment, Constraint, Domain, SourceArns, Strings, Values
from ..context.keys import SharedMeanings, is_early
from ..context.request import (
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    Meaning,
    Open,
    RequestKind,
    Settled,
    Unsure,
    settled_answer,
)
from ..context.typed_domains import RequestTags
from ..patterns.automaton import Budget
from ..patterns.comparisons import Test
from .constraints import Constraints, DenyPart


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


_NOT_CHOSEN = (SOME_ACCOUNT, SOME_ORGANIZATION)


class KnownOfKeys(Protocol):
    """The information that a search has about the keys of one kind of request."""

    @property
    def request(self) -> RequestKind:
        """The kind of request."""

    @property
    def cache(self) -> JudgementCache:
        """The results so far of the judgement."""

    @property
    def meanings(self) -> Mapping[str, Meaning]:
        """The meanings of keys."""

    def default(self, key: str) -> Values:
        """Return the value of a key that no clause tests."""


class Candidates:
    """Values worth trying for a key that policy variables refer to and the outsider chooses.

    All values are equally good unless the key is compared with something: with texts of the policy, or, through a
    variable, with another key. This class collects those values, one usual value, and absence.
    """

    __slots__ = ("_allow", "_clauses", "_known")

    def __init__(self, known: KnownOfKeys, problem: Constraints) -> None:
        self._known = known
        self._allow = problem.allow
        self._clauses = problem.clauses

    def values_of(self, name: str) -> list[Values]:
        """Return the values to try for one key. None is absence."""
        usual = self._known.default(name)
        texts = [] if usual is None else list(usual)
        request = self._known.request
        texts += ["value" if one in _NOT_CHOSEN else one for one in (request.account, request.organization) if one]
        found = self._known.meanings[name]
        if isinstance(found, (Strings, SourceArns, RequestTags)):
            texts += self._present(found, name)
            texts += self._equal(found, name)
        if isinstance(found, Strings):
            texts += self._met_by(found, name)
        for clause in self._clauses:
            if clause.key == name or name in clause.variables:
                texts += self._texts(clause, name)
        return [*((text,) for text in dict.fromkeys(texts)), None]

    def _present(self, domain: Strings | SourceArns | RequestTags, name: str) -> list[str]:
        """Return a value of the key if it must be present, and one that meets the clauses of the Allow about it."""
        present = Condition(Operator(Base.NULL, source="Null"), name, name, (False,))
        asked = [Constraint(name, Test(present, ()), Demand.MUST)]
        texts: list[str] = []
        asked += [
            Constraint(name, clause.test, Demand.MUST)
            for clause in self._allow
            if clause.key == name and clause.test is not None
        ]
        for tests in (asked[:1], asked):
            values = domain.assign(tests, Mode.MUST, self._known.cache.budget)
            texts += (values or {}).get(name) or ()
        return texts

    def _equal(self, domain: Strings | SourceArns | RequestTags, name: str) -> Iterator[str]:
        """Yield values of the key that meet the clauses of the Allow about keys that must be equal to it."""
        allows = self._allow
        itself = (Variable(name),)
        equal = {
            allow.key for allow in allows for value in allow.condition.values if getattr(value, "parts", ()) == itself
        }
        for key in sorted(equal):
            asked = (allow.test for allow in allows if allow.key in (key, name))
            tests = [Constraint(name, test, Demand.MUST) for test in asked if test is not None]
            values = domain.assign(tests, Mode.MUST, self._known.cache.budget)
            yield from (values or {}).get(name) or ()

    def _texts(self, one: Clause, name: str) -> Iterator[str]:
        patterns = [value for value in one.condition.values if isinstance(value, Pattern)]
        yield from (value.literal for value in patterns if value.literal is not None)
        if one.key == name:
            return
        for text in self._values_of(one.key):
            self._known.cache.budget.spend(len(patterns))
            for value in patterns:
                yield from _fillings(value, name, text)

    def _values_of(self, key: str) -> Iterator[str]:
        """Yield values of another key, and values that it is compared with elsewhere."""
        found = self._known.meanings[key]
        if isinstance(found, Strings):
            yield from self._met_by(found, key) or self._present(found, key)
        else:
            yield from self._known.default(key) or ()
        compared = [value for clause in self._clauses if clause.key == key for value in clause.condition.values]
        yield from (value.literal for value in compared if isinstance(value, Pattern) and value.literal is not None)

    def _met_by(self, domain: Strings, key: str) -> tuple[str, ...]:
        """Return a key's value that meets the clauses of the Allow about it and about the keys that depend on it."""
        asked = [
            Constraint(clause.key, clause.test, Demand.MUST)
            for clause in self._allow
            if clause.test is not None and clause.key in domain.readings
        ]
        values = domain.assign(asked, Mode.MUST, self._known.cache.budget)
        return (values or {}).get(key) or ()


_EQUAL = frozenset({Base.STRING_EQUALS, Base.STRING_EQUALS_IGNORE_CASE, Base.STRING_LIKE})


def values_for(one: Clause, name: str, text: str) -> list[str] | None:
    """Return all values of a variable with which a clause's key, whose value is `text`, matches.

    Returns None if they are unknown, because there are wildcards, holes or defaults besides the variable. For a single
    value, set operators mean the same as other operators.
    """
    operator = one.condition.operator
    referring = [value for value in one.condition.values if isinstance(value, Pattern) and value.variables]
    plain = _is_variable if operator.base is Base.STRING_EQUALS_IGNORE_CASE else _has_variable
    if operator.base not in _EQUAL or one.holed or not all(map(plain, referring)):
        return None
    return [filling for value in referring for filling in _fillings(value, name, text)]


def _has_variable(value: Pattern) -> bool:
    """Return whether a pattern is one variable without a default, with at most literal text around it."""
    others = [part for part in value.parts if not isinstance(part, str)]
    return others == [Variable(variable.key) for variable in value.variables[:1]]


def _is_variable(value: Pattern) -> bool:
    """Return whether a pattern is only one variable without a default."""
    return len(value.parts) == 1 and _has_variable(value)


def _fillings(value: Pattern, name: str, text: str) -> Iterator[str]:
    """Yield the value of the variable with which a pattern, with literal text around the variable, is `text`."""
    places = [place for place, part in enumerate(value.parts) if not isinstance(part, str)]
    if len(places) != 1:
        return
    part = value.parts[places[0]]
    before = "".join(str(part) for part in value.parts[: places[0]])
    after = "".join(str(part) for part in value.parts[places[0] + 1 :])
    fits = text.startswith(before) and text.endswith(after) and len(text) >= len(before) + len(after)
    if getattr(part, "key", None) == name and fits:
        yield text[len(before) : len(text) - len(after)]
