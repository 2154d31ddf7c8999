"""The forms that a policy may have: equal forms are one, and its condition names each case."""

from __future__ import annotations

from ecr_crossaccount.sources.found.found import Otherwise, alike


def test_forms_that_are_the_same_are_one_in_some_cases() -> None:
    same = [Otherwise(when, "policy") for when in "abcde"]
    assert [(one.when, one.policy) for one in alike(same[:1])] == [("a", "policy")]
    assert [one.when for one in alike(same[:3])] == ["a or b or c"]
    assert [one.when for one in alike(same[:4])] == ["a or b or c or in 1 more cases"]
    assert [one.when for one in alike(same)] == ["a or b or c or in 2 more cases"]


def test_the_form_by_default_comes_first() -> None:
    forms = [Otherwise("x", 1, by_default=False), Otherwise("y", 2), Otherwise("z", 1)]
    assert [(one.when, one.policy) for one in alike(forms)] == [("y", 2), ("z or x", 1)]
