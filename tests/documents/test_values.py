"""Comparison values, read by the type of their operator."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from ecr_crossaccount.documents.conditions import Base, Network, Word, boolean, date, network, number, operator, value
from ecr_crossaccount.documents.document import partition_of
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.documents.pattern import Hole, Holed, Pattern, Variable, Wild, pattern
from hypothesis import given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.wording import sentence


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2026-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T10:20Z", datetime(2026, 1, 31, 10, 20, tzinfo=UTC)),
        ("2026-01-31T10:20:30.5Z", datetime(2026, 1, 31, 10, 20, 30, 500_000, tzinfo=UTC)),
        ("2026-01-31T10:20:30+02:00", datetime(2026, 1, 31, 10, 20, 30, tzinfo=timezone(timedelta(hours=2)))),
        ("1769817600", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_a_date(text: str, moment: datetime) -> None:
    assert date(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026", "2026-13-01", "2026-02-30", "9" * 40, "2026-01-31T25:00Z"])
def test_what_is_no_date(text: str) -> None:
    if text == "2026":
        assert date(text) == datetime(1970, 1, 1, 0, 33, 46, tzinfo=UTC), "a number is seconds since 1970"
    else:
        with pytest.raises(ValueError, match=re.escape(sentence("conditions.not_date_expected_form"))):
            date(text)


def test_a_number() -> None:
    assert number("-12.50") == Decimal("-12.5")
    for text in ("", "1e5", "0x10", "1_000", "\u0661", "NaN"):
        with pytest.raises(ValueError, match="is not a number"):
            number(text)


def test_a_boolean() -> None:
    assert [boolean(text) for text in ("true", "TRUE", "false", "fAlse")] == [True, True, False, False]
    for text in ("flase", "no", "0", "1", "", " false", "true ", "tru\u0435"):
        assert boolean(text) == Word(text)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("203.0.113.7", Network(4, 0xCB007107, 0xCB007107, exact=True)),
        ("203.0.113.7/24", Network(4, 0xCB007100, 0xCB0071FF, exact=True)),
        ("0.0.0.0/0", Network(4, 0, 2**32 - 1, exact=True)),
        ("2001:db8::/32", Network(6, 0x20010DB8 << 96, (0x20010DB9 << 96) - 1, exact=True)),
        ("2001:db8::1/32", Network(6, 0x20010DB8 << 96, (0x20010DB9 << 96) - 1, exact=False)),
        ("2001:db8::", Network(6, 0x20010DB8 << 96, 0x20010DB8 << 96, exact=False)),
    ],
)
def test_a_network(text: str, expected: Network) -> None:
    assert network(text) == expected


_EDGES = (
    "0.0.0.0",
    "255.255.255.255/32",
    "255.255.255.256",
    "256.0.0.0/8",
    "00.0.0.0",
    "10.0.0.01",
    "10.1.2.3/0",
    "10.1.2.3/8",
    "10.1.2.3/08",
    "10.1.2.3/31",
    "10.1.2.3/33",
)


@pytest.mark.parametrize("text", ["", "203.0.113", "203.0.113.256", "1.2.3.4/33", "::/129", "::1%eth0", "host"])
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence("conditions.not_address_expected_form"))):
        network(text)


@given(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]{1,2})?", fullmatch=True) | st.sampled_from(_EDGES))
@examples(1_000)
def test_a_range_of_ipv4_is_what_pythons_own_reader_says(text: str) -> None:
    try:
        expected = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        with pytest.raises(ValueError, match="is not an address"):
            network(text)
    else:
        first, last = int(expected.network_address), int(expected.broadcast_address)
        assert network(text) == Network(4, first, last, exact=True)


def test_binary_is_base64() -> None:
    read = value(Base.BINARY_EQUALS, "QmluYXJ5", variables=True)
    assert isinstance(read, Pattern)
    assert read.literal == "QmluYXJ5"
    with pytest.raises(ValueError, match="is not base64"):
        value(Base.BINARY_EQUALS, "§", variables=True)


def test_a_hole_keeps_its_place_in_a_string_and_is_all_that_is_known_of_another_type() -> None:
    holed = Holed(("a", Hole("B")))
    for base in (Base.STRING_EQUALS, Base.STRING_LIKE, Base.ARN_LIKE, Base.BINARY_EQUALS):
        assert getattr(value(base, holed, variables=True), "parts", None) == ("a", Hole("B"))
    assert value(Base.BOOL, holed, variables=True) is holed
    assert value(Base.DATE_EQUALS, holed, variables=True) is holed


@pytest.mark.parametrize(
    "text, parts",
    [
        ("", ()),
        ("abc", ("abc",)),
        ("a**b?", ("a", Wild.ANY, "b", Wild.ONE)),
        ("${aws:UserName}/x", (Variable("aws:username"), "/x")),
        ("${aws:username, 'a b'}", (Variable("aws:username", "a b"),)),
        ("a${*}b${?}${$}", ("a*b?$",)),
        ("${}${a b}${", ("${}${a b}${",)),
        ("*${x}*", (Wild.ANY, Variable("x"), Wild.ANY)),
    ],
)
def test_a_pattern(text: str, parts: tuple[object, ...]) -> None:
    read = pattern(text, wild=True, variables=True)
    assert read.parts == parts
    assert read.source == text


def test_a_pattern_tells_what_it_matches_alone() -> None:
    assert pattern("", wild=True, variables=True).literal == ""
    assert pattern("a${*}", wild=True, variables=True).literal == "a*"
    assert pattern("a*", wild=True, variables=True).literal is None
    assert pattern("a*", wild=False, variables=True).literal == "a*"
    assert pattern("${x}", wild=True, variables=False).literal == "${x}"


def test_an_operators_name_is_read_without_regard_to_case() -> None:
    read = operator("foranyvalue:STRINGNOTLIKEIfExists")
    assert read is not None
    assert (read.base, read.negated, read.if_exists) == (Base.STRING_LIKE, True, True)
    assert operator("StringAlike") is None


@pytest.mark.parametrize(
    "region, partition",
    [
        (None, "aws"),
        ("eu-west-1", "aws"),
        ("cn", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_a_region_is_in_a_partition(region: str | None, partition: str) -> None:
    assert partition_of(region) == partition


@pytest.mark.parametrize("number, is_read", [(10**40 - 1, True), (10**40, False), (1e39, True), (1e40, False)])
@pytest.mark.parametrize("operator", ["NumericEquals", "StringEquals"])
def test_a_number_in_a_condition_has_forty_digits_at_most(operator: str, number: float, is_read: bool) -> None:  # noqa: FBT001
    condition = {operator: {"aws:PrincipalTag/level": number}}
    element = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Condition": condition}
    assert (parse({"Version": "2012-10-17", "Statement": [element]}).invalid == ()) is is_read


@pytest.mark.parametrize(
    "condition, is_empty",
    [
        ({}, True),
        ({"Bool": {}}, True),
        ({"Bool": {}, "Null": {"aws:PrincipalOrgID": "true"}}, True),
        ({"Null": {"aws:PrincipalOrgID": "true"}}, False),
        ({"Null": {"aws:PrincipalOrgID": []}}, False),
        (Hole("Condition"), False),
        ({"Bool": Hole("Keys")}, False),
    ],
)
def test_a_condition_that_asks_for_nothing_in_one_place_is_an_empty_one(condition: object, is_empty: bool) -> None:  # noqa: FBT001
    element = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Condition": condition}
    (found,) = parse({"Version": "2012-10-17", "Statement": [element]}).statements
    assert found.empty_condition is is_empty
