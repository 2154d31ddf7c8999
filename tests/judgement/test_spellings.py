"""Numbers and dates as text patterns: they match exactly the spellings of such a value."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from ecr_crossaccount.documents.conditions import date, network, number, odd_date, odd_number
from ecr_crossaccount.judgement.conditions.typed_ranges import Cover, readings
from ecr_crossaccount.judgement.patterns import numbers
from ecr_crossaccount.judgement.patterns.numbers import Ranges
from ecr_crossaccount.judgement.patterns.tokens import Tokens, matches
from hypothesis import given
from hypothesis import strategies as st

from tests.profiles import examples

_NUMBERS = (
    "0",
    "1",
    "9",
    "10",
    "42",
    "99",
    "100",
    "-1",
    "-42",
    "0.5",
    "0.25",
    "3.14",
    "-0.9",
    "1000.001",
    "999999999999",
)
_texts = st.from_regex(r"[+-]?[0-9]{1,5}(\.[0-9]{1,4})?", fullmatch=True, alphabet="+-.0123456789")
_near = st.builds(
    lambda number, sign, zeros, more: f"{sign if not number.startswith('-') else ''}{number}{more}".replace(
        number.lstrip("-"), zeros + number.lstrip("-"), 1
    ),
    st.sampled_from(_NUMBERS),
    st.sampled_from(("", "+")),
    st.sampled_from(("", "0", "00")),
    st.sampled_from(("", "0", "1", "9")),
)


def _is_one_of(patterns: Iterable[Tokens], text: str) -> bool:
    return any(matches(one, text) for one in patterns)


@given(st.sampled_from(_NUMBERS), _texts | _near | st.sampled_from(_NUMBERS))
@examples(1500)
def test_the_texts_of_a_bound_are_those_that_spell_a_number_within_it(bound: str, text: str) -> None:
    limit, number = Decimal(bound), Decimal(text)
    assert _is_one_of(numbers.NUMBERS, text)
    assert _is_one_of(numbers.greater(limit), text) == (number > limit)
    assert _is_one_of(numbers.less(limit), text) == (number < limit)
    assert _is_one_of(numbers.equal(limit), text) == (number == limit)


def _nearby(bound: str) -> Iterator[str]:
    """Yield numbers that differ from a bound in one digit, in length, in sign, or in the zeros around them."""
    unsigned = bound.removeprefix("-")
    whole, dot, fraction = unsigned.partition(".")
    texts = {unsigned, whole, f"{whole}.0", f"{whole}.00", f"{unsigned}0" if dot else f"{whole}.001", f"{whole}.9"}
    texts |= {f"{unsigned[:at]}{digit}{unsigned[at:]}" for at in range(len(unsigned) + 1) for digit in "059"}
    texts |= {f"{unsigned[:at]}{digit}{unsigned[at + 1 :]}" for at in range(len(unsigned)) for digit in "0123456789"}
    texts |= {f"{unsigned[:at]}{unsigned[at + 1 :]}" for at in range(len(unsigned))}
    texts |= {f"{whole}{dot}{fraction[:at]}" for at in range(1, len(fraction))}
    for text in sorted(texts):
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
            yield from (sign + zeros + text for sign in ("", "+", "-") for zeros in ("", "00"))


@pytest.mark.parametrize("bound", ["0", "1", "10", "42", "907", "0.5", "0.05", "3.14", "10.09", "0.907", "99.95"])
def test_every_number_near_a_bound_is_on_the_side_of_it_that_it_belongs_to(bound: str) -> None:
    for limit in (Decimal(bound), -Decimal(bound)):
        for text in _nearby(bound):
            number = Decimal(text)
            assert _is_one_of(numbers.greater(limit), text) == (number > limit), (text, limit)
            assert _is_one_of(numbers.less(limit), text) == (number < limit), (text, limit)
            assert _is_one_of(numbers.equal(limit), text) == (number == limit), (text, limit)


@pytest.mark.parametrize("text", ["", "-", "1e3", ".5", "5.", " 5", "0x1", "1_0", "Infinity"])
def test_no_exact_pattern_matches_what_only_a_lenient_reader_takes_for_a_number(text: str) -> None:
    assert not _is_one_of(numbers.NUMBERS, text)
    assert not _is_one_of(numbers.greater(Decimal(-5)), text)
    assert not any(_is_one_of(numbers.equal(Decimal(number)), text) for number in (5, 1000, 1, 10))


@pytest.mark.parametrize(
    "text", ["1e3", ".5", "5.", " 5", "\0005", "5\u3000", "+1E-2", "0x1F", "1_000", "Infinity", "-Infinity", "٣"]
)
def test_what_a_lenient_reader_takes_for_a_number_is_like_one(text: str) -> None:
    assert _is_one_of(numbers.LIKE_NUMBERS, text)


@pytest.mark.parametrize(
    "text", ["203.000.113.007", "203.0.113.7/32", "[2001:db8::7]", "2001:DB8::7", "fe80::1%eth0", "::"]
)
def test_what_a_lenient_reader_takes_for_an_address_is_like_one(text: str) -> None:
    assert _is_one_of(numbers.LIKE_ADDRESSES, text)


def test_years_are_those_between_two() -> None:
    patterns = numbers.like_moments(1990, 2031)
    asked = [*range(0, 1900, 97), *range(1900, 2130), *range(2130, 10_000, 97)]
    years = [year for year in asked if _is_one_of(patterns, f"{year:04d}-06-30T00:00:00+02:00")]
    assert years == list(range(1989, 2033)), "an offset may change the year"


# --- ranges ---

_bounds = st.builds(
    lambda number, make: make(Decimal(number)),
    st.integers(-5, 5),
    st.sampled_from((numbers.range_above, numbers.range_below, numbers.equal_to)),
)


@given(st.lists(st.tuples(_bounds, st.booleans()), max_size=4), st.decimals(-7, 7, places=1))
@examples(400)
def test_ranges_hold_what_no_part_of_them_excludes(parts: list[tuple[Ranges, bool]], number: Decimal) -> None:
    left = ~Ranges.from_pairs(pair for one, inverted in parts for pair in (one if inverted else ~one).pairs)
    assert _holds(left, number) == all(_holds(one, number) is not inverted for one, inverted in parts)
    assert all(_holds(left, sample) for sample in left.samples())
    assert bool(left) == any(True for _ in left.samples())


def _holds(found: Ranges, number: Decimal) -> bool:
    return any(start <= (number, False) and (number, True) <= end for start, end in found.pairs)


# --- lenient parsers ---


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2027", datetime(2027, 1, 1, tzinfo=UTC)),
        (" 2027-03-01 ", datetime(2027, 3, 1, tzinfo=UTC)),
        ("2027-03", datetime(2027, 3, 1, tzinfo=UTC)),
        ("2027-W01-1", datetime(2027, 1, 4, tzinfo=UTC)),
        ("2027-03-01t12:00:00z", datetime(2027, 3, 1, 12, tzinfo=UTC)),
        ("1e3", datetime(1970, 1, 1, 0, 16, 40, tzinfo=UTC)),
        ("1e99", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("-1e99", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_lenient_reader_takes_a_date_in_any_form(text: str, moment: datetime) -> None:
    assert odd_date(text) == moment


@pytest.mark.parametrize("text", ["", "x", "NaN", "sNaN"])
def test_what_no_reader_takes_for_a_number_or_date_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        odd_number(text)
    with pytest.raises(ValueError, match="is not a date"):
        odd_date(text)


@pytest.mark.parametrize(
    "text, addresses",
    [
        ("203.000.113.007", ["203.0.113.7"]),
        ("203.0.113.010", ["203.0.113.10", "203.0.113.8"]),
        ("3405803783", ["203.0.113.7"]),
        ("0xCB007107", ["203.0.113.7"]),
        ("0Xcb.0.0X71.7", ["203.0.113.7"]),
        ("0xcb.0.0x71.7", ["203.0.113.7"]),
        ("0313.0.0161.07", ["203.0.113.7"]),
        ("203.28935", ["203.0.113.7"]),
        ("203.0.28935", ["203.0.113.7"]),
        ("203.0.113.7/24", ["203.0.113.7"]),
        (" 203.0.113.7 ", ["203.0.113.7"]),
        ("[2001:DB8::7]", ["2001:db8::7"]),
        (" 2001:db8::7%eth0", ["2001:db8::7"]),
        ("42540766411282592856903984951653826567", ["2001:db8::7"]),
        (str(2**128 - 1), ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
        ("::ffff:203.0.113.7", ["203.0.113.7", "::ffff:203.0.113.7"]),
        ("::FFFF:cb00:7107", ["203.0.113.7", "::ffff:203.0.113.7"]),
    ],
)
def test_a_lenient_reader_takes_an_address_in_many_notations(text: str, addresses: list[str]) -> None:
    assert _is_one_of(numbers.LIKE_ADDRESSES, text)
    read = readings(text)
    every = Cover((*read.possible, *([read.certain] if read.certain else ())))
    assert all(every.contains(network(one)) for one in addresses)
    assert {one.first for one in read.possible} <= {network(one).first for one in (*addresses, "203.0.113.0")}
    assert not read.is_any


@pytest.mark.parametrize("text", ["256.1.1.1", "1.2.3.4.5", "x", "", "-1", "1.2.3.4/33", str(2**128)])
def test_what_no_known_reader_takes_for_an_address(text: str) -> None:
    read = readings(text)
    assert (read.certain, read.possible) == (None, ())
    assert read.is_any is _is_one_of(numbers.LIKE_ADDRESSES, text)


_ADDRESSES = st.integers(0, 255)  # so few that many of their networks are nested


@given(ranges=st.lists(st.tuples(_ADDRESSES, st.integers(24, 32)), max_size=12), number=_ADDRESSES)
@examples(200)
def test_one_look_up_finds_what_each_network_contains(ranges: list[tuple[int, int]], number: int) -> None:
    networks = [network(f"{ipaddress.IPv4Address(first)}/{length}") for first, length in ranges]
    for one in (number, *(each.first for each in networks), *(each.last for each in networks)):
        address = network(str(ipaddress.IPv4Address(one)))
        contained = any(each.first <= one <= each.last for each in networks)
        assert Cover(networks).contains(address) is contained


# --- each text of an exact pattern ---


def _each_choice(tokens: Tokens) -> Iterator[str]:
    """Yield texts in which one step after the other has each character of ASCII that it may have."""
    choices = [
        [one for one in map(chr, range(32, 127)) if one in step.literal or (step.charset and step.charset.holds(one))]
        for step in tokens.steps
        if not step.star
    ]
    usual = [max(every[:2]) for every in choices]  # of digits, the one that a month or an octet may have
    for place, every in enumerate(choices):
        for one in every:
            yield "".join([*usual[:place], one, *usual[place + 1 :]])


@pytest.mark.parametrize(
    "patterns, read",
    [
        (numbers.NUMBERS, number),
        (numbers.SOME_MOMENTS, date),
        (numbers.SOME_ADDRESSES, network),
        (numbers.YEARS, number),
        ((numbers.TRUE, numbers.FALSE), {"true": True, "false": True}.__getitem__),
    ],
    ids=["numbers", "moments", "addresses", "years", "words"],
)
def test_every_text_that_is_tried_is_one_that_is_read(
    patterns: tuple[Tokens, ...], read: Callable[[str], object]
) -> None:
    for tokens in patterns:
        for text in _each_choice(tokens):
            assert matches(tokens, text)
            read(text.lower() if patterns[0] is numbers.TRUE else text)


@pytest.mark.parametrize(
    "text",
    ["2031-05-07", "2031-05-17", "2031-05-07T09:41Z", "2031-05-17T19:01Z", "2031-05-07T09:41:05Z", "0999-01-01"],
)
def test_moments_of_these_forms_are_tried(text: str) -> None:
    assert [matches(tokens, text) for tokens in numbers.SOME_MOMENTS].count(True) == 1


@pytest.mark.parametrize("text", ["1.2.3.4", "99.2.3.4", "1.22.3.4", "1.2.33.4", "1.2.3.44", "12.34.56.78", "9.0.0.0"])
def test_addresses_of_these_forms_are_tried(text: str) -> None:
    assert [matches(tokens, text) for tokens in numbers.SOME_ADDRESSES].count(True) == 1


@pytest.mark.parametrize("text", ["0.2.3.4", "1.02.3.4", "1.2.3", "100.2.3.4", "1.2.3.100", "1..3.4"])
def test_other_addresses_are_not(text: str) -> None:
    assert not any(matches(tokens, text) for tokens in numbers.SOME_ADDRESSES)


@pytest.mark.parametrize("text, is_year", [("2031", True), ("203", False), ("20310", False), ("x031", False)])
def test_a_year_has_four_digits(text: str, is_year: bool) -> None:  # noqa: FBT001 - a table
    assert _is_one_of(numbers.YEARS, text) is is_year
