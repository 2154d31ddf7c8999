"""What condition operators mean: the only place that knows.

Set operators, IfExists and missing keys are handled once, around a table of base comparisons, with three answers:
yes, no, cannot tell.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache

from ..policy.conditions import Base, Condition, Network, Quantifier, Value, boolean, date, network, number
from ..policy.document import Effect
from ..policy.holes import Hole, Holed
from ..policy.pattern import Part, Pattern, Variable, Wild, joined
from .charset import ANY, NOT_COLON, Charset
from .tokens import Token, Tokens, literal, matches, star


class Answer(Enum):
    """Whether a condition holds for a request."""

    YES = "yes"
    NO = "no"
    UNSURE = "cannot tell"

    def __invert__(self) -> Answer:
        return _INVERSE[self]


_INVERSE = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.UNSURE: Answer.UNSURE}


class Unknown(Enum):
    """Stands for a value that is there or not, and that nobody knows."""

    VALUE = "unknown"
    SEVERAL = "several"


UNKNOWN_VALUE = Unknown.VALUE
Lookup = Callable[[str], str | Unknown | None]
"""The value of a policy variable's key in a request: its text, None where the key is absent. `Unknown.SEVERAL` is a
multivalued key: it is no value as a variable, and a default does not help."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison string of a String, Arn or Binary operator, with its variables replaced.

    Where not `certain`, `tokens` match at least what the string may match once its unknown part is known.
    """

    parts: tuple[Part, ...]
    tokens: Tokens
    text: str | None
    certain: bool


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """A condition as it stands for one request: `comparisons` for strings, `condition.values` for typed ones."""

    condition: Condition
    comparisons: tuple[Comparison, ...]


STRINGS = frozenset(
    {
        Base.STRING_EQUALS,
        Base.STRING_EQUALS_IGNORE_CASE,
        Base.STRING_LIKE,
        Base.ARN_LIKE,
        Base.BINARY_EQUALS,
    }
)
ANYTHING = star(ANY)
_ARN_FIELDS = 6


def resolve(condition: Condition, lookup: Lookup, effect: Effect) -> Test:
    """Replace the policy variables of a condition by what a request holds for them.

    A variable without a value matches nothing; under a negated operator that lets an Allow through, and whether
    it lets a Deny through cannot be told.
    """
    if condition.operator.base not in STRINGS:
        return Test(condition, ())
    found = [_resolved(condition, value, lookup, effect) for value in condition.values]
    return Test(condition, tuple(comparison for comparison in found if comparison is not None))


def _resolved(condition: Condition, value: Value, lookup: Lookup, effect: Effect) -> Comparison | None:
    if not isinstance(value, Pattern):
        raise TypeError(f"{condition.operator.source} compares with {value!r}")
    base = condition.operator.base
    parts: list[Part] = []
    for part in value.parts:
        if not isinstance(part, Variable):
            parts.append(part)
            continue
        found = lookup(part.key)
        if found is None:
            found = part.default
        if found is None or found is Unknown.SEVERAL:
            negated_deny = effect is Effect.DENY and condition.operator.negated
            return Comparison((), ANYTHING, None, certain=False) if negated_deny else None
        parts.append(Hole(part.key) if isinstance(found, Unknown) else found)
    return comparison(base, joined(parts))


@lru_cache(maxsize=8192)
def comparison(base: Base, parts: tuple[Part, ...]) -> Comparison:
    """Compile a comparison string without variables."""
    certain = not any(isinstance(part, Hole) for part in parts)
    wild = any(not isinstance(part, str) for part in parts)
    if base is Base.ARN_LIKE:
        fields = arn_tokens(parts)
        if fields is None:
            return Comparison(parts, ANYTHING, None, certain=False)
        if not certain:
            return Comparison(parts, fields, None, certain=False)
        return Comparison(parts, fields, None if wild else _joined(parts), certain=True)
    if base is Base.STRING_EQUALS_IGNORE_CASE:
        return Comparison(parts, _ignoring_case(parts), None, certain)
    tokens = ANYTHING if parts == (Wild.ANY,) else string_tokens(parts, ANY)
    return Comparison(parts, tokens, None if wild else _joined(parts), certain)


def _joined(parts: Iterable[Part]) -> str:
    return "".join(part for part in parts if isinstance(part, str))


def _wild(part: Part, charset: Charset) -> Token:
    return Token(charset=charset, star=part is not Wild.ONE)


def string_tokens(parts: Iterable[Part], charset: Charset) -> Tokens:
    """Tokens of a string pattern whose wildcards stand for characters of `charset`."""
    tokens: list[Token] = []
    for part in parts:
        for token in literal(part).steps if isinstance(part, str) else (_wild(part, charset),):
            if not (token.star and tokens and tokens[-1] == token):
                tokens.append(token)
    return Tokens(tokens)


def _ignoring_case(parts: Iterable[Part]) -> Tokens:
    return Tokens(
        Token("".join(dict.fromkeys((token.literal.lower(), token.literal.upper())))) if token.literal else token
        for token in string_tokens(parts, ANY).steps
    )


def arn_tokens(parts: tuple[Part, ...]) -> Tokens | None:
    """Tokens of an ARN pattern, whose wildcards stop at a colon in the first five of its six fields.

    None if it has fewer than six: AWS does not say what such a pattern matches. A hole may hold colons, so behind
    one the fields are not known, and the tokens match whatever the pattern may match.
    """
    if sum(part.count(":") for part in parts if isinstance(part, str)) < _ARN_FIELDS - 1:
        return None
    tokens: list[Token] = []
    fields = 1
    for part in parts:
        if isinstance(part, Hole):
            fields = _ARN_FIELDS
        pieces = literal(part).steps if isinstance(part, str) else (part,)
        for piece in pieces:
            if isinstance(piece, Token):
                fields += piece.literal == ":"
                tokens.append(piece)
            else:
                token = _wild(piece, NOT_COLON if fields < _ARN_FIELDS else ANY)
                if not (token.star and tokens and tokens[-1] == token):
                    tokens.append(token)
    return Tokens(tokens)


def written(parts: Iterable[Part]) -> str:
    """Write parts as a pattern; what is not known appears as `*`."""
    return "".join(part if isinstance(part, str) else part.value if isinstance(part, Wild) else "*" for part in parts)


def account_field(parts: tuple[Part, ...]) -> str | None:
    """The account field of an ARN pattern, or None if it has no six fields."""
    return None if arn_tokens(parts) is None else written(parts).split(":")[4]


def compare_text(compared: Comparison, text: str) -> Answer:
    """Compare one comparison string with one value."""
    if compared.text is not None:
        matched = compared.text == text
    else:
        matched = matches(compared.tokens, text)
    if not matched:
        return Answer.NO
    return Answer.YES if compared.certain else Answer.UNSURE


def _ordered(
    read: Callable[[str], Decimal] | Callable[[str], datetime], holds: Callable[[int], bool]
) -> Callable[[Value, str], bool]:
    def compare(wanted: Value, text: str) -> bool:
        try:
            value = read(text)
        except ValueError:
            return False
        return holds((value > wanted) - (value < wanted))  # type: ignore[operator]

    return compare


def _in_network(wanted: Value, text: str) -> bool:
    try:
        address = network(text)
    except ValueError:
        return False
    if not isinstance(wanted, Network) or wanted.version != address.version:
        return False
    return wanted.first <= address.first and address.last <= wanted.last


_ORDERS: dict[str, Callable[[int], bool]] = {
    "Equals": lambda order: order == 0,
    "LessThan": lambda order: order < 0,
    "LessThanEquals": lambda order: order <= 0,
    "GreaterThan": lambda order: order > 0,
    "GreaterThanEquals": lambda order: order >= 0,
}
_TYPED: dict[Base, Callable[[Value, str], bool]] = {
    **{Base(f"Numeric{name}"): _ordered(number, holds) for name, holds in _ORDERS.items()},
    **{Base(f"Date{name}"): _ordered(date, holds) for name, holds in _ORDERS.items()},
    Base.BOOL: lambda wanted, text: boolean(text) is wanted,
    Base.IP_ADDRESS: _in_network,
}


def _compare_typed(base: Base, wanted: Value, text: str) -> Answer:
    if isinstance(wanted, Holed):
        return Answer.UNSURE
    if not _TYPED[base](wanted, text):
        return Answer.NO
    exact = not isinstance(wanted, Network) or wanted.exact
    return Answer.YES if exact else Answer.UNSURE


def _any(answers: Iterable[Answer]) -> Answer:
    result = Answer.NO
    for answer in answers:
        if answer is Answer.YES:
            return answer
        if answer is Answer.UNSURE:
            result = answer
    return result


def _element(test: Test, text: str) -> Answer:
    """Compare one value of the request with all comparison values: any may match, or, negated, none."""
    base = test.condition.operator.base
    if base in STRINGS:
        found = _any(compare_text(compared, text) for compared in test.comparisons)
    else:
        found = _any(_compare_typed(base, wanted, text) for wanted in test.condition.values)
    return ~found if test.condition.operator.negated else found


def answer(test: Test, values: tuple[str, ...] | None, *, many: bool) -> Answer:
    """Tell whether a condition holds where its key has `values`, or is absent (None).

    `many`: the key is multivalued, so that an operator without set operator has no documented meaning.
    """
    operator = test.condition.operator
    if operator.base is Base.NULL:
        return _null(test.condition, values is None)
    if values is None:
        return _missing(test.condition)
    if not test.condition.values:
        return Answer.NO if operator.quantifier is Quantifier.ANY else Answer.UNSURE
    match operator.quantifier:
        case None if many:
            return Answer.UNSURE
        case None | Quantifier.ANY:
            return _any(_element(test, text) for text in values)
        case Quantifier.ALL:
            return ~_any(~_element(test, text) for text in values)


def whatever_the_value(test: Test, *, many: bool) -> Answer | None:
    """The answer where it is the same for every value of a key that is present, else None."""
    operator = test.condition.operator
    if operator.base is Base.NULL or not test.condition.values or (many and operator.quantifier is None):
        return answer(test, ("",), many=many)
    if operator.base not in STRINGS:
        return None
    if not test.comparisons or any(one.certain and one.tokens is ANYTHING for one in test.comparisons):
        return answer(test, ("",), many=False)
    return None


def _null(condition: Condition, absent: bool) -> Answer:
    if condition.operator.quantifier is not None or not condition.values:
        return Answer.UNSURE
    return _any(
        Answer.UNSURE if isinstance(wanted, Holed) else Answer.YES if wanted is absent else Answer.NO
        for wanted in condition.values
    )


def _missing(condition: Condition) -> Answer:
    operator = condition.operator
    if operator.quantifier is Quantifier.ALL:
        return Answer.YES
    if operator.quantifier is Quantifier.ANY:
        return Answer.UNSURE if operator.if_exists else Answer.NO
    return Answer.YES if operator.if_exists or operator.negated else Answer.NO


class Want(Enum):
    """What a search asks of a condition."""

    SURELY = "it holds"
    POSSIBLY = "it may hold"
    NOT_SURELY = "it does not hold for certain"
    SURELY_NOT = "it certainly does not hold"

    def met_by(self, given: Answer) -> bool:
        """Tell whether an answer is what is asked for."""
        match self:
            case Want.SURELY:
                return given is Answer.YES
            case Want.POSSIBLY:
                return given is not Answer.NO
            case Want.NOT_SURELY:
                return given is not Answer.YES
            case Want.SURELY_NOT:
                return given is Answer.NO

    @property
    def positive(self) -> bool:
        """Whether the condition is asked to hold."""
        return self in (Want.SURELY, Want.POSSIBLY)
