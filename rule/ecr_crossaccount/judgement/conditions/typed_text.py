"""Typed conditions on a key whose value is a text: the texts that match them, as patterns for the search.

A text is a number, a moment, an address, or none of these. Each kind is searched separately. The patterns of numbers
and Boolean words are exact, so a search without a result is a proof. For moments and addresses, the search tries some
texts. If none of them matches, but the bounds leave some values, the answer is "cannot tell".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ...documents.conditions import Base, Network
from ...memo import by_value
from ..patterns import numbers
from ..patterns.comparisons import NUMERIC, UNREAD, Test
from ..patterns.numbers import IPV4, IPV6, Ranges
from ..patterns.tokens import Tokens, literal
from .operators import Demand, Mode
from .typed_ranges import EPOCH, RangeOf, address_range, inside_out, moment_range, number_range, spelled_by

Group = tuple[Tokens, ...]
"""A group of patterns. A text must match at least one of them."""


class Asking(NamedTuple):
    """The requirement of one test on a text: the condition must match it, or must not.

    `sure`: the requirement is about certain matches, not about possible ones. `of_type`: a text of another type does
    not meet it.
    """

    test: Test
    must_match: bool
    sure: bool
    of_type: bool


def asking(test: Test, want: Demand) -> Asking:
    """Return the requirement of a test on a text. `NotIpAddress` and other negated operators reverse it.

    AWS does not document how negated operators treat a text of another type. So they neither certainly match it nor
    certainly do not.
    """
    must_match, sure = demand_of(test, want)
    lenient = want in _LENIENT
    return Asking(test, must_match, sure, of_type=not lenient if test.condition.operator.negated else must_match)


def demand_of(test: Test, want: Demand) -> tuple[bool, bool]:
    """Return the requirement of a test on a text: whether to match, and whether only certain matches count.

    A possible match counts against the search. The search must avoid it, and cannot rely on it.
    """
    must_match = want.positive is not test.condition.operator.negated
    return must_match, must_match is not (want in _LENIENT)


_LENIENT = frozenset({Demand.MAY, Demand.MAY_NOT})


@by_value
class Texts:
    """The texts that match a pattern of each group in `wanted` and none of `unwanted`."""

    wanted: tuple[Group, ...] = ()
    unwanted: Group = ()


def texts(asked: Sequence[Asking], mode: Mode) -> Iterator[Texts]:
    """Yield texts that pass all tests, one kind at a time.

    In mode MAY, include texts whose result cannot be determined.

    In mode MUST, check the found texts with the tests, because the patterns of moments and addresses are wider.
    """
    left = [one for one in asked if not _is_anything(one)]
    if len(left) < len(asked) and any(_is_anything(one) and not one.must_match for one in asked):
        return
    words, typed = _named_apart(left)
    truth = _truth(words)
    if truth is None:
        return
    if not any(one.of_type for one in typed):
        if words:
            yield _combine_texts(truth, _USUAL_WORDS)
        yield _combine_texts(truth, _others(typed))
    for kind in (one for one in _KINDS if any(map(one.reads, typed))):
        bounds = kind.remainder(typed)
        if bounds:
            yield from (_combine_texts(truth, one) for one in kind.certain(typed, bounds))
    if mode is Mode.MAY:
        yield from (_combine_texts(truth, one) for one in _perhaps(typed))
    else:
        yield truth  # the caller checks every result with the tests


def _combine_texts(first: Texts, second: Texts) -> Texts:
    return Texts(first.wanted + second.wanted, first.unwanted + second.unwanted)


def _is_anything(one: Asking) -> bool:
    """Return whether a test may match any text, because one of its values is not known yet."""
    return not one.sure and any(isinstance(value, UNREAD) for value in one.test.condition.values)


# --- Boolean words ---


def _named_apart(asked: Iterable[Asking]) -> tuple[list[Asking], list[Asking]]:
    """Return the tests of Booleans, and those of other types."""
    every = list(asked)
    words = [one for one in every if one.test.condition.operator.base is Base.BOOL]
    return words, [one for one in every if one not in words]


_USUAL_WORDS = Texts(wanted=((literal("true"), literal("false")),))


def _truth(asked: Iterable[Asking]) -> Texts | None:
    """Return the texts that are true, false or neither, as required, or None if no text fits all tests."""
    result = Texts()
    for one in asked:
        named = {value for value in one.test.condition.values if isinstance(value, bool)}
        may_be_neither = not one.sure and False in named  # a text that is neither may be false
        words = tuple([_WORDS[word] for word in ({True} - named if may_be_neither else named)])
        if one.must_match is may_be_neither:
            result = _combine_texts(result, Texts(unwanted=words))
        elif words:
            result = _combine_texts(result, Texts(wanted=(words,)))
        else:
            return None
    return result


_WORDS = {True: numbers.TRUE, False: numbers.FALSE}


# --- numbers, moments, addresses ---


def _others(asked: Iterable[Asking]) -> Texts:
    """Return the texts that no operator in these tests reads as a value of its type."""
    bases = {one.test.condition.operator.base for one in asked}
    unwanted: list[Tokens] = []
    for types, like in _LIKE:
        if not types.isdisjoint(bases):
            unwanted += like
    return Texts(unwanted=tuple(dict.fromkeys(unwanted)))


_DATE = frozenset(base for base in Base if base.value.startswith("Date"))
_IP = frozenset({Base.IP_ADDRESS})
_LIKE = (
    (NUMERIC, numbers.LIKE_NUMBERS),
    (_DATE, (*numbers.LIKE_NUMBERS, *numbers.LIKE_MOMENTS)),
    (_IP, numbers.LIKE_ADDRESSES),
)


@by_value
class _Kind:
    """A kind of texts with a certain reading: the operators that read it, and texts of it (all or some)."""

    types: frozenset[Base]
    range_of: RangeOf
    certain: Callable[[Sequence[Asking], Ranges], Iterable[Texts]]

    def reads(self, one: Asking) -> bool:
        """Return whether a test reads texts of this kind as values of its type."""
        return one.test.condition.operator.base in self.types

    def remainder(self, asked: Iterable[Asking]) -> Ranges:
        """Return the values of this kind that pass all tests."""
        every = list(asked)
        if any(one.of_type and not self.reads(one) for one in every):
            return numbers.NO_RANGE
        return _remainder(self.range_of, filter(self.reads, every))


def _remainder(range_of: RangeOf, asked: Iterable[Asking]) -> Ranges:
    """Return the values of a kind that none of the tests excludes."""
    return ~Ranges.from_pairs(pair for one in asked for pair in _excluded_ranges(range_of, one).pairs)


def addresses_left(version: int, asked: Iterable[Asking], never: Ranges) -> Ranges:
    """Return the addresses of one version that none of the tests excludes, without some that do not exist.

    A network that is not known yet excludes none.
    """
    known = (one for one in asked if not _is_anything(one))
    excluded = (pair for one in known for pair in _excluded_ranges(_RANGES_OF[version], one).pairs)
    return ~Ranges.from_pairs((*never.pairs, *excluded))


_RANGES_OF = {version: address_range(version) for version in (IPV4, IPV6)}


@lru_cache(maxsize=1024)
def _excluded_ranges(range_of: RangeOf, one: Asking) -> Ranges:
    """Return the values of a kind that a test excludes. Cached, because a search uses the same tests many times."""
    base = one.test.condition.operator.base
    found = (range_of(base, value) for value in _counting(one.test.condition.values, sure=one.sure))
    matching = Ranges.from_pairs(pair for each in found if each is not None for pair in each.pairs)
    return ~matching if one.must_match else matching


def _counting(values: Iterable[object], *, sure: bool) -> Iterator[object]:
    """Yield the values that count as a match. An oddly written network does only if possible matches count."""
    for value in values:
        if not (sure and isinstance(value, Network) and not value.exact):
            yield value
        if not sure and isinstance(value, Network):
            yield from inside_out(value)


def _numbers(asked: Sequence[Asking], bounds: Ranges) -> Iterator[Texts]:
    """Yield some numbers that are easy to read, then exactly all numbers that pass the tests."""
    yield Texts((tuple(literal(text) for sample in bounds.samples() for text in (f"{sample:f}", f"{sample:012f}")),))
    wanted: list[Group] = [numbers.NUMBERS]
    unwanted: list[Tokens] = []
    for one in filter(_NUMBERS.reads, asked):
        spelled = tuple(spelled_by(one.test.condition))
        if one.must_match:
            wanted.append(spelled)
        else:
            unwanted += spelled
    yield Texts(tuple(wanted), tuple(unwanted))


def _moments(asked: Sequence[Asking], bounds: Ranges) -> Iterator[Texts]:  # noqa: ARG001 - the bounds say what is left
    """Yield some moments within the bounds, in several forms, then some moments at all. The search tries both."""
    yield Texts((tuple(literal(text) for sample in bounds.samples() for text in _spell_moment(sample)),))
    yield Texts((numbers.SOME_MOMENTS,))


def _spell_moment(scalar: Decimal) -> Iterator[str]:
    try:
        moment = EPOCH + timedelta(microseconds=int(scalar * 1_000_000))
    except OverflowError:
        return
    text = numbers.timestamp(moment)
    yield text
    yield text[: len("2026-01-31")]
    yield text[: len("2026-01")]
    yield text.removesuffix("Z") + "+00:00"
    yield text.removesuffix("Z")


def _addresses(version: int) -> Callable[[Sequence[Asking], Ranges], Iterator[Texts]]:
    def address_texts(asked: Sequence[Asking], bounds: Ranges) -> Iterator[Texts]:  # noqa: ARG001 - the bounds say what is left
        yield Texts((tuple(literal(numbers.address(version, int(sample))) for sample in bounds.samples()),))
        if version == IPV4:
            yield Texts((numbers.SOME_ADDRESSES,))

    return address_texts


_NUMBERS = _Kind(NUMERIC | _DATE, number_range, _numbers)
_ADDRESSES = tuple(_Kind(_IP, range_of, _addresses(version)) for version, range_of in _RANGES_OF.items())
_KINDS = (_Kind(_DATE, moment_range, _moments), _NUMBERS, *_ADDRESSES)

# --- texts whose value cannot be determined ---


def _perhaps(asked: Sequence[Asking]) -> Iterator[Texts]:
    """Yield the texts that only a lenient reader reads as a required match.

    No test certainly matches such a text, so the tests that require no match pass. Each type may have its own reader: a
    text may be one value as a number and another one as a date.
    """
    demanded = [one for one in asked if one.of_type]
    as_number, as_date, as_address = (list(filter(_has_type(types), demanded)) for types in (NUMERIC, _DATE, _IP))
    if not (_remainder(number_range, as_number) and _remainder(number_range, as_date)):
        return
    if as_address:
        if any(kind.remainder(as_address) for kind in _ADDRESSES):
            others = (numbers.LIKE_NUMBERS,) if as_number or as_date else ()
            yield Texts((numbers.LIKE_ADDRESSES, *others))
        return
    if any(map(_NUMBERS.reads, asked)):
        yield Texts((numbers.LIKE_NUMBERS,), numbers.NUMBERS)
    if any(map(_has_type(_DATE), asked)):
        yield Texts((numbers.YEARS,))
        if not as_number:
            yield Texts((numbers.like_moments(*_years(_remainder(number_range, as_date))),))
    if not demanded and any(map(_has_type(_IP), asked)):
        yield Texts((numbers.LIKE_ADDRESSES,))


def _has_type(types: frozenset[Base]) -> Callable[[Asking], bool]:
    return lambda one: one.test.condition.operator.base in types


_YEAR = Decimal(31_556_952)
"""In seconds."""


def _years(bounds: Ranges) -> tuple[int, int]:
    """Return the first and the last year of some moments. The result may be one year wider."""
    (low, _), (high, _) = bounds.pairs[0][0], bounds.pairs[-1][1]
    first = int(low / _YEAR) + 1969 if low.is_finite() else 0
    return first, int(high / _YEAR) + 1971 if high.is_finite() else 9999
