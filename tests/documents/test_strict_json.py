"""The JSON reader of this project: what it refuses, the place of the fault, and that no two readers differ."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from ecr_crossaccount.documents.json import (
    LONGEST_NUMBER,
    BadJsonError,
    RepeatedNames,
    lenient_value_of,
    strict_value_of,
    value_of,
    values_in,
)
from ecr_crossaccount.sources.files.values.documents import read_json as read_nodes
from ecr_crossaccount.sources.files.values.nodes import plain
from hypothesis import example, given
from hypothesis import strategies as st

from tests.wording import sentence

READERS: dict[str, Callable[[str], object]] = {
    "policies": value_of,
    "files": strict_value_of,
    "lines": lenient_value_of,
    "with places": lambda text: plain(read_nodes(text)),
}
A_COMMENT = sentence("json.comment_json_does")
TO_ALL_BUT_LINES = [name for name in READERS if name != "lines"]


def fault_of(reader: str, text: str) -> str | None:
    """Return why a reader refuses a text, or None if it accepts it."""
    try:
        READERS[reader](text)
    except BadJsonError as error:
        return f"{error.line}:{error.column}: {error.reason}"
    return None


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text, fault",
    [
        ("", "1:1: expecting value"),
        (" \n ", "2:2: expecting value"),
        ("{", sentence("json.expecting_name_double")),
        ('{"a": 1,}', sentence("json.trailing_comma_before")),
        ('{"a" 1}', sentence("json.expecting_colon_after")),
        ('{"a": }', "1:7: expecting value"),
        ('{"a": 1 "b": 2}', "1:9: expecting a comma or `}`"),
        ("[1,\n]", sentence("json.trailing_comma_before_2")),
        ("[1,", "1:4: expecting value"),
        ('{"a": 1, 2}', sentence("json.expecting_name_double_quotes")),
        ("[1 2]", "1:4: expecting a comma or `]`"),
        ("{'a': 1}", sentence("json.expecting_name_double")),
        ("{1: 2}", sentence("json.expecting_name_double")),
        ("01", "1:2: more after the end"),
        ("1.", "1:2: more after the end"),
        ("+1", "1:1: expecting value"),
        ("-", "1:1: expecting value"),
        (".5", "1:1: expecting value"),
        ("0x10", "1:2: more after the end"),
        ("True", "1:1: expecting value"),
        ("nul", "1:1: expecting value"),
        ("{} {}", "1:4: more after the end"),
        ("{}\v", "1:3: more after the end"),
        ("\ufeff{}", "1:1: expecting value"),
        ("\u00a0{}", "1:1: expecting value"),
        ("// a\n{}", f"1:1: {A_COMMENT}"),
        ("{} // a", f"1:4: {A_COMMENT}"),
        ('{"a": 1, /* a */ "b": 2}', f"1:10: {A_COMMENT}"),
        ("[1 # a\n]", f"1:4: {A_COMMENT}"),
        ('"// a', "1:1: unterminated string"),
        ('"a', "1:1: unterminated string"),
        ('"\t"', "1:2: invalid control character"),
        ('"\\x"', "1:2: invalid \\escape"),
        ('"\\u12g4"', "1:3: invalid \\uxxxx escape"),
        ("[" * 202 + "]" * 202, "1:202: nested more than 200 levels deep"),
        ('{"a":\n' * 100_000, "202:1: nested more than 200 levels deep"),
        ('{"a": ' + "9" * 401 + "}", sentence("json.number_more_than_digits_2")),
    ],
    ids=lambda value: value[:20],
)
def test_a_text_that_is_none_is_refused_by_all_in_the_same_words(reader: str, text: str, fault: str) -> None:
    assert fault_of(reader, text) == fault


@pytest.mark.parametrize("reader", TO_ALL_BUT_LINES)
@pytest.mark.parametrize(
    "text, fault",
    [
        ("NaN", "1:1: `NaN` is not a JSON number"),
        ("[1,\n Infinity]", "2:2: `Infinity` is not a JSON number"),
        ('{"a": -Infinity}', "1:7: `-Infinity` is not a JSON number"),
        ("[1e999]", sentence("json.number_too_large")),
        ("-1E400", sentence("json.number_too_large_2")),
        ("[0." + "1" * 400 + "]", sentence("json.number_more_than_digits_3")),
    ],
    ids=lambda value: value[:20],
)
def test_a_number_that_json_or_a_double_has_not_is_refused(reader: str, text: str, fault: str) -> None:
    assert fault_of(reader, text) == fault


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text", ["[" * 201 + "]" * 201, "9" * 400, "1e308", "-0", "[1e-999]", "\t\r\n[ ]\n", '"\\ud83d\\ude00"', "[[]]" * 1]
)
def test_what_is_json_is_read_by_all_alike(reader: str, text: str) -> None:
    assert READERS[reader](text) == json.loads(text)


def test_a_policy_of_many_brackets_that_is_not_deep_is_read() -> None:
    text = json.dumps({"Statement": [{"Condition": {"StringLike": {"k": ["["] * 9}}}] * 120})
    assert strict_value_of(text) == json.loads(text)


@pytest.mark.parametrize(
    "text, fault",
    [
        ('{"a": 1,\n "\\u0061": 2}', sentence("json.appears_twice_one_object")),
        ('[{"b": {"a": 1, "a": 1}}]', sentence("json.appears_twice_one_object_2")),
        ('["\\ud800"]', "1:2: half of a surrogate pair"),
        ('["\\\\\\udfff"]', "1:2: half of a surrogate pair"),
        ('{"\\uDC00\\uD83D": 1}', "1:2: half of a surrogate pair"),
        ('["\ud800"]', "1:2: half of a surrogate pair"),
    ],
)
def test_what_leaves_a_doubt_is_refused_in_files_and_kept_in_policies(text: str, fault: str) -> None:
    assert fault_of("files", text) == fault
    assert [fault_of(reader, text) for reader in READERS if reader != "files"] == [None] * 3


def test_a_name_that_stands_twice_is_known_to_who_reads_a_policy() -> None:
    for read in (value_of, lenient_value_of, READERS["with places"]):
        value = read('{"a": {"b": 1, "c": 2, "b": 3}}')
        assert isinstance(value, dict)
        assert isinstance(value["a"], RepeatedNames)
        assert value["a"].names == ("b",)
    assert strict_value_of('["\\\\ud800"]') == ["\\ud800"]


def test_a_line_says_back_what_its_policy_holds() -> None:
    assert repr(lenient_value_of('{"id": 1, "policy": [NaN, -Infinity, 1e999]}')) == (
        "{'id': 1, 'policy': [nan, -inf, inf]}"
    )


def test_values_may_stand_one_after_the_other() -> None:
    assert list(values_in(' {"a": 1}[2]\n3 \n"\\ud800"')) == [{"a": 1}, [2], 3, "\ud800"]
    assert list(values_in(" ")) == []


@pytest.mark.parametrize(
    "text, fault",
    [
        ('{}\n{"a": 1, "a": 2}', sentence("json.value_begins_here")),
        ("{}\n [NaN]", sentence("json.value_begins_here_nan")),
        ("[" * 100_000, sentence("json.value_begins_here_nested")),
        ("{}\n{", sentence("json_window.expecting_property_name")),
    ],
    ids=lambda value: value[:20],
)
def test_of_several_values_the_one_that_is_none_is_named(text: str, fault: str) -> None:
    with pytest.raises(BadJsonError) as caught:
        list(values_in(text))
    assert f"{caught.value.line}:{caught.value.column}: {caught.value.reason}" == fault


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
_PIECES = st.sampled_from(
    [*'{}[],:"\\ \n1-0\x00é', '"a"', '"b"', "\\ud800", ".5", "e9", "e999", "true", "null", "NaN", "Infinity"]
)


@given(st.lists(_PIECES, max_size=12).map("".join) | _VALUES.map(json.dumps))
@example('{"a": NaN, "a": 1}')
@example('{"a": 1}\n')
def test_the_fast_reader_and_the_one_that_knows_places_never_differ(text: str) -> None:
    assert fault_of("policies", text) == fault_of("with places", text)
    if fault_of("policies", text) is None:
        assert repr(value_of(text)) == repr(READERS["with places"](text))
    strict = fault_of("files", text)
    if strict is None:
        assert strict_value_of(text) == value_of(text)
    elif fault_of("policies", text) is None:
        assert "appears twice" in strict or "surrogate" in strict


@pytest.mark.parametrize("reader", TO_ALL_BUT_LINES)
@pytest.mark.parametrize("digits", ["1" * LONGEST_NUMBER, "0." + "1" * (LONGEST_NUMBER - 2)])
def test_a_number_may_be_as_long_as_the_longest_and_no_longer(reader: str, digits: str) -> None:
    assert READERS[reader](digits) == json.loads(digits)
    assert sentence("json.number_more_than_digits") in str(fault_of(reader, f"{digits}1"))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("word, value", [("true", True), ("false", False), ("null", None)])
def test_a_word_is_what_it_says(reader: str, word: str, value: object) -> None:
    assert READERS[reader](word) is value


_OPEN = {"[": "]", '{"a":': "}"}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("units", [["["], ['{"a":'], ["[", '{"a":']], ids="".join)
def test_a_value_of_200_levels_below_the_first_is_read_and_one_of_201_is_not(reader: str, units: list[str]) -> None:
    for levels in (200, 201, 202, 203):
        opened = [units[place % len(units)] for place in range(levels)]
        text = "".join(opened) + "1" + "".join(_OPEN[one] for one in reversed(opened))
        assert (fault_of(reader, text) is None) == (levels <= 201), levels


_SAMPLE = '{"Id": "a\\u00e9\\n", "b": [1, -2.5e3, true, null, {}], "c": {"d": [], "e": false}, "f": 0}'
_ODD = ("", '"', ",", ":", "}", "]", "{", "[", "0", "-", ".", "e", "x", "\\", " ", "\n", "\t", "\x00", "/", "\u00a0")


def test_a_text_with_one_odd_character_is_read_by_all_or_by_none() -> None:
    """Python's decoder is another reader of JSON. It accepts some numbers that we refuse, and no other text."""
    for place in range(len(_SAMPLE) + 1):
        for odd in _ODD:
            for text in (_SAMPLE[:place] + odd + _SAMPLE[place:], _SAMPLE[:place] + odd + _SAMPLE[place + 1 :]):
                try:
                    value = json.loads(text)
                except ValueError:
                    assert None not in {fault_of(reader, text) for reader in READERS}, text
                else:
                    repeated = len(set(text) & {"b"}) and '"Id"' not in text
                    faults = {reader: fault_of(reader, text) for reader in READERS}
                    assert all(READERS[reader](text) == value for reader, one in faults.items() if one is None), text
                    assert faults["policies"] is None or repeated, text
                assert len({fault_of(reader, text) for reader in READERS if reader != "files"}) == 1, text
