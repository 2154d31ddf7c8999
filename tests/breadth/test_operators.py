"""Each operator on a tag whose value is known, by a small evaluator of its own: in an Allow and in a Deny."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from ecr_crossaccount import Compliance, Hole, Holed, Verdict

from tests.judgement.policies import allow, deny, verdict

MATCHES = {
    "StringEquals": ("prod", ["prod"], ["PROD", "pro", "prode", "other"]),
    "StringEqualsIgnoreCase": ("prod", ["prod", "PROD", "pRod"], ["pro", "prode", "other"]),
    "StringLike": ("p?o*", ["prod", "proo", "p*o*", "pro"], ["Prod", "po", "pprod"]),
    "ArnLike": (
        "arn:aws:s3:::b?c*",
        ["arn:aws:s3:::bucket", "arn:aws:s3:::buc", "arn:aws:s3:::bucket:a/b"],
        ["arn:aws:s3:::bc", "arn:aws:s4:::bucket", "arn:aws:s3:eu-west-1::bucket"],
    ),
    "ArnEquals": ("arn:*:s3:::b*", ["arn:aws:s3:::bucket", "arn:aws-cn:s3:::b:c"], ["arn:aws:s4:::bucket"]),
    "NumericEquals": ("3", ["3", "3.0", "03", "+3"], ["2", "3.1", "-3", "33"]),
    "NumericLessThan": ("3", ["2", "2.9", "-3", "-33"], ["3", "3.0", "4", "30"]),
    "NumericLessThanEquals": ("3", ["2", "3", "3.0", "-4"], ["3.1", "4", "30"]),
    "NumericGreaterThan": ("3", ["4", "3.1", "30"], ["3", "3.0", "2", "-4"]),
    "NumericGreaterThanEquals": ("3", ["3", "3.0", "4"], ["2", "2.9", "-3"]),
    "DateEquals": ("2030-01-01T00:00:00Z", ["2030-01-01T00:00:00Z", "1893456000"], ["2030-01-02T00:00:00Z", "5"]),
    "DateLessThan": ("2030-01-01T00:00:00Z", ["2029-12-31T23:59:59Z"], ["2030-01-01T00:00:00Z"]),
    "DateLessThanEquals": ("2030-01-01T00:00:00Z", ["2030-01-01T00:00:00Z"], ["2030-01-01T00:00:01Z"]),
    "DateGreaterThan": ("2030-01-01T00:00:00Z", ["2030-01-01T00:00:01Z"], ["2030-01-01T00:00:00Z"]),
    "DateGreaterThanEquals": ("2030-01-01T00:00:00Z", ["2030-01-01T00:00:00Z"], ["2029-12-31T23:59:59Z"]),
    "Bool": ("true", ["true"], ["false"]),
    "IpAddress": ("198.51.100.0/24", ["198.51.100.0", "198.51.100.255"], ["198.51.101.0", "198.51.99.255"]),
}
"""The value of a policy, the texts that it matches, and texts of its type that it does not match."""
NEGATIONS = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "ArnLike": "ArnNotLike",
    "ArnEquals": "ArnNotEquals",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
}
SETS = ("", "ForAllValues:", "ForAnyValue:")


def forms(base: str) -> Iterator[tuple[str, bool, str, bool]]:
    """Yield an operator's set operator, negation, name and IfExists."""
    for of_set in SETS:
        for name in (base, NEGATIONS.get(base)):
            if name is not None:
                for end in ("", "IfExists"):
                    yield of_set, name != base, f"{of_set}{name}{end}", bool(end)


def without_the_key(of_set: str, *, negated: bool, if_exists: bool) -> bool | None:
    """Return whether a test matches a request without its key, or None if AWS does not document it."""
    if of_set == "ForAnyValue:":
        return None if if_exists else False
    return of_set == "ForAllValues:" or if_exists or negated


def judged(tags: dict[str, str], operator: str, value: object) -> tuple[Verdict, Verdict]:
    """Return the verdicts on an Allow for everyone under a condition, and on an open Allow under such a Deny."""
    condition = {operator: {"ecr:ResourceTag/t": value}}
    known: Any = {"tags": tags, "tags_known": True}
    return verdict(allow("*", condition=condition), **known), verdict(allow("*"), deny("*", "*", condition), **known)


def said(tags: dict[str, str], operator: str, value: object) -> tuple[bool | None, bool | None]:
    """Return whether each of the two is open, or None if it is undecided."""
    one, other = (
        None if found.undecided else found.compliance is Compliance.NON_COMPLIANT
        for found in judged(tags, operator, value)
    )
    return one, other


def expected(matches: bool | None) -> tuple[bool | None, bool | None]:  # noqa: FBT001 - what the evaluator says
    """Return what the two are. A Deny counts only if it certainly matches."""
    return matches, not matches


