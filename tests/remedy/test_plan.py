"""`plan`: what it answers besides the cases in `tests/cases/plans` and the laws in `tests/properties`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount import Action, Compliance, Hole, Holed, Origin, Plan, Repository, Strategy, Trust, judge, plan

from tests.access.policies import OWNER, account, allow, deny, policy, trusting

OURS = Repository(OWNER)
PARTNER, STRANGER = "222233334444", "333344445555"
TRUSTED = trusting({"account": PARTNER})


def planned(*statements: object, trust: Trust = TRUSTED, **more: Any) -> Plan:  # noqa: ANN401 - strategy or origin
    return plan(policy(*statements), OURS, trust, **more)


def test_a_policy_that_is_compliant_is_left() -> None:
    before = policy(allow(account(PARTNER)))
    assert plan(before, OURS, TRUSTED) == Plan(Action.NONE, before)


def test_no_policy_needs_no_plan() -> None:
    assert plan(None, OURS, TRUSTED) == Plan(Action.NONE, None)


def test_an_untrusted_account_leaves_a_list() -> None:
    found = planned(allow(account(PARTNER, STRANGER)))
    assert found.action is Action.SET
    assert found.policy == policy(allow(account(PARTNER)))


def test_nobody_left_means_delete() -> None:
    found = planned(allow(account(STRANGER)))
    assert (found.action, found.policy) == (Action.DELETE, None)
    assert [change.statement for change in found.changes] == [0, 0, None]


def test_a_plan_is_the_same_for_text_and_mapping() -> None:
    before = policy(allow(account(PARTNER, STRANGER)))
    assert plan(json.dumps(before), OURS, TRUSTED) == plan(before, OURS, TRUSTED)


def test_a_strategy_may_be_a_word() -> None:
    assert planned(allow("*"), strategy="remove") == planned(allow("*"), strategy=Strategy.REMOVE)
    with pytest.raises(ValueError, match="burn"):
        planned(allow("*"), strategy="burn")


def test_invalid_is_not_narrowed_and_says_so() -> None:
    found = planned(allow("*"), allow({"AWS": "everybody"}))
    assert found.action is Action.NONE
    assert found.refused is not None
    assert found.refused.startswith("what is invalid cannot be narrowed: $.Statement[1].Principal.AWS: ")
    assert [one.at for one in found.invalid] == ["$.Statement[1].Principal.AWS"]


def test_an_invalid_allow_can_be_removed() -> None:
    found = planned(allow(account(PARTNER)), allow({"AWS": "everybody"}), strategy="remove")
    assert found.policy == policy(allow(account(PARTNER)))


def test_an_invalid_deny_is_not_removed() -> None:
    found = planned(allow(account(PARTNER)), deny({"AWS": "everybody"}), strategy="remove")
    assert found.action is Action.NONE
    assert found.refused is not None


def test_a_text_that_is_no_json_can_only_be_deleted() -> None:
    assert plan("{", OURS, TRUSTED).action is Action.NONE
    assert plan("{", OURS, TRUSTED, "remove").action is Action.NONE
    assert plan("{", OURS, TRUSTED, "delete").action is Action.DELETE


def test_a_hole_in_a_principal_is_confined_and_kept() -> None:
    hole = Holed(("arn:aws:iam::", Hole("Partner"), ":root"))
    found = planned(allow({"AWS": [hole]}))
    condition = {"StringEquals": {"aws:PrincipalAccount": [OWNER, PARTNER]}}
    assert found.policy == policy(allow({"AWS": [hole]}, condition=condition))
    assert found.to_json()["policy"] == policy(allow({"AWS": ["arn:aws:iam::<Partner>:root"]}, condition=condition))


def test_a_deleted_principal_is_left_out_of_what_is_written() -> None:
    gone = allow(account("AROAEXAMPLEID0000001", PARTNER), "ecr:ListImages")
    found = planned(gone, allow(account(STRANGER)), origin=Origin.DEPLOYED)
    assert found.policy == policy(allow(account(PARTNER), "ecr:ListImages"))
    assert planned(gone, origin=Origin.DEPLOYED).action is Action.NONE


def test_the_parts_of_a_statement_have_ids_of_their_own() -> None:
    named = {"Sid": "Pull", **allow(account(OWNER, PARTNER), "ecr:*")}
    found = planned(named, {"Sid": "Pull2", **allow(account(OWNER))})
    assert found.policy is not None
    sids = [one["Sid"] for one in found.policy["Statement"]]  # type: ignore[attr-defined]
    assert sids == ["Pull", "Pull3", "Pull2"]


def test_what_would_be_too_long_is_refused() -> None:
    accounts = [f"{number:012}" for number in range(250)]
    trust = trusting(*({"account": number, "access": "WRITE"} for number in accounts))
    found = plan(policy(allow("*", "ecr:*")), OURS, trust)
    assert found.action is Action.NONE
    assert "more than the 10,240 that ECR keeps" in str(found.refused)


def test_the_result_of_a_refused_plan_is_the_policy_as_it_was() -> None:
    before = policy({"Effect": Hole("Effect"), "Principal": "*", "Action": "ecr:*"})
    found = plan(before, OURS, TRUSTED)
    assert (found.action, found.policy) == (Action.NONE, before)
    assert judge(before, OURS, TRUSTED).compliance is Compliance.NON_COMPLIANT
