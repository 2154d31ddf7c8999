"""Domains of multivalued keys that an outsider fills freely: services in `aws:CalledVia`, and tags in a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...documents.conditions import Base, Condition, Operator, Quantifier
from ...documents.pattern import pattern
from ..conditions.operators import SOME, Mode, Want, answer
from ..patterns.automaton import Budget
from ..patterns.charset import LATER_TAG, TAG
from ..patterns.comparisons import Test, comparison
from .domains import Assignment, Constraint, Strings, Values, met
from .readings import PLAIN
from .shapes import LATER_TAG_VALUE, TAG_VALUE, some


@dataclass(frozen=True, slots=True)
class ListConstraints:
    """The requirements of tests on a list: for `every` element, and for `some` element each."""

    every: tuple[Constraint, ...]
    some: tuple[Constraint, ...]


def constraints(asked: Sequence[Constraint]) -> ListConstraints | None:
    """Sort tests on a list that is present by quantifier. Return None if one of them fails for every list."""
    every: list[Constraint] = []
    some: list[Constraint] = []
    for one in asked:
        operator = one.test.condition.operator
        if operator.base is Base.NULL or operator.quantifier is None or not one.test.condition.values:
            if not one.want.met_by(answer(one.test, SOME, many=True)):
                return None
        elif (operator.quantifier is Quantifier.ALL) is one.want.positive:
            every.append(one)
        else:
            some.append(one)
    return ListConstraints(tuple(every), tuple(some))


@dataclass(frozen=True, slots=True)
class Lists:
    """A multivalued key, absent or with as many values of one shape as needed."""

    elements: Strings

    @property
    def key(self) -> str:
        """The key of the elements."""
        return self.elements.key

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return absence or a list that meets all tests."""
        budget.spend(1)
        key = self.key
        if met(asked, {key: None}):
            return {key: None}
        asks = constraints(asked)
        if asks is None:
            return None
        found: list[str] = []
        wishes: list[tuple[Constraint, ...]] = [(one,) for one in asks.some]
        for wish in wishes or [()]:
            values = self.elements.assign((*asks.every, *wish), mode, budget)
            if values is None:
                return None
            found += values[key] or ()
        return {key: tuple(dict.fromkeys(found))}


TAG_KEYS = "aws:tagkeys"
REQUEST_TAG = "aws:requesttag/"
_NAMES = Strings({TAG_KEYS: PLAIN}, (some(TAG),), unsure=(some(LATER_TAG),))
TAG_NAMES = Lists(_NAMES)
"""`aws:TagKeys` alone, as in a call of UntagResource."""


@dataclass(frozen=True, slots=True)
class RequestTags:
    """The tags in a TagResource call: `aws:RequestTag/…`, and their names in `aws:TagKeys`."""

    @property
    def key(self) -> str:
        """The key `aws:TagKeys`, which identifies the domain."""
        return TAG_KEYS

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return tags that meet all tests. Only in mode MAY can there be names without values, or the reverse."""
        budget.spend(1)
        keys = dict.fromkeys(one.key for one in asked)
        nothing: Assignment = dict.fromkeys([*keys, TAG_KEYS])
        if met(asked, nothing):
            return nothing
        found = self._together(asked, mode, budget)
        if found is None and mode is Mode.MAY:
            return self._named_apart(asked, budget)
        return found

    def _together(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        names = [one for one in asked if one.key == TAG_KEYS]
        tags = {one.key: _Tag(one.key, asked, mode, budget) for one in asked if one.key != TAG_KEYS}
        if any(tag.absent is False and tag.value is None for tag in tags.values()):
            return None
        asks = constraints(names)
        if asks is None:
            return None
        barred = tuple(tag.named(Want.NOT_SURELY) for tag in tags.values() if tag.value is None)
        wishes: list[tuple[Constraint, ...]] = [(tag.named(Want.SURELY),) for tag in tags.values() if not tag.absent]
        wishes += [(one,) for one in asks.some]
        found: list[str] = []
        for wish in wishes or [()]:
            names_found = _NAMES.assign((*asks.every, *barred, *wish), mode, budget)
            if names_found is None:
                return None
            found += names_found[TAG_KEYS] or ()
        sent = dict.fromkeys(REQUEST_TAG + name.lower() for name in found)
        values = {key: tag.value if key in sent else None for key, tag in tags.items()}
        unasked: dict[str, Values] = {key: ("value",) for key in sent if key not in tags}
        return {**values, **unasked, TAG_KEYS: tuple(dict.fromkeys(found))}

    @staticmethod
    def _named_apart(asked: Sequence[Constraint], budget: Budget) -> Assignment | None:
        names = TAG_NAMES.assign([one for one in asked if one.key == TAG_KEYS], Mode.MAY, budget)
        if names is None:
            return None
        result = dict(names)
        for key in dict.fromkeys(one.key for one in asked if one.key != TAG_KEYS):
            tag = _Tag(key, asked, Mode.MAY, budget)
            if not tag.absent and tag.value is None:
                return None
            result[key] = None if tag.absent else tag.value
        return result


class _Tag:
    """One `aws:RequestTag/…` key: whether it can be absent, and a value that meets the tests if it is present."""

    __slots__ = ("_key", "absent", "value")

    def __init__(self, key: str, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> None:
        own = [one for one in asked if one.key == key]
        self._key = key
        self.absent = met(own, {key: None})
        found = Strings({key: PLAIN}, (TAG_VALUE,), unsure=(LATER_TAG_VALUE,)).assign(own, mode, budget)
        self.value: Values = found[key] if found else None

    def named(self, want: Want) -> Constraint:
        """Return a test that a tag's name is, or is not, this one. Names are compared without regard to case."""
        name = self._key.removeprefix(REQUEST_TAG)
        compared = pattern(name, wild=False, variables=False)
        operator = Operator(Base.STRING_EQUALS_IGNORE_CASE, quantifier=Quantifier.ANY)
        condition = Condition(operator, TAG_KEYS, TAG_KEYS, (compared,))
        return Constraint(TAG_KEYS, Test(condition, (comparison(operator.base, compared.parts),)), want)
