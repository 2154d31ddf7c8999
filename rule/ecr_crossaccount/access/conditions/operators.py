"""The meaning of condition operators. No other module defines it.

Set operators, IfExists and missing keys are handled once, around a table of base comparisons. There are three answers:
yes, no, cannot tell.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from itertools import repeat
from typing import Any, assert_never

from ...policy.conditions import (
    Base,
    Condition,
    Operator,
    Quantifier,
    Value,
    Word,
    boolean,
    date,
    network,
    number,
    odd_date,
    odd_number,
)
from ...policy.pattern import Wild
from ..patterns import spellings
from ..patterns.charset import GENERIC
from ..patterns.tokens import Tokens, matches
from .addresses import networks_of, readings
from .comparisons import ANYTHING, STRINGS, UNREAD, Comparison, Test, has_pairs


class Answer(Enum):
    """Whether a condition matches a request."""

    YES = "yes"
    NO = "no"
    UNSURE = "cannot tell"

    __hash__ = object.__hash__  # by identity: it is looked up for every comparison

    def __invert__(self) -> Answer:
        return _INVERSE[self]


_INVERSE = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.UNSURE: Answer.UNSURE}


def compare_text(compared: Comparison, text: str) -> Answer:
    """Compare one comparison string with one value."""
    if compared.text is not None:
        return Answer.YES if compared.text == text else Answer.NO
    if Wild.ONE in compared.parts and has_pairs(text):
        return Answer.UNSURE
    if not matches(compared.tokens, text):
        return _perhaps_one_of(compared.wider, text)
    return Answer.YES if compared.certain else Answer.UNSURE


def _ordered(
    readers: Sequence[Callable[[str], Decimal] | Callable[[str], datetime]], like: Iterable[Tokens], holds: _Holds
) -> Callable[[Value, str], Answer]:
    """Return a function that compares the values that all readers read from a text.

    If the values differ, it cannot be determined how AWS reads the text. The same is true if none of the readers
    accepts the text, but it looks `like` a text that another reader might accept.
    """
    patterns = tuple(like)

    def compare(wanted: Value, text: str) -> Answer:
        read = [_read(reader, text) for reader in readers]
        if read.count(None) == len(read):
            return _perhaps_one_of(patterns, text)
        found = {
            Answer.YES if one is not None and holds((one > wanted) - (one < wanted)) else Answer.NO for one in read
        }
        if read.count(read[0]) < len(read):
            found.add(Answer.NO)
        return Answer.UNSURE if len(found) > 1 else found.pop()

    return compare


_Holds = Callable[[int], bool]
"""Whether an operator accepts the order (-1, 0 or 1) of a request's value relative to its own value."""


def _perhaps_one_of(patterns: Iterable[Tokens], text: str) -> Answer:
    return Answer.UNSURE if any(matches(tokens, text) for tokens in patterns) else Answer.NO


def _read(reader: Callable[[str], Any], text: str) -> Any:  # noqa: ANN401 - a number or a moment, as what it is compared with
    try:
        return reader(text)
    except ValueError:
        return None


def _in_network(test: Test, text: str) -> Answer:
    """Compare all networks of a condition with an address at once."""
    certain, possible, unknown = networks_of(test)
    read = readings(text)
    if read.certain is not None and certain.contains(read.certain):
        return Answer.YES
    others = read.possible if read.certain is None else (read.certain, *read.possible)
    return Answer.UNSURE if unknown or read.is_any or any(map(possible.contains, others)) else Answer.NO


def _is_word(wanted: Value, text: str) -> Answer:
    """Compare `true` or `false` with a text. If a key of another type has neither, it is not certainly `false`."""
    found = boolean(text)
    if isinstance(found, Word):
        return Answer.NO if wanted else Answer.UNSURE
    return Answer.YES if found is wanted else Answer.NO


_ORDERS: dict[str, _Holds] = {
    "Equals": lambda order: order == 0,
    "LessThan": lambda order: order < 0,
    "LessThanEquals": lambda order: order <= 0,
    "GreaterThan": lambda order: order > 0,
    "GreaterThanEquals": lambda order: order >= 0,
}
_NUMBERS = (number, odd_number)
_MOMENTS = (date, odd_date)
_LIKE_MOMENTS = (*spellings.LIKE_NUMBERS, *spellings.LIKE_MOMENTS)
_TYPED: dict[Base, Callable[[Value, str], Answer]] = {
    **{Base(f"Numeric{name}"): _ordered(_NUMBERS, spellings.LIKE_NUMBERS, holds) for name, holds in _ORDERS.items()},
    **{Base(f"Date{name}"): _ordered(_MOMENTS, _LIKE_MOMENTS, holds) for name, holds in _ORDERS.items()},
    Base.BOOL: _is_word,
}


def _compare_typed(base: Base, wanted: Value, text: str) -> Answer:
    if isinstance(wanted, UNREAD):
        return Answer.UNSURE
    return _TYPED[base](wanted, text.replace(GENERIC, _SOME_DIGIT))


