"""Sets of numbers as ranges, compared with sets of a few numbers, in which each cut is before or after a number."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal

import pytest
from ecr_crossaccount.judgement.patterns.numbers import Cut, Ranges, equal_to, range_above, range_below, range_between

ENDS = range(5)
POINTS = [Decimal(half) / 2 for half in range(-3, 13)]
"""The numbers that are looked for in both: each end, and one beside it."""


def cuts() -> Iterator[Cut]:
    for number, after in itertools.product(ENDS, (False, True)):
        yield Decimal(number), after


PAIRS = [(start, end) for start in cuts() for end in cuts()]
"""From each cut to each other one. Some are empty, and some end before they begin."""


def within(pair: tuple[Cut, Cut], point: Decimal) -> bool:
    (low, after), (high, up_to) = pair
    return (point > low or (point == low and not after)) and (point < high or (point == high and up_to))


def points_of(ranges: Ranges) -> list[Decimal]:
    return [point for point in POINTS if point in ranges]


SOME = [PAIRS[place] for place in range(0, len(PAIRS), 7)]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_union_has_the_numbers_of_each_and_no_others(count: int) -> None:
    for pairs in itertools.product(PAIRS if count == 1 else SOME, repeat=count):
        found = Ranges.from_pairs(pairs)
        known = [point for point in POINTS if any(within(pair, point) for pair in pairs)]
        assert points_of(found) == known, pairs
        assert bool(found) is bool(known), pairs
        assert points_of(~found) == [point for point in POINTS if point not in known], pairs
        assert points_of(~~found) == known
        for (_, end), (start, _) in itertools.pairwise(found.pairs):
            assert end < start, "two ranges do not touch"


def test_samples_are_numbers_of_the_set_and_one_of_each_range() -> None:
    for pairs in itertools.product(SOME, repeat=2):
        for found in (Ranges.from_pairs(pairs), ~Ranges.from_pairs(pairs)):
            samples = list(found.samples())
            assert all(one in found for one in samples), pairs
            for pair in found.pairs:
                assert any(within(pair, one) for one in samples), pairs
                (low, after), (high, up_to) = pair
                ends = [(low, not after), (high, up_to)]
                assert all(end in samples for end, is_in in ends if is_in and end.is_finite()), pairs


def test_a_sample_between_two_numbers_is_a_whole_one_if_there_is_one() -> None:
    assert list(Ranges((((Decimal("0.5"), True), (Decimal("2.5"), False)),)).samples()) == [Decimal(1)]
    assert list(Ranges((((Decimal(1), True), (Decimal(2), False)),)).samples()) == [Decimal("1.5")]
    assert list(equal_to(Decimal(3)).samples()) == [3, 3, 3]
    assert list(range_below(Decimal(3)).samples()) == [2]
    assert list(range_above(Decimal(3)).samples()) == [4]
    assert list((~Ranges(())).samples()) == [1]


@pytest.mark.parametrize(
    "ranges, points",
    [
        (equal_to(Decimal(2)), ["2"]),
        (range_below(Decimal(0)), ["-1.5", "-1", "-0.5"]),
        (range_above(Decimal(5)), ["5.5", "6"]),
        (range_between(1, 2), ["1", "1.5", "2"]),
        (Ranges(()), []),
    ],
)
def test_the_sets_that_conditions_begin_with(ranges: Ranges, points: list[str]) -> None:
    assert points_of(ranges) == [Decimal(one) for one in points]
