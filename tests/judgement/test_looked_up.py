"""Values that are computed once for each argument."""

from __future__ import annotations

import pytest
from ecr_crossaccount.memo import looked_up


def test_an_answer_is_found_out_once_for_each_argument() -> None:
    asked: list[str] = []

    @looked_up(most=8)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [length("ab"), length("abc"), length("ab")] == [2, 3, 2]
    assert asked == ["ab", "abc"]


def test_no_more_is_remembered_than_was_said() -> None:
    asked: list[int] = []

    @looked_up(most=2)
    def twice(number: int) -> int:
        asked.append(number)
        return 2 * number

    assert [twice(number) for number in (1, 2, 2, 3, 1)] == [2, 4, 4, 6, 2]
    assert asked == [1, 2, 3, 1], "with two remembered, the third makes room by forgetting both"


def test_what_cannot_be_found_out_is_asked_again() -> None:
    @looked_up(most=8)
    def number(text: str) -> int:
        return int(text)

    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            number("x")
    assert number("7") == 7
