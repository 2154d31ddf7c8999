"""A property that is computed on first access, and only once."""

from __future__ import annotations

from ecr_crossaccount.memo import once


class Counted:
    def __init__(self) -> None:
        self.asked = 0

    @once
    def answer(self) -> int:
        """The property under test."""
        self.asked += 1
        return 42


def test_a_property_is_found_out_once_for_each_object() -> None:
    first, second = Counted(), Counted()
    assert first.asked == 0
    assert [first.answer, first.answer, second.answer] == [42, 42, 42]
    assert [first.asked, second.asked] == [1, 1]
