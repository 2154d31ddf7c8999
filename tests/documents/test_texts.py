"""The texts at any place in a JSON value."""

from __future__ import annotations

import pytest
from ecr_crossaccount.documents.document import statements_in
from ecr_crossaccount.documents.json import RepeatedNames
from ecr_crossaccount.documents.pattern import Hole, Holed, holes_in, pattern_of, texts_in, with_values
from ecr_crossaccount.documents.problems import count_of


def test_every_text_is_found_and_no_name_of_a_field() -> None:
    value = {"AWS": ["a", ("b", {"deeper": "c"})], "Service": "d", "number": 1, "nothing": None}
    assert [*texts_in(value)] == ["a", "b", "c", "d"]
    assert [*texts_in(7)] == []


def test_a_value_may_be_deeper_than_python_calls_itself() -> None:
    value: object = "bottom"
    for _ in range(100_000):
        value = [value]
    assert [*texts_in(value)] == ["bottom"]


@pytest.mark.parametrize(
    "policy, statements",
    [
        ({"Statement": [1, 2]}, [1, 2]),
        ({"Statement": (1,)}, [1]),
        ({"Statement": {"Effect": "Allow"}}, [{"Effect": "Allow"}]),
        ({"Version": "2012-10-17"}, [None]),
        ("text", [None]),
    ],
)
def test_statements_are_a_list_or_a_single_one(policy: object, statements: list[object]) -> None:
    assert statements_in(policy) == statements


def test_every_hole_is_found() -> None:
    one, two, three = Hole("One"), Hole("Two"), Hole("Three")
    policy = {"Statement": [{"Principal": {"AWS": [Holed(("a", one, "b", two))]}, "Condition": three}, "text", 1]}
    assert [*holes_in(policy)] == [one, two, three]
    assert [*holes_in("text")] == []


def test_an_unknown_part_is_a_wildcard_in_a_pattern() -> None:
    assert [pattern_of("a"), pattern_of(Holed((Hole("X"), "b")))] == ["a", "*b"]


def test_a_hole_takes_a_value_wherever_it_is() -> None:
    value = {"AWS": [Hole("X"), Holed(("arn:", Hole("X"), ":", Hole("Y"))), Holed((Hole("X"), "!")), "X", 1]}
    filled = {"AWS": ["2", Holed(("arn:2:", Hole("Y"))), "2!", "X", 1]}
    assert with_values(value, {Hole("X"): "2"}) == filled
    assert with_values(Holed((Hole("X"),)), {Hole("X"): ""}) == ""


def test_an_object_that_names_something_twice_stays_one_with_its_holes_filled() -> None:
    twice = RepeatedNames([("a", Hole("X")), ("a", [Hole("X")]), ("b", 1)])
    filled = with_values({"c": twice}, {Hole("X"): "2"})
    assert filled == {"c": {"a": ["2"], "b": 1}}
    assert isinstance(filled, dict)
    assert filled["c"].names == ("a",)
    assert type(with_values({"a": 1}, {Hole("X"): "2"})) is dict
    assert twice["a"] == [Hole("X")]


def test_a_number_has_its_noun() -> None:
    assert [count_of(number, "entry", "entries") for number in (0, 1, 2000)] == [
        "0 entries",
        "1 entry",
        "2,000 entries",
    ]
