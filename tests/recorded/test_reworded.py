"""A test that fails because a message was reworded says what its sentence has become."""

from __future__ import annotations

import re

import pytest

from tests.reworded import reworded
from tests.wording import HELD, says, sentence

KEY = "test.no_owner"
OUTPUT = "ecr-crossaccount: the owner of `base` is unknown: add --account\n1 policy: 0 compliant, 1 undecided\n"


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HELD, KEY, "there is no owner of `{name}`: add --account")


def test_what_is_contained_becomes_the_nearest_part() -> None:
    with pytest.raises(AssertionError) as failed:
        assert sentence(KEY, name="base") in OUTPUT
    assert reworded(failed) == {KEY: "the owner of `{name}` is unknown: add --account"}


def test_what_is_equal_becomes_the_nearest_text() -> None:
    told = ["another note about a registry", OUTPUT.splitlines()[0]]
    with pytest.raises(AssertionError) as failed:
        assert told == ["another note about a registry", sentence(KEY, name="base")]
    assert reworded(failed)[KEY] == "the owner of `{name}` is unknown: add --account"


def test_what_is_equal_and_was_cut_becomes_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HELD, KEY, "the owner of `{name}` is unknown: add --account")
    with pytest.raises(AssertionError) as failed:
        assert sentence(KEY, name="base") == OUTPUT.splitlines()[0]
    assert reworded(failed) == {KEY: "ecr-crossaccount: the owner of `{name}` is unknown: add --account"}


def test_a_part_that_a_test_fills_in_stays_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HELD, KEY, "there is no owner of `{}`: add --account")
    template = sentence(KEY)
    with pytest.raises(AssertionError) as failed:
        assert template.format("base") in OUTPUT
    assert reworded(failed) == {KEY: "the owner of `{}` is unknown: add --account"}


def test_a_message_of_an_error_is_a_text() -> None:
    wanted = re.escape(sentence(KEY, name="b"))
    with pytest.raises(AssertionError) as failed, pytest.raises(ValueError, match=wanted):  # of "test.no_owner"
        raise ValueError("the owner of `b` is unknown: add --account")
    assert reworded(failed) == {KEY: "the owner of `{name}` is unknown: add --account"}


def test_a_sentence_that_is_gone_has_no_new_wording() -> None:
    with pytest.raises(AssertionError) as failed:
        assert sentence(KEY, name="base") in "1 policy: 1 compliant"
    assert reworded(failed) == {}


def test_a_sentence_that_must_not_be_there_stays_as_it_is() -> None:
    with pytest.raises(AssertionError) as failed:
        assert sentence(KEY, name="base") not in "there is no owner of `base`: add --account"
    assert reworded(failed) == {}


def test_tables_name_a_sentence_in_braces() -> None:
    wanted, told = f"12: {{{KEY}}}", "12: no owner of `{name}` is known here: add --account"
    with pytest.raises(AssertionError) as failed:
        assert says(told, wanted)
    assert reworded(failed) == {KEY: "no owner of `{name}` is known here: add --account"}
