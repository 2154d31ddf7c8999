"""The meaning of condition operators, which no other module defines, and conditions prepared for the search.

Set operators, IfExists and missing keys are handled once, around a table of base comparisons. There are three answers:
yes, no, cannot tell.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from decimal import Decimal
from enum import Enum, auto
from typing import assert_never

from ...documents.conditions import Base, Condition, Operator, Quantifier, Value, Word, boolean, date, network, number
from ...documents.document import Effect, Form, Named, Principals
from ...documents.pattern import Hole, Holed, Pattern, Variable, pattern
from ...memo import by_identity
from ..patterns import numbers
from ..patterns.automaton import Budget
from ..patterns.charsets import GENERIC
from ..patterns.comparisons import (
    ANYTHING,
    STRINGS,
    UNREAD,
    Lookup,
    Test,
    Unknown,
    as_it_stands,
    matches_one_of,
    resolve,
)
from ..patterns.tokens import matches
from .typed_ranges import ORDERED, is_in_networks, is_in_ranges


class Truth(Enum):
    """Whether a condition matches a request."""

    YES = auto()
    NO = auto()
    UNKNOWN = auto()

    __hash__ = object.__hash__  # by identity: it is looked up for every comparison

    def __invert__(self) -> Truth:
        return _INVERSE[self]


_INVERSE = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}


_ANSWERS = {True: Truth.YES, False: Truth.NO, None: Truth.UNKNOWN}


def _is_one_of_words(test: Test, text: str) -> bool | None:
    """Compare `true` and `false` with a text. If a key of another type has neither, it is not certainly `false`."""
    found, wanted = boolean(text), {*test.condition.values}
    if found in wanted and isinstance(found, bool):
        return True
    unsure = any(isinstance(one, UNREAD) for one in wanted) or (isinstance(found, Word) and False in wanted)
    return None if unsure else False


_COMPARE: dict[Base, Callable[[Test, str], bool | None]] = {
    **dict.fromkeys(STRINGS, matches_one_of),
    **dict.fromkeys(ORDERED, is_in_ranges),
    Base.BOOL: _is_one_of_words,
    Base.IP_ADDRESS: is_in_networks,
}
"""Whether one of a condition's values matches a text. None if this cannot be determined."""

_SOME_DIGIT = "9"
"""An account that the policy does not name needs some number here. The witness is checked with the number it shows."""


def _any(answers: Iterable[Truth]) -> Truth:
    result = Truth.NO
    for answer in answers:
        if answer is Truth.YES:
            return answer
        if answer is Truth.UNKNOWN:
            result = answer
    return result


def _element(test: Test, text: str) -> Truth:
    """Compare one value of the request with all comparison values. Any may match, or, if negated, none."""
    base = test.condition.operator.base
    typed = text if base in STRINGS else text.replace(GENERIC, _SOME_DIGIT)
    found = _ANSWERS[_COMPARE[base](test, typed)]
    if not test.condition.operator.negated:
        return found
    return ~found if base not in _READERS or is_read_by(_READERS[base], text) else Truth.UNKNOWN


def is_read_by(reader: Callable[[str], object], text: str) -> bool:
    """Return whether a reader reads a text, and does not raise ValueError."""
    try:
        reader(text)
    except ValueError:
        return False
    return True


def _arn(text: str) -> str:
    if not matches(numbers.ARN, text):
        raise ValueError("not an ARN")
    return text


_READERS: dict[Base, Callable[[str], object]] = {
    Base.NUMERIC_EQUALS: number,
    Base.DATE_EQUALS: date,
    Base.IP_ADDRESS: network,
    Base.ARN_LIKE: _arn,
}
"""The readers of the typed operators that have a negated form.

AWS does not document what `NotIpAddress`, or another of them, does with a text of another type.
"""


def answer(test: Test, values: tuple[str, ...] | None, *, many: bool) -> Truth:
    """Return whether a condition matches if its key has `values`, or is absent (None).

    `many`: the key is multivalued. AWS does not document what an operator without a set operator means for such a key.
    """
    operator = test.condition.operator
    if operator.base is Base.NULL:
        return _null(test.condition, values)
    if values is None:
        return _missing(test.condition)
    if not test.condition.values or (many and operator.quantifier is None):
        return Truth.NO if operator.quantifier is Quantifier.ANY else Truth.UNKNOWN
    if len(values) == 1:
        return _only(test, values[0], many=many)
    match operator.quantifier:
        case None | Quantifier.ANY:
            return _any(_element(test, text) for text in values)
        case Quantifier.ALL:
            return ~_any(~_element(test, text) for text in values)
        case _:
            assert_never(operator.quantifier)


