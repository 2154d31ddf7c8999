"""The texts at any place in a JSON value."""

from __future__ import annotations

from ecr_crossaccount.policy.texts import texts_in


def test_every_text_is_found_and_no_name_of_a_field() -> None:
    value = {"AWS": ["a", ("b", {"deeper": "c"})], "Service": "d", "number": 1, "nothing": None}
    assert sorted(texts_in(value)) == ["a", "b", "c", "d"]
    assert [*texts_in(7)] == []


def test_a_value_may_be_deeper_than_python_calls_itself() -> None:
    value: object = "bottom"
    for _ in range(100_000):
        value = [value]
    assert [*texts_in(value)] == ["bottom"]
