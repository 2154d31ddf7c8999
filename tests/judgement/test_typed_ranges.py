"""The values that typed conditions match, as ranges of numbers and as texts that spell such a number."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal

import pytest
from ecr_crossaccount.documents.conditions import Base, Condition, Network, date, network
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.judgement.conditions.typed_ranges import address_range, moment_range, number_range, spelled_by
from ecr_crossaccount.judgement.patterns.numbers import IPV4, IPV6
from ecr_crossaccount.judgement.patterns.tokens import matches

from tests.judgement.policies import allow, policy

ORDERS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
NEW_YEAR = "1798761600"
"""2027-01-01T00:00:00Z in seconds since 1970."""


def condition(name: str, value: str) -> Condition:
    document = policy(allow("*", condition={name: {"aws:PrincipalTag/level": value}}))
    return parse(document).statements[0].conditions[0]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "kind, value, number", [("Numeric", "5", "5"), ("Date", "2027-01-01", NEW_YEAR), ("Date", NEW_YEAR, NEW_YEAR)]
)
def test_the_texts_that_meet_a_comparison_are_those_of_the_numbers_that_do(
    order: str, kind: str, value: str, number: str
) -> None:
    patterns = [*spelled_by(condition(kind + order, value))]
    for other in (Decimal(number) + one for one in (Decimal(-1), Decimal("-0.5"), Decimal(0), Decimal("0.5"), 1)):
        found = any(matches(one, f"{other:f}") for one in patterns)
        assert found is ORDERS[order](other, Decimal(number)), other


def test_text_and_truth_words_are_spelled_by_no_number() -> None:
    assert [*spelled_by(condition("Bool", "true"))] == []
    assert [*spelled_by(condition("StringEquals", "5"))] == []


def test_a_moment_is_a_number_of_seconds_and_a_number_is_no_moment() -> None:
    equal = number_range(Base.DATE_EQUALS, date("2027-01-01"))
    assert equal == moment_range(Base.DATE_EQUALS, date("2027-01-01"))
    assert equal == number_range(Base.NUMERIC_EQUALS, Decimal(NEW_YEAR))
    assert moment_range(Base.NUMERIC_EQUALS, Decimal(NEW_YEAR)) is None


@pytest.mark.parametrize("text, version", [("203.0.113.0/24", IPV4), ("2001:db8::/32", IPV6)])
def test_an_address_is_one_of_its_version_alone(text: str, version: int) -> None:
    found: Network = network(text)
    for one in (IPV4, IPV6):
        held = address_range(one)(Base.IP_ADDRESS, found)
        assert (held is not None) is (one == version)
    assert address_range(version)(Base.IP_ADDRESS, "203.0.113.0") is None
