"""A cache of content that may be read again."""

from __future__ import annotations

from ecr_crossaccount.sources.found.context import Kept


def test_what_nobody_has_asked_for_longest_is_let_go_first() -> None:
    kept: Kept[str] = Kept(3)
    for name in "abc":
        assert kept.keep(name, name.upper(), 1) == name.upper()
    assert kept.get("a") == "A"
    kept.keep("d", "D", 1)
    assert [kept.get(name) for name in "abcd"] == ["A", None, "C", "D"]


def test_what_is_larger_than_all_the_room_is_kept_alone() -> None:
    kept: Kept[str] = Kept(3)
    kept.keep("small", "s", 1)
    kept.keep("large", "l", 10)
    assert [kept.get("small"), kept.get("large")] == [None, "l"]
    kept.keep("next", "n", 1)
    assert [kept.get("large"), kept.get("next")] == [None, "n"]
