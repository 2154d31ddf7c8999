"""The required statements that a stored policy does not have, and policies that cannot be compared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount import Hole, Repository, Required
from ecr_crossaccount.questions.plan.outcome import CannotSayError
from ecr_crossaccount.questions.plan.required import missing_from, missing_in

from tests.judgement.policies import OWNER, deny
from tests.plan.test_require import CALLERS, PARTNER, PERIMETER, put

OURS = Repository(OWNER, "team/base", region="eu-central-1")
OTHER: dict[str, Any] = {"Sid": "Other", **deny("*", "ecr:PutImage", {"Bool": {"aws:SecureTransport": "false"}})}
VARIABLE = PERIMETER | {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}, **CALLERS}}


def lacking(policy: object, *statements: dict[str, Any]) -> list[tuple[str, int | None]]:
    required = Required.parse(list(statements))
    return [(one.sid, one.instead) for one in missing_in(policy, required, OURS)]


def of(*statements: object, **more: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | more)


@pytest.mark.parametrize(
    "policy, expected",
    [
        (None, [("Perimeter", None), ("Other", None)]),
        (of(OTHER, PERIMETER), []),
        (of(OTHER, PERIMETER | {"Resource": "*"}), []),
        (of(OTHER), [("Perimeter", None)]),
        (of(OTHER | {"Action": "ecr:*"}, PERIMETER), [("Other", 0)]),
        (of(OTHER, Version="2008-10-17"), [("Perimeter", None)]),
    ],
)
def test_every_statement_that_is_not_there_as_required_is_missing(
    policy: str | None, expected: list[tuple[str, int | None]]
) -> None:
    assert lacking(policy, PERIMETER, OTHER) == expected


def test_a_resource_that_does_not_name_the_repository_makes_another_statement_of_it() -> None:
    elsewhere = "arn:aws:ecr:eu-central-1:111122223333:repository/other"
    assert lacking(of(PERIMETER | {"Resource": elsewhere}), PERIMETER) == [("Perimeter", 0)]


def test_in_an_old_version_a_variable_is_a_text_and_the_statement_is_not_the_required_one() -> None:
    with pytest.raises(CannotSayError, match="change its Version first"):
        lacking(of(VARIABLE, Version="2008-10-17"), VARIABLE)
    found = put({"Version": "2008-10-17", "Statement": [VARIABLE]}, VARIABLE)
    assert (found.action, "change its Version first" in str(found.refused)) == ("none", True)
    assert lacking(of(VARIABLE), VARIABLE) == []


def test_of_two_statements_of_one_sid_nobody_knows_which_is_meant() -> None:
    with pytest.raises(CannotSayError, match="statements 0 and 1 are both called `Perimeter`"):
        lacking(of(PERIMETER, PERIMETER), PERIMETER)


@pytest.mark.parametrize("unknown", [Hole("x"), PERIMETER | {"Sid": Hole("x")}])
def test_what_is_not_known_yet_may_be_the_required_one(unknown: object) -> None:
    with pytest.raises(CannotSayError, match="statement 1 is not known yet"):
        missing_from({"Statement": [OTHER, unknown]}, Required.parse([OTHER]))


def test_who_is_shut_out_is_named_only_where_somebody_is() -> None:
    from tests.judgement.policies import account, allow, policy, trusting

    before = policy(allow(account(PARTNER)))
    trust = trusting({"account": PARTNER})
    assert put(before, trust=trust, cut_trusted=True).shut_out == (f"account {PARTNER} (READ)",)
    assert put(before, cut_trusted=True).shut_out == ()
