"""Policy variables whose values the outsider chooses: the values that are worth trying."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from ...documents.conditions import Base, Condition, Operator
from ...documents.pattern import Pattern, Variable
from ..conditions.clause import Clause
from ..conditions.operators import Mode, Want
from ..context.domains import Constraint, SourceArns, Strings, Values
from ..context.lists import RequestTags
from ..context.request import SOME_ACCOUNT, SOME_ORGANIZATION, Meaning, RequestKind
from ..patterns.comparisons import Test
from .cache import JudgementCache
from .problem import Problem

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

    def __init__(self, known: KnownOfKeys, problem: Problem) -> None:
        self._known = known
        self._allow = problem.allow
        self._clauses = problem.clauses

    def of(self, name: str) -> list[Values]:
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
        for one in self._clauses:
            if one.key == name or name in one.variables:
                texts += self._texts(one, name)
        return [*((text,) for text in dict.fromkeys(texts)), None]

    def _present(self, domain: Strings | SourceArns | RequestTags, name: str) -> list[str]:
        """Return a value of the key if it must be present, and one that meets the clauses of the Allow about it."""
        present = Condition(Operator(Base.NULL, source="Null"), name, name, (False,))
        asked = [Constraint(name, Test(present, ()), Want.SURELY)]
        texts: list[str] = []
        asked += [
            Constraint(name, one.test, Want.SURELY) for one in self._allow if one.key == name and one.test is not None
        ]
        for tests in (asked[:1], asked):
            values = domain.assign(tests, Mode.MUST, self._known.cache.budget)
            texts += (values or {}).get(name) or ()
        return texts

    def _equal(self, domain: Strings | SourceArns | RequestTags, name: str) -> Iterator[str]:
        """Yield values of the key that meet the clauses of the Allow about keys that must be equal to it."""
        allows = self._allow
        itself = (Variable(name),)
        equal = {one.key for one in allows for value in one.condition.values if getattr(value, "parts", ()) == itself}
        for key in sorted(equal):
            asked = (one.test for one in allows if one.key in (key, name))
            tests = [Constraint(name, test, Want.SURELY) for test in asked if test is not None]
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
        compared = [value for one in self._clauses if one.key == key for value in one.condition.values]
        yield from (value.literal for value in compared if isinstance(value, Pattern) and value.literal is not None)

    def _met_by(self, domain: Strings, key: str) -> tuple[str, ...]:
        """Return a key's value that meets the clauses of the Allow about it and about the keys that depend on it."""
        asked = [
            Constraint(one.key, one.test, Want.SURELY)
            for one in self._allow
            if one.test is not None and one.key in domain.readings
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
    return others == [Variable(one.key) for one in value.variables[:1]]


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
