"""Which approvals are behind what a policy allows, and which are behind nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from ecr_crossaccount import Repository, Trust
from ecr_crossaccount.audit.trusted import Approvals

from tests.audit.conftest import EVERYBODY_MAY_ALL, MEMBERS_PULL, ORGANIZATION, OWNER, PARTNER, PARTNER_PULLS, policy

TODAY = date(2026, 6, 30)
REPOSITORY = Repository(OWNER, "base/python", organization=ORGANIZATION)


def approvals(*entries: dict[str, Any]) -> Approvals:
    return Approvals(Trust.parse({"version": 1, "trust": entries}, today=TODAY))


def covered(document: object, *entries: dict[str, Any]) -> list[tuple[int, str, list[str]]]:
    found = approvals(*entries).of(document, REPOSITORY)
    return [(one.entry, one.grantee, [access.value for access in one.access]) for one in found]


SERVICE_FOR_PARTNER = policy(
    {"Service": "lambda.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": PARTNER}}
)
VPC = "vpc-0123456789abcdef0"
FROM_VPC = policy("*", Condition={"StringEquals": {"aws:SourceVpc": VPC}})


@pytest.mark.parametrize(
    "document, entry, expected",
    [
        (PARTNER_PULLS, {"account": PARTNER}, [(0, PARTNER, ["READ"])]),
        (policy({"AWS": PARTNER}, "ecr:*"), {"account": PARTNER, "access": "WRITE"}, [(0, PARTNER, ["READ", "WRITE"])]),
        (
            policy({"AWS": PARTNER}, "ecr:FromTomorrow"),
            {"account": PARTNER, "access": "WRITE"},
            [(0, PARTNER, ["WRITE"])],
        ),
        (MEMBERS_PULL, {"organization": ORGANIZATION}, [(0, ORGANIZATION, ["READ"])]),
        (MEMBERS_PULL, {"organization": "self"}, [(0, ORGANIZATION, ["READ"])]),
        (SERVICE_FOR_PARTNER, {"account": PARTNER}, [(0, f"lambda.amazonaws.com for {PARTNER}", ["READ"])]),
        (FROM_VPC, {"vpc": VPC}, [(0, "any AWS account", ["READ"])]),
        (PARTNER_PULLS, {"account": PARTNER, "repositories": ["base/*"]}, [(0, PARTNER, ["READ"])]),
        (PARTNER_PULLS, {"account": PARTNER, "repositories": ["team/*"]}, []),
        (PARTNER_PULLS, {"account": "333344445555"}, []),
        (PARTNER_PULLS, {"account": PARTNER, "expires": "2026-06-29"}, []),
        (EVERYBODY_MAY_ALL, {"organization": ORGANIZATION}, []),
        (policy({"AWS": OWNER}), {"organization": ORGANIZATION}, []),
        (None, {"account": PARTNER}, []),
    ],
)
def test_an_entry_covers_what_would_be_granted_without_it(
    document: object, entry: dict[str, Any], expected: object
) -> None:
    assert covered(document, entry) == expected


def test_of_several_entries_each_tells_its_own_part() -> None:
    both = policy({"AWS": [PARTNER, "333344445555"]})
    entries = ({"account": "333344445555"}, {"service": "lambda.amazonaws.com"}, {"account": PARTNER})
    assert covered(both, *entries) == [(0, "333344445555", ["READ"]), (2, PARTNER, ["READ"])]


@pytest.mark.parametrize(
    "text", ['{"Statement": {"Effect": "Allow", "Principal": {"AWS": "\\u0032%s"}, "Action": "ecr:*"}}']
)
def test_a_subject_that_hides_behind_escapes_is_found(text: str) -> None:
    assert covered(text % PARTNER[1:], {"account": PARTNER}) == [(0, PARTNER, ["READ"])]


def test_use_is_counted_by_repository_and_of_expired_entries_too() -> None:
    asked = approvals({"account": PARTNER}, {"account": PARTNER, "expires": "2026-06-29"}, {"account": "333344445555"})
    twice = {"Statement": [*PARTNER_PULLS["Statement"], *PARTNER_PULLS["Statement"]]}
    asked.of(twice, REPOSITORY)
    asked.of(str(twice).replace("'", '"').replace("(", "[").replace(",)", "]"), REPOSITORY)
    asked.of(None, REPOSITORY)
    assert asked.used == {0: 2, 1: 2}
