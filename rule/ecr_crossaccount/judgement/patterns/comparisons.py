"""Prepares comparison strings for one request: replaces variables, and compiles wildcards and holes to tokens.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum, auto
from functools import lru_cache

from ...documents.conditions import WILD, Base, Condition, Value, Word, Year
from ...documents.document import Effect
from ...documents.pattern import Hole, Holed, Part, Pattern, Variable, Wild, join_parts
from ...memo import by_identity, once
from .charsets import ANY, NOT_COLON, Charset
from .tokens import AnyOf, Token, Tokens, any_of, literal, matches, star, steps_of


class Unknown(Enum):
    """Marks an unknown value that may be present or absent."""

    VALUE = auto()
    SEVERAL = auto()


UNKNOWN_VALUE = Unknown.VALUE
Lookup = Callable[[str], str | Unknown | None]
"""The value of a policy variable's key in a request: its text, or None if the key is absent. `Unknown.SEVERAL` means a
multivalued key. Such a key has no value as a variable, and its default is ignored."""


@by_identity
class Comparison:
    """One comparison string of a String, Arn or Binary operator, with its variables replaced.

    If it is not `certain`, `tokens` match at least everything that the string may match once its unknown part is known.
    It may also match what `wider` match.
    """

    parts: tuple[Part, ...]
    tokens: Tokens
    text: str | None
    certain: bool
    wider: tuple[Tokens, ...] = ()


class Test:
    """A condition for one request: `comparisons` for strings, `condition.values` for typed values.

    Compared by identity.
    """

    def __init__(self, condition: Condition, comparisons: tuple[Comparison, ...]) -> None:
        self.condition = condition
        self.comparisons = comparisons

    @once
    def certain(self) -> AnyOf:
        """The texts that the comparison strings certainly match."""
        return any_of(tuple([one.tokens for one in self.comparisons if one.certain]))

    @once
    def possible(self) -> AnyOf:
        """The texts that the comparison strings may match."""
        return any_of(tuple([tokens for one in self.comparisons for tokens in (one.tokens, *one.wider)]))

    @property
    def price(self) -> int:
        """The steps that it takes to compare a text, besides the first one."""
        return self.possible.price if len(self.comparisons) > _FEW else 0

    @property
    def counts_characters(self) -> bool:
        """Whether a comparison string has a `?`."""
        return any(Wild.ONE in one.parts for one in self.comparisons)

    @property
    def has_pairs(self) -> bool:
        """Whether a comparison string has a character that is a pair in UTF-16, so that `?` may match half of it."""
        return any(isinstance(part, str) and has_pairs(part) for one in self.comparisons for part in one.parts)


def matches_one_of(test: Test, text: str) -> bool | None:
    """Return whether one of a condition's strings matches a text, or None if this cannot be determined."""
    comparisons = test.comparisons
    if len(comparisons) > _FEW and not has_pairs(text):
        # A long list is compared many times.
        return True if test.certain.matches(text) else None if test.possible.matches(text) else False
    found: bool | None = False
    for compared in comparisons:
        matched = _compare(compared, text)
        if matched:
            return True
        if matched is None:
            found = None
    return found


_FEW = 4


def _compare(compared: Comparison, text: str) -> bool | None:
    if compared.text is not None:
        return compared.text == text
    if Wild.ONE in compared.parts and has_pairs(text):
        return None
    if matches(compared.tokens, text):
        return True if compared.certain else None
    return None if any(matches(tokens, text) for tokens in compared.wider) else False


def has_pairs(text: str) -> bool:
    """Return whether a text has a character that is a pair in UTF-16. AWS does not document what a character is."""
    return not text.isascii() and max(text) > "\uffff"


_WILDCARDS = {"*", "?"}
STRINGS = frozenset(
    {Base.STRING_EQUALS, Base.STRING_EQUALS_IGNORE_CASE, Base.STRING_LIKE, Base.ARN_LIKE, Base.BINARY_EQUALS}
)
NUMERIC = frozenset(base for base in Base if base.value.startswith("Numeric"))
UNREAD = (Holed, Year, Word)
"""The typed values that may match any value, because which one they are is unknown."""
ANYTHING = star(ANY)
_ANYTHING = (Wild.ANY,)
_ARN_FIELDS = 6


def as_it_stands(condition: Condition) -> Test:
    """Compile a condition without policy variables."""
    base = condition.operator.base
    if base not in STRINGS:
        return Test(condition, ())
    return Test(condition, tuple([comparison(base, value.parts) for value in condition.values]))  # type: ignore[union-attr]  # operators on strings compare with patterns


def resolve(condition: Condition, lookup: Lookup, effect: Effect) -> Test:
    """Replace the policy variables of a condition with their values in a request.

    A variable without a value matches nothing. Under a negated operator, an Allow then applies, and it cannot be
    determined whether a Deny does.
    """
    found = [_resolve_value(condition, value, lookup, effect) for value in condition.values]
    return Test(condition, tuple([comparison for comparison in found if comparison is not None]))


def _resolve_value(condition: Condition, value: Value, lookup: Lookup, effect: Effect) -> Comparison | None:
    assert isinstance(value, Pattern), "operators on strings compare with patterns"
    base = condition.operator.base
    if value.literal is not None or not value.variables:
        return comparison(base, value.parts)
    parts: list[Part] = []
    for part in value.parts:
        if not isinstance(part, Variable):
            parts.append(part)
            continue
        found = lookup(part.key)
        if found is None:
            found = part.default if base not in WILD or not _WILDCARDS & {*(part.default or "")} else UNKNOWN_VALUE
        negated_deny = effect is Effect.DENY and condition.operator.negated
        if negated_deny and (found is None or isinstance(found, Unknown)):
            return Comparison((), ANYTHING, None, certain=False)
        if found is None or found is Unknown.SEVERAL:
            return None
        parts.append(Hole(part.key) if isinstance(found, Unknown) else found)
    return comparison(base, join_parts(parts))