@pytest.mark.parametrize("base", MATCHES)
def test_an_operator_on_a_tag_decides_as_a_small_evaluator_does(base: str) -> None:
    value, same, others = MATCHES[base]
    for of_set, negated, operator, if_exists in forms(base):
        absent = without_the_key(of_set, negated=negated, if_exists=if_exists)
        assert said({}, operator, value) == expected(absent), operator
        for text in (*same, *others):
            matches = (text in same) is not negated
            for values in (value, [value], [value, value]):
                assert said({"t": text}, operator, values) == expected(matches), (operator, values, text)


@pytest.mark.parametrize("base", [base for base in MATCHES if base != "Bool"])
def test_of_several_values_one_is_enough(base: str) -> None:
    value, same, others = MATCHES[base]
    away = {"S": "zzz", "A": "arn:aws:sns:::z", "N": "-77", "D": "1999-01-01T00:00:00Z", "I": "192.0.2.1/32"}[base[0]]
    for _, negated, operator, _ in forms(base):
        if "Less" in base or "Greater" in base:
            continue
        for text in (*same, *others):
            matches = (text in same) is not negated
            for values in ([value, away], [away, value]):
                assert said({"t": text}, operator, values) == expected(matches), (operator, values, text)


@pytest.mark.parametrize("operator", ["Null", "null", "NULL"])
def test_null_asks_whether_the_key_is_there(operator: str) -> None:
    assert said({}, operator, "true") == said({"t": "x"}, operator, "false") == (True, False)
    assert said({}, operator, "false") == said({"t": "x"}, operator, "true") == (False, True)


@pytest.mark.parametrize("base", MATCHES)
def test_a_value_with_a_hole_is_decided_only_if_it_is_for_every_filling(base: str) -> None:
    """A hole at the end may be filled with nothing, which gives the value of the table, or make it another value."""
    value, same, others = MATCHES[base]
    holed = Holed((value[:-1], Hole("Rest")))
    for _, _, operator, _ in forms(base):
        for text in (*same, *others):
            allowed, denied = said({"t": text}, operator, holed)
            filled, _ = said({"t": text}, operator, value)
            assert allowed in (None, filled), (operator, text)
            assert allowed is None or text not in same, (operator, text)
            assert denied is not (allowed is True), (operator, text)


def test_a_value_with_a_hole_may_be_a_text_in_another_case_folding() -> None:
    holed = Holed(("str", Hole("Rest")))
    assert said({"t": "\u017ftrong"}, "StringEqualsIgnoreCase", holed) == (None, None)
    assert said({"t": "\u017ftrong"}, "StringEqualsIgnoreCase", Holed(("sp", Hole("Rest")))) == (False, True)


# --- letters ---

_LETTERS = {
    "s": ("sS", "\u017f"),
    "k": ("kK", "\u212a"),
    "i": ("iI", "\u0130\u0131"),
    "a": ("aA", ""),
    "7": ("7", ""),
}
"""The letters that are the same in any case, and those that some folding of Unicode takes for the same."""


@pytest.mark.parametrize("word", ["ski", "as7", "kia", "i"])
def test_a_word_in_other_letters_is_the_same_another_or_perhaps_the_same(word: str) -> None:
    choices = [
        [(one, False) for one in _LETTERS[each][0]] + [(one, True) for one in _LETTERS[each][1]] for each in word
    ]
    for letters in itertools.product(*choices):
        value = "".join(one for one, _ in letters)
        is_odd = any(odd for _, odd in letters)
        found = verdict(
            allow("*", condition={"StringEqualsIgnoreCase": {"aws:ResourceTag/team": word}}), tags={"team": value}
        )
        assert (found.external, bool(found.undecided)) == (not is_odd, is_odd), value
    for other in (word[:-1], word + "s", "x" + word[1:], f"{word} "):
        found = verdict(
            allow("*", condition={"StringEqualsIgnoreCase": {"aws:ResourceTag/team": word}}), tags={"team": other}
        )
        assert found.compliance is Compliance.COMPLIANT, other


@pytest.mark.parametrize(
    "word, value",
    [
        ("strasse", "stra\u00dfe"),
        ("affe", "a\ufb00e"),
        ("fix", "\ufb01x"),
        ("best", "be\ufb06"),
        ("masse", "MA\u1e9eE"),
    ],
)
def test_letters_that_some_folding_takes_for_one_are_perhaps_the_same(word: str, value: str) -> None:
    for written, known in ((word, value), (word.upper(), value)):
        condition = {"StringEqualsIgnoreCase": {"aws:ResourceTag/team": written}}
        assert verdict(allow("*", condition=condition), tags={"team": known}).undecided
        assert not verdict(allow("*", condition=condition), tags={"team": f"{known}x"}).external
