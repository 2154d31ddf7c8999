"""Typed conditions on a text: what is decided, what cannot be determined, and what is unknown until deployment."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Compliance, Hole, Holed

from tests.judgement.policies import account, allow, deny, verdict

PARTNER = account("222233334444")
TAG = "aws:PrincipalTag/level"


def _under(condition: object, *denies: object) -> str:
    """Return the result for a policy with conditions on a tag: `open`, `undecided` or `closed`."""
    found = verdict(allow(PARTNER, "ecr:BatchGetImage", condition), *denies)
    if found.external:
        return "open"
    return "closed" if found.compliance is Compliance.COMPLIANT else "undecided"


@pytest.mark.parametrize(
    "condition, denied, expected",
    [
        ({"Bool": {TAG: ["true", "false"]}}, None, "open"),
        ({"Bool": {TAG: "false"}, "StringLike": {TAG: "t*"}}, None, "undecided"),
        ({"Bool": {TAG: "false"}, "StringEqualsIgnoreCase": {TAG: "true"}}, None, "closed"),
        ({"Null": {TAG: "false"}}, {"Bool": {TAG: ["true", "false"]}}, "open"),
        ({"StringEquals": {TAG: ["true", "FALSE"]}}, {"Bool": {TAG: ["true", "false"]}}, "closed"),
        ({"Bool": {TAG: "true"}, "StringLike": {TAG: "f*"}}, None, "closed"),
        ({"StringEquals": {TAG: "x"}}, {"Bool": {TAG: "true"}}, "open"),
        ({"Bool": {TAG: "flase"}}, None, "undecided"),
        ({"Bool": {TAG: ["flase", "true"]}}, None, "open"),
        ({"Bool": {TAG: ["flase", "true"]}, "StringLike": {TAG: "f*"}}, None, "undecided"),
        ({"StringEquals": {TAG: ["x", "false"]}}, {"Bool": {TAG: "flase"}}, "open"),
        ({"IpAddress": {TAG: "203.0.113.0/24"}, "StringLike": {TAG: "*.007"}}, None, "undecided"),
        ({"IpAddress": {TAG: "2001:db8::1"}, "StringEquals": {TAG: "2001:db8::1"}}, None, "undecided"),
        ({"IpAddress": {TAG: "203.0.113.0/24"}, "StringEquals": {TAG: "203.000.113.007"}}, None, "undecided"),
        ({"IpAddress": {TAG: "203.0.113.0/24"}, "StringEquals": {TAG: "203.000.114.007"}}, None, "closed"),
        ({"IpAddress": {TAG: "203.0.113.0/24"}, "StringLike": {TAG: "203.0.113.7/3?"}}, None, "undecided"),
        ({"IpAddress": {TAG: "203.0.113.0/24"}, "NumericGreaterThan": {TAG: "2"}}, None, "undecided"),
        ({"IpAddress": {TAG: "203.0.113.0/24"}, "DateGreaterThan": {TAG: "2026-01-01"}}, None, "undecided"),
        ({"IpAddress": {TAG: "203.0.113.0/24"}, "IpAddressIfExists": {TAG: "203.0.114.0/24"}}, None, "closed"),
        (
            {"IpAddress": {TAG: "203.0.113.0/24"}, "IpAddressIfExists": {TAG: "::ffff:203.0.113.0/120"}},
            None,
            "undecided",
        ),
        ({"IpAddress": {TAG: "203.0.113.0/24"}, "IpAddressIfExists": {TAG: "::ffff:203.0.114.0/120"}}, None, "closed"),
        ({"DateLessThan": {TAG: "0001-01-01"}}, None, "undecided"),
        ({"DateGreaterThan": {TAG: "2026-01-01"}, "StringLike": {TAG: "20??"}}, None, "undecided"),
        ({"NumericNotEquals": {TAG: "5"}, "StringEquals": {TAG: "x"}}, None, "undecided"),
        ({"NumericNotEquals": {TAG: "5"}, "StringEquals": {TAG: ["5", "5.0", "6"]}}, None, "open"),
        ({"StringEquals": {TAG: "x"}}, {"NumericNotEquals": {TAG: "5"}}, "open"),
        ({"StringEquals": {TAG: "7"}}, {"NumericNotEquals": {TAG: "5"}}, "closed"),
        ({"StringEquals": {TAG: "2027-06-30"}}, {"DateGreaterThan": {TAG: "2026-01-01"}}, "closed"),
        ({"NumericLessThan": {TAG: "0.25"}, "StringLike": {TAG: "0.2?"}}, None, "open"),
        ({"NumericGreaterThan": {TAG: "0.25"}, "StringLike": {TAG: "00.2?"}}, None, "open"),
        ({"NumericGreaterThan": {TAG: "99"}, "StringEquals": {TAG: ["97", "98"]}}, None, "closed"),
        (
            {"NumericLessThan": {TAG: "5"}, "DateLessThan": {TAG: "2026-01-01"}, "StringLike": {TAG: "x*"}},
            None,
            "closed",
        ),
        ({"DateGreaterThan": {TAG: "2026-01-01"}, "StringLike": {TAG: "????-??-??T??:??Z"}}, None, "open"),
        ({"DateGreaterThan": {TAG: "2026-01-01"}, "StringLike": {TAG: "????-??-??T*:??:??Z"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-01"}, "StringLike": {TAG: "179876160?"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-01"}, "StringLike": {TAG: "179876159?"}}, None, "undecided"),
        ({"DateEquals": {TAG: "2027-01-01"}, "NumericEquals": {TAG: "1798761600"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-01"}, "NumericEquals": {TAG: "1798761601"}}, None, "undecided"),
        ({"IpAddress": {"aws:PrincipalType": "203.0.113.0/24"}}, None, "closed"),
        (
            {
                "NumericEquals": {TAG: "2027"},
                "DateGreaterThan": {TAG: "2026-01-01"},
                "StringEqualsIgnoreCase": {TAG: "2027"},
            },
            None,
            "undecided",
        ),
        ({"IpAddress": {TAG: "0.0.0.0/0"}, "StringLike": {TAG: "*.9.8.7"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-01"}, "StringLike": {TAG: "2027-01-0?"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-05"}, "StringLike": {TAG: "2027-01-0?"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-07"}, "StringLike": {TAG: "2027-01-0?"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-03"}, "StringLike": {TAG: "2027-01-0?"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-01"}, "StringLike": {TAG: "2027-0?"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-01"}, "StringLike": {TAG: "2027-01-0?T??:??:??+??:??"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-01"}, "StringLike": {TAG: "2027-01-0?T00:00:0?"}}, None, "open"),
        ({"DateEquals": {TAG: "2027-01-01"}, "StringLike": {TAG: "2027-01-0?T00:00:0?Z"}}, None, "open"),
        ({"Bool": {TAG: "false"}, "StringEquals": {TAG: "a;b"}}, None, "closed"),
        ({"Bool": {TAG: "false"}, "StringEquals": {TAG: "a:b"}}, None, "undecided"),
        (
            {"NumericEquals": {TAG: "5"}, "StringEqualsIgnoreCase": {TAG: " 5"}},
            {"IpAddress": {TAG: "203.0.113.0/24"}},
            "undecided",
        ),
        (
            {"DateGreaterThan": {TAG: "2026-01-01"}, "StringEqualsIgnoreCase": {TAG: "2027"}},
            {"IpAddress": {TAG: "203.0.113.0/24"}},
            "undecided",
        ),
        ({"DateGreaterThan": {TAG: "2026-01-01"}, "StringEquals": {TAG: "2027/06/30"}}, None, "undecided"),
        ({"DateGreaterThan": {TAG: "2026-01-01"}, "StringLike": {TAG: "2027/06/3?"}}, None, "undecided"),
        ({"StringEquals": {TAG: "2027/06/30"}}, {"DateGreaterThan": {TAG: "2026-01-01"}}, "open"),
    ],
)
def test_a_tag_under_typed_conditions(condition: object, denied: object, expected: str) -> None:
    assert _under(condition, *([] if denied is None else [deny("*", "*", denied)])) == expected


@pytest.mark.parametrize("operator", ["NumericLessThan", "DateLessThan", "Bool", "IpAddress"])
def test_a_bound_that_is_not_known_yet_is_undecided_in_an_allow_and_counts_in_no_deny(operator: str) -> None:
    unknown = {operator: {TAG: Holed((Hole("Bound"),))}}
    assert _under(unknown) == "undecided"
    assert _under({"StringEquals": {TAG: "7"}}, deny("*", "*", unknown)) in ("open", "undecided")
    assert _under({"Null": {TAG: "false"}}, deny("*", "*", unknown)) in ("open", "undecided")


@pytest.mark.parametrize("month", ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
def test_whether_the_name_of_a_month_makes_a_moment_is_not_known(month: str) -> None:
    for name in (month, month.title()):
        assert _under({"DateGreaterThan": {TAG: "2026-01-01"}, "StringLike": {TAG: f"1?{name}?2027"}}) == "undecided"


@pytest.mark.parametrize("rest", ["an", "ar", "pr", "ay", "un", "ul", "ug", "ep", "ct", "ov"])
def test_what_only_ends_like_the_name_of_a_month_makes_no_moment(rest: str) -> None:
    assert _under({"DateGreaterThan": {TAG: "2026-01-01"}, "StringLike": {TAG: f"1?X{rest}?2027"}}) == "closed"


@pytest.mark.parametrize(
    "operator",
    ["Bool", "DateEquals", "IpAddress", "NotIpAddress", "NumericEquals", "NumericLessThan", "NumericNotEquals"],
)
def test_what_an_empty_list_of_values_means_is_not_known(operator: str) -> None:
    there = {"Null": {TAG: "false"}}
    assert _under({**there, operator: {TAG: []}}) == "undecided"
    assert _under({**there, f"ForAnyValue:{operator}": {TAG: []}}) == "closed", "no value is any of none"


def test_whether_a_text_is_an_odd_address_is_not_known_beside_another_type() -> None:
    odd = {"StringEqualsIgnoreCase": {TAG: "2001:DB8::7/129"}, "NotIpAddress": {TAG: "2001:db8::/32"}}
    assert _under(odd) == "undecided"
    assert _under({**odd, "NumericNotEquals": {TAG: "5"}}) == "undecided"


@pytest.mark.parametrize("values", [["\U00020000"], ["zz", "\U00020000"], ["\U00020000", "zz"]])
def test_whether_a_question_mark_is_half_of_a_character_beyond_the_basic_plane_is_not_known(values: list[str]) -> None:
    tag = "aws:PrincipalTag/t"
    answer = verdict(
        allow("*", condition={"StringEquals": {tag: values}}),
        deny("*", "ecr:*", {"StringEquals": {tag: "zz"}}),
        deny("*", "ecr:*", {"StringLike": {tag: "?"}}),
    )
    assert not answer.external
    assert answer.undecided