def whatever_the_value(test: Test, *, many: bool) -> Truth | None:
    """Return the answer if it is the same for every value of a key that is present, else None.

    A value that is empty does not count: see `is_odd_if_empty`.
    """
    operator = test.condition.operator
    if operator.base is Base.NULL or not test.condition.values or (many and operator.quantifier is None):
        return answer(test, SOME, many=many)
    if operator.base not in STRINGS:
        return None
    matching_all = [
        comparison for comparison in test.comparisons if comparison.certain and comparison.tokens is ANYTHING
    ]
    if (matching_all or not test.comparisons) and not (operator.negated and operator.base in _READERS):
        return answer(test, SOME, many=False)
    return None


SOME = ("x",)
"""A value, where it does not matter which."""
_EMPTY = ""
"""The value of a key that is present and has no text, as a tag can be."""


def is_odd_if_empty(operator: Operator) -> bool:
    """Return whether an operator may take an empty value for none.

    ForAllValues returns true for "a null dataset, such as an empty string", also if it is negated, and Null with
    `false` checks that the value is not null.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    return operator.quantifier is Quantifier.ALL or operator.base is Base.NULL


def _only(test: Test, text: str, *, many: bool) -> Truth:
    """Return the answer for the only value of a key. A list of one empty text may be a null dataset, or not."""
    if text == _EMPTY and is_odd_if_empty(test.condition.operator):
        return Truth.UNKNOWN if many else Truth.YES
    return _element(test, text)


def _null(condition: Condition, values: tuple[str, ...] | None) -> Truth:
    """Return the answer of Null. It may take an empty value for none."""
    if condition.operator.quantifier is not None or not condition.values:
        return Truth.UNKNOWN
    possible = (True, False) if values == (_EMPTY,) else (values is None,)
    found = {_any(_is_null(wanted, absent=absent) for wanted in condition.values) for absent in possible}
    return found.pop() if len(found) == 1 else Truth.UNKNOWN


def _is_null(wanted: Value, *, absent: bool) -> Truth:
    return Truth.UNKNOWN if isinstance(wanted, UNREAD) else Truth.YES if wanted is absent else Truth.NO


def _missing(condition: Condition) -> Truth:
    operator = condition.operator
    if operator.quantifier is Quantifier.ALL:
        return Truth.YES
    if operator.quantifier is Quantifier.ANY:
        return Truth.UNKNOWN if operator.if_exists else Truth.NO
    return Truth.YES if operator.if_exists or operator.negated else Truth.NO


class Mode(Enum):
    """How a search treats uncertain values: a request `MUST` be allowed, or it `MAY` be."""

    __hash__ = object.__hash__  # by identity: dictionaries look it up a hundred times in a judgement

    MUST = auto()
    MAY = auto()


class Demand(Enum):
    """The result that a search needs from a condition."""

    __hash__ = object.__hash__  # by identity: dictionaries look it up a hundred times in a judgement

    MUST = "it holds", Truth.YES
    MAY = "it may hold", Truth.YES, Truth.UNKNOWN
    MAY_NOT = "it does not hold for certain", Truth.NO, Truth.UNKNOWN
    MUST_NOT = "it certainly does not hold", Truth.NO

    def __init__(self, _meaning: str, *answers: Truth) -> None:
        self.met_by: Callable[[Truth], bool] = frozenset(answers).__contains__
        """Returns whether an answer is the needed one. It is a set's own method, because it is called for each
        comparison."""
        self.positive = Truth.YES in answers
        """Whether the condition should match."""


@by_identity
class Clause:
    """One condition of a statement. `test` is None if policy variables must be replaced first."""

    condition: Condition
    effect: Effect
    test: Test | None
    variables: tuple[str, ...]
    holed: bool
    key: str
    """The key that the condition tests, in lower case."""
    texts: tuple[str, ...]
    """The strings and numbers in the condition, because both may be accounts. It has no dates or addresses."""
    filled: dict[tuple[str | Unknown | None, ...], Test] = field(default_factory=dict)
    """The condition for each combination of values of its policy variables, as far as it was needed."""


def for_request(one: Clause, lookup: Lookup, budget: Budget | None = None) -> Test:
    """Return a clause's condition for one request, with the values of its policy variables."""
    if one.test is not None:
        return one.test
    values = tuple(map(lookup, one.variables))
    known = one.filled.get(values)
    if known is None:
        if budget is not None:
            budget.spend(1 + len(one.condition.values))
        known = one.filled[values] = resolve(one.condition, lookup, one.effect)
    return known