@lru_cache(maxsize=8192)
def comparison(base: Base, parts: tuple[Part, ...]) -> Comparison:
    """Compile a comparison string without variables."""
    text = _literal_text(parts)
    if text is not None and base is not Base.STRING_EQUALS_IGNORE_CASE:
        if base is Base.BINARY_EQUALS or (base is Base.ARN_LIKE and text.count(":") < _ARN_FIELDS - 1):
            return Comparison(parts, ANYTHING, None, certain=False)
        return Comparison(parts, literal(text), text, certain=True)
    certain = not any(isinstance(part, Hole) for part in parts)
    if base is Base.ARN_LIKE:
        fields = arn_tokens(parts)
        if fields is None:
            return Comparison(parts, ANYTHING, None, certain=False)
        return Comparison(parts, fields, None, certain)
    if base is Base.STRING_EQUALS_IGNORE_CASE:
        steps = string_tokens(parts, ANY).steps
        tokens = Tokens(_in_any_case(token) if token.literal else token for token in steps)
        return Comparison(parts, tokens, None, certain, _folding_case(parts))
    tokens = ANYTHING if parts == _ANYTHING else _wild_tokens(parts, ANY)
    return Comparison(parts, tokens, None, certain)


def _literal_text(parts: tuple[Part, ...]) -> str | None:
    """Return the one string that the parts form, or None if there are wildcards or holes among them."""
    if len(parts) == 1:
        return parts[0] if isinstance(parts[0], str) else None
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else None


def _wild(part: Part, charset: Charset) -> Token:
    return Token(charset=charset, star=part is not Wild.ONE)


def string_tokens(parts: tuple[Part, ...], charset: Charset) -> Tokens:
    """Return the tokens of a string pattern. Its wildcards match characters of `charset`."""
    text = _literal_text(parts)
    return _wild_tokens(parts, charset) if text is None else literal(text)


def _wild_tokens(parts: tuple[Part, ...], charset: Charset) -> Tokens:
    tokens: list[Token] = []
    for part in parts:
        if isinstance(part, str):
            tokens += steps_of(part)
        else:
            _add(tokens, _wild(part, charset))
    return Tokens(tokens)


def _add(tokens: list[Token], token: Token) -> None:
    """Add a wildcard's token. Two stars over the same characters match the same as one."""
    if not (token.star and tokens and tokens[-1] == token):
        tokens.append(token)


@lru_cache(maxsize=1024)
def _in_any_case(token: Token) -> Token:
    """Return the two cases of a letter. For a letter without such a pair, as `ß`, return the letter alone."""
    letter = token.literal
    low, up = letter.lower(), letter.upper()
    return Token("".join(dict.fromkeys((low, up)))) if (low.upper(), up.lower()) == (up, low) else token


# --- uncertain characters ---

_OTHER_CASES = {"i": "\u0130\u0131", "k": "\u212a", "s": "\u017f"}
"""Letters outside ASCII that some case folding takes for a letter of ASCII."""
_LIGATURES = re.compile("ss|st|f[fil]")
_OF_LIGATURES = re.compile("([filst]{2,})")
_LIGATURE = Charset(
    "letter of a ligature",
    frozenset("filstFILST\u0130\u0131\u017f\u00df\u1e9e\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06").__contains__,
)


@lru_cache(maxsize=1024)
def _folding_case(parts: tuple[Part, ...]) -> tuple[Tokens, ...]:
    """Return patterns of the texts that some case folding of Unicode takes for the same. AWS does not document its own.

    https://www.unicode.org/Public/UCD/latest/ucd/CaseFolding.txt
    """
    text = "".join(part for part in parts if isinstance(part, str))
    if not text.isascii():
        return (ANYTHING,)
    tokens: list[Token] = []
    for part in parts:
        for piece in _OF_LIGATURES.split(part.lower()) if isinstance(part, str) else ():
            if _LIGATURES.search(piece):
                tokens += star(_LIGATURE).steps
            else:
                tokens += [Token("".join({one, one.upper(), *_OTHER_CASES.get(one, "")})) for one in piece]
        if not isinstance(part, str):
            _add(tokens, _wild(part, ANY))
    return (Tokens(tokens),)


def arn_tokens(parts: tuple[Part, ...]) -> Tokens | None:
    """Return the tokens of an ARN pattern. Its wildcards stop at a colon in the first five of the six fields.

    Returns None if it has fewer than six fields, because AWS does not document what such a pattern matches. A hole may
    have colons, so the fields after it are unknown, and the tokens match everything that the pattern may match.
    """
    if sum(part.count(":") for part in parts if isinstance(part, str)) < _ARN_FIELDS - 1:
        return None
    text = _literal_text(parts)
    if text is not None:
        return literal(text)
    tokens: list[Token] = []
    fields = 1
    for part in parts:
        if isinstance(part, str):
            fields += part.count(":")
            tokens += steps_of(part)
            continue
        if isinstance(part, Hole):
            fields = _ARN_FIELDS
        _add(tokens, _wild(part, NOT_COLON if fields < _ARN_FIELDS else ANY))
    return Tokens(tokens)


def write_pattern(parts: Iterable[Part]) -> str:
    """Return the parts as a pattern, with `*` for each unknown part."""
    return "".join(part if isinstance(part, str) else part.value if isinstance(part, Wild) else "*" for part in parts)


def account_field(parts: tuple[Part, ...]) -> str | None:
    """Return the account field of an ARN pattern, or None if it has fewer than six fields."""
    return None if arn_tokens(parts) is None else write_pattern(parts).split(":")[4]
