"""A property that is computed on first access, and only once, and a method that keeps its results."""

from __future__ import annotations

from ecr_crossaccount.memo import keep_results, once


class Counted:
    def __init__(self) -> None:
        self.asked = 0

    @once
    def answer(self) -> int:
        """The property under test."""
        self.asked += 1
        return 42

    @keep_results
    def times(self, number: int, other: int) -> int:
        """The method under test."""
        self.asked += 1
        return number * other


def test_a_property_is_found_out_once_for_each_object() -> None:
    first, second = Counted(), Counted()
    assert first.asked == 0
    assert [first.answer, first.answer, second.answer] == [42, 42, 42]
    assert [first.asked, second.asked] == [1, 1]


def test_a_method_keeps_its_results_for_each_object_and_its_arguments() -> None:
    first, second = Counted(), Counted()
    assert [first.times(6, 7), first.times(6, 7), first.times(7, 6), second.times(2, 3)] == [42, 42, 42, 6]
    assert [first.asked, second.asked] == [2, 1]