def clause(condition: Condition, effect: Effect) -> Clause:
    """Prepare a condition for the search."""
    names: list[str] = []
    texts: list[str] = []
    holed = False
    for value in condition.values:
        if isinstance(value, Pattern):
            texts.append(value.source)
            for part in value.parts:
                if isinstance(part, str):
                    continue
                if isinstance(part, Variable):
                    names.append(part.key)
                elif isinstance(part, Hole):
                    holed = True
        elif isinstance(value, Decimal):
            texts.append(str(value))
        else:
            holed = holed or isinstance(value, Holed)
    test = None if names else as_it_stands(condition)
    return Clause(condition, effect, test, tuple(names), holed, condition.name, tuple(texts))


def key_condition(
    key: str,
    patterns: Iterable[str],
    base: Base = Base.STRING_LIKE,
    *,
    negated: bool = False,
    quantifier: Quantifier | None = None,
) -> Condition:
    """Return the condition that a key's value matches one of the patterns, or none of them if `negated`.

    `quantifier` is the set operator for a key with several values.
    """
    operator = Operator(base, negated, quantifier=quantifier, source=base.value)
    wild = base in (Base.STRING_LIKE, Base.ARN_LIKE)
    values = tuple([pattern(text, wild=wild, variables=False) for text in patterns])
    return Condition(operator, key, key, values)


_ARN, _ID, _SORT = "aws:principalarn", "aws:userid", "aws:principaltype"


Roles = Mapping[tuple[str, str], tuple[str, ...]]
"""The ARNs of the roles that the policy names as principals, by account and name without path."""


def named_roles(entries: Iterable[Named]) -> Roles:
    """Index roles by name. The name is unique in an account, and a session's ARN does not show the path.

    If the policy names a role with two paths, one of them is right, and nothing says which.
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for entry in entries:
        if entry.form is Form.ROLE:
            key = (entry.account, entry.name.rpartition("/")[2])
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), entry.source)))
    return found


def roles_in(principals: Iterable[Principals]) -> Roles:
    """Index the roles that a policy names. If a principal is unknown, it may be any of them with another path."""
    every = list(principals)
    return {} if any(one.unknown for one in every) else named_roles(entry for one in every for entry in one.named)


def role_of(entry: Named, roles: Roles) -> tuple[list[str], str]:
    """Return the possible patterns of `aws:PrincipalArn` for one assumed-role session, and the session's name."""
    role, _, session = entry.name.rpartition("/")
    known = roles.get((entry.account, role))
    start = f"arn:{entry.partition}:iam::{entry.account}:role/"
    return list(known) if known else [start + role, f"{start}*/{role}"], session


def _session(entry: Named, roles: Roles) -> tuple[list[str], list[str]]:
    """Return the patterns of `aws:PrincipalArn` and of `aws:userid` for one assumed-role session."""
    arns, session = role_of(entry, roles)
    return arns, [f"AROA*:{session}"]


def entity_arns(entries: Iterable[Named]) -> list[str]:
    """Return the values of `aws:PrincipalArn` of roles, users and federated users."""
    return [entry.source for entry in entries if entry.form in (Form.ROLE, Form.USER, Form.FEDERATED)]


def identity(entry: Named, roles: Roles) -> tuple[Condition, ...]:
    """Return the conditions that are true if a caller of the entry's account is the entry."""
    match entry.form:
        case Form.ACCOUNT:
            return ()
        case Form.SESSION:
            arns, ids = _session(entry, roles)
            return (key_condition(_ARN, arns), key_condition(_ID, ids))
        case Form.ROLE | Form.USER | Form.FEDERATED:
            return (key_condition(_ARN, [entry.source], Base.STRING_EQUALS),)
        case _:
            assert_never(entry.form)


def hits(entries: Iterable[Named], roles: Roles) -> Iterator[tuple[Condition, ...]]:
    """Yield the conditions under which a caller of the entries' account is certainly one of them."""
    entries = tuple(entries)
    arns = entity_arns(entries)
    if arns:
        yield (key_condition(_ARN, arns, Base.STRING_EQUALS),)
    for entry in entries:
        if entry.form is Form.SESSION:
            yield identity(entry, roles)


def misses(entries: Iterable[Named], roles: Roles) -> list[tuple[Condition, ...]]:
    """Return the conditions under which a caller of the entries' account is certainly none of them."""
    entries = tuple(entries)
    base: tuple[Condition, ...] = ()
    arns = entity_arns(entries)
    if arns:
        base += (key_condition(_ARN, arns, Base.STRING_EQUALS, negated=True),)
    if any(entry.form is Form.USER for entry in entries):
        # A listed user may have started a federated session.
        base += (key_condition(_SORT, ["FederatedUser"], Base.STRING_EQUALS, negated=True),)
    ways = [base]
    for entry in entries:
        if entry.form is Form.SESSION:
            arns, ids = _session(entry, roles)
            other = [key_condition(_ARN, arns, negated=True), key_condition(_ID, ids, negated=True)]
            ways = [(*way, condition) for way in ways for condition in other]
    return ways