_SOME_DIGIT = "9"
"""An account that the policy does not name needs some number here. The witness is checked with the number it shows."""


def _any(answers: Iterable[Answer]) -> Answer:
    result = Answer.NO
    for answer in answers:
        if answer is Answer.YES:
            return answer
        if answer is Answer.UNSURE:
            result = answer
    return result


def _element(test: Test, text: str) -> Answer:
    """Compare one value of the request with all comparison values. Any may match, or, if negated, none."""
    base = test.condition.operator.base
    if base in STRINGS:
        found = _any(map(compare_text, test.comparisons, repeat(text)))
    elif base is Base.IP_ADDRESS:
        found = _in_network(test, text.replace(GENERIC, _SOME_DIGIT))
    else:
        found = _any(map(_compare_typed, repeat(base), test.condition.values, repeat(text)))
    if not test.condition.operator.negated:
        return found
    return ~found if base not in _READERS or _read(_READERS[base], text) is not None else Answer.UNSURE


def _arn(text: str) -> str:
    if not matches(spellings.ARN, text):
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


def answer(test: Test, values: tuple[str, ...] | None, *, many: bool) -> Answer:
    """Return whether a condition matches if its key has `values`, or is absent (None).

    `many`: the key is multivalued. AWS does not document what an operator without a set operator means for such a key.
    """
    operator = test.condition.operator
    if operator.base is Base.NULL:
        return _null(test.condition, values)
    if values is None:
        return _missing(test.condition)
    if not test.condition.values or (many and operator.quantifier is None):
        return Answer.NO if operator.quantifier is Quantifier.ANY else Answer.UNSURE
    if len(values) == 1:
        return _only(test, values[0], many=many)
    match operator.quantifier:
        case None | Quantifier.ANY:
            return _any(_element(test, text) for text in values)
        case Quantifier.ALL:
            return ~_any(~_element(test, text) for text in values)
        case _:
            assert_never(operator.quantifier)


def whatever_the_value(test: Test, *, many: bool) -> Answer | None:
    """Return the answer if it is the same for every value of a key that is present, else None.

    A value that is empty does not count: see `is_odd_if_empty`.
    """
    operator = test.condition.operator
    if operator.base is Base.NULL or not test.condition.values or (many and operator.quantifier is None):
        return answer(test, SOME, many=many)
    if operator.base not in STRINGS:
        return None
    matching_all = [one for one in test.comparisons if one.certain and one.tokens is ANYTHING]
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


def _only(test: Test, text: str, *, many: bool) -> Answer:
    """Return the answer for the only value of a key. A list of one empty text may be a null dataset, or not."""
    if text == _EMPTY and is_odd_if_empty(test.condition.operator):
        return Answer.UNSURE if many else Answer.YES
    return _element(test, text)


def _null(condition: Condition, values: tuple[str, ...] | None) -> Answer:
    """Return the answer of Null. It may take an empty value for none."""
    if condition.operator.quantifier is not None or not condition.values:
        return Answer.UNSURE
    possible = (True, False) if values == (_EMPTY,) else (values is None,)
    found = {_any(_is_null(wanted, absent=absent) for wanted in condition.values) for absent in possible}
    return found.pop() if len(found) == 1 else Answer.UNSURE


def _is_null(wanted: Value, *, absent: bool) -> Answer:
    return Answer.UNSURE if isinstance(wanted, UNREAD) else Answer.YES if wanted is absent else Answer.NO


def _missing(condition: Condition) -> Answer:
    operator = condition.operator
    if operator.quantifier is Quantifier.ALL:
        return Answer.YES
    if operator.quantifier is Quantifier.ANY:
        return Answer.UNSURE if operator.if_exists else Answer.NO
    return Answer.YES if operator.if_exists or operator.negated else Answer.NO


class Mode(Enum):
    """How a search treats uncertain values: a request `MUST` be allowed, or it `MAY` be."""

    __hash__ = object.__hash__  # by identity: dictionaries look it up a hundred times in a judgement

    MUST = "only what is certain counts"
    MAY = "whatever is not excluded counts"


class Want(Enum):
    """The result that a search needs from a condition."""

    __hash__ = object.__hash__  # by identity: dictionaries look it up a hundred times in a judgement

    SURELY = "it holds", Answer.YES
    POSSIBLY = "it may hold", Answer.YES, Answer.UNSURE
    NOT_SURELY = "it does not hold for certain", Answer.NO, Answer.UNSURE
    SURELY_NOT = "it certainly does not hold", Answer.NO

    def __init__(self, _meaning: str, *answers: Answer) -> None:
        self.met_by: Callable[[Answer], bool] = frozenset(answers).__contains__
        """Returns whether an answer is the needed one. It is a set's own method, because it is called for each
        comparison."""
        self.positive = Answer.YES in answers
        """Whether the condition should match."""
