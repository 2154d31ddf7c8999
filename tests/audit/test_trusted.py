"""The approvals that a policy's access is based on, and the approvals that nothing uses."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from ecr_crossaccount import Members, Origin, Repository, Trust, judge
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.products.audit.trusted import Approvals, Trusted

from tests.audit.conftest import EVERYBODY_MAY_ALL, MEMBERS_PULL, ORGANIZATION, OWNER, PARTNER, PARTNER_PULLS, policy
from tests.wording import sentence

TODAY = date(2026, 6, 30)
REPOSITORY = Repository(OWNER, "base/python", organization=ORGANIZATION)


class Asked:
    """A register, applied to policies of one repository."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.trust = Trust.parse({"version": 1, "trust": entries}, today=TODAY)
        self.approvals = Approvals(self.trust, ResourceKind.REPOSITORY)

    def of(self, document: object) -> tuple[Trusted, ...]:
        return self.approvals.trusted_access(
            document, REPOSITORY, judge(document, REPOSITORY, self.trust, Origin.DEPLOYED)
        )


def covered(document: object, *entries: dict[str, Any]) -> list[tuple[int, str, list[str]]]:
    found = Asked(*entries).of(document)
    return [(one.entry, one.grantee, [access.value for access in one.access]) for one in found]


LAMBDA = {"service": "lambda.amazonaws.com"}
STEPS = {"service": "lambda.amazonaws.com", "reason": "again"}
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
        (FROM_VPC, {"vpc": VPC}, [(0, sentence("problem.any_aws_account"), ["READ"])]),
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


def test_an_entry_covers_the_member_that_a_policy_names() -> None:
    listed = {"version": 1, "organization": ORGANIZATION, "listed": "2026-06-30T06:00:00Z"}
    members = Members.parse(listed | {"accounts": [{"account": PARTNER}]})
    asked = Asked({"account": "333344445555"}, {"organization": "self", "members": True})
    asked.trust = replace(asked.trust, members=members)
    asked.approvals = Approvals(asked.trust, ResourceKind.REPOSITORY)
    assert [(one.entry, one.grantee) for one in asked.of(PARTNER_PULLS)] == [(1, PARTNER)]


@pytest.mark.parametrize(
    "text", ['{"Statement": {"Effect": "Allow", "Principal": {"AWS": "\\u0032%s"}, "Action": "ecr:*"}}']
)
def test_a_subject_that_hides_behind_escapes_is_found(text: str) -> None:
    assert covered(text % PARTNER[1:], {"account": PARTNER}) == [(0, PARTNER, ["READ"])]


def test_entries_that_cover_nothing_are_not_told_although_the_policy_names_them() -> None:
    service = policy({"Service": "lambda.amazonaws.com"}, "ecr:PutImage")
    assert covered({"Statement": [*EVERYBODY_MAY_ALL["Statement"], *service["Statement"]]}, LAMBDA, STEPS) == []


def test_what_expired_entries_would_cover_is_told_apart() -> None:
    asked = Asked({"account": PARTNER}, {"account": PARTNER, "expires": "2026-06-29"}, {"account": "333344445555"})
    twice = {"Version": "2012-10-17", "Statement": [*PARTNER_PULLS["Statement"], *PARTNER_PULLS["Statement"]]}
    for document in (twice, json.dumps(twice)):
        verdict = judge(document, REPOSITORY, asked.trust, Origin.DEPLOYED)
        assert {one.entry for one in asked.approvals.covered_access(document, REPOSITORY, verdict)} == {0, 1}
        assert {one.entry for one in asked.of(document)} == {0}
    assert asked.of(None) == ()
