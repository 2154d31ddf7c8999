"""A plan for each policy of the tables: the result gives no one outside access, and needs no other plan."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount import Compliance, Origin, Plan, Repository, Trust, judge, plan
from ecr_crossaccount.questions.plan.outcome import LONGEST_POLICY, statements_of

from tests.case_tables import ANY_DAY, Case, cases

pytestmark = pytest.mark.no_cover

PLANNED = [case for case in cases() if isinstance(case.policy, dict) and not case.expect.invalid]
REFUSED = {
    # beside the owner's own SourceAccount it is also too complicated to decide
    "part of an account number behind a wildcard that holds colons is undecided",
}
"""The cases without a provable narrower policy. Their plan changes nothing, and has the reason."""


@pytest.mark.parametrize("case", PLANNED, ids=lambda case: f"{case.table}: {case.name}")
def test_what_a_plan_leaves_is_compliant_and_needs_no_plan(case: Case) -> None:
    repository = Repository(case.owner, **case.repository_fields())
    trust = Trust.parse(case.register, today=case.today or ANY_DAY)
    origin = Origin(case.origin or "proposed")
    found = plan(case.policy, repository, trust, "narrow", origin)
    before = judge(case.policy, repository, trust, origin)
    assert (found.refused is not None) == (case.name in REFUSED)
    if found.refused is not None:
        assert (found.policy, found.changes) == (case.policy, ())
        return
    assert (found.action.value == "none") == (before.compliance is Compliance.COMPLIANT)
    if found.action.value == "none":
        return
    assert judge(found.policy, repository, trust, origin).compliance is Compliance.COMPLIANT
    _is_told(case, found)
    assert plan(found.policy, repository, trust, "narrow", origin).action.value == "none"


def _is_told(case: Case, found: Plan) -> None:
    """Each statement that changes has a change that names it, the others stay as they are, and Sids are unique."""
    assert isinstance(case.policy, dict)
    before = statements_of(case.policy)
    after = [] if found.policy is None else statements_of(found.policy)
    assert after == [one for parts in found.became for one in parts]
    assert len(found.became) in (0, len(before))
    for number, (one, parts) in enumerate(zip(before, found.became, strict=bool(found.became))):
        told = [change for change in found.changes if change.statement == number]
        assert (parts == (one,)) == (not told), (number, told)
        assert {change.sid for change in told} <= {one.get("Sid") if isinstance(one, dict) else None}
    assert all(0 <= change.statement < len(before) for change in found.changes if change.statement is not None)
    assert all(change.change and change.reason for change in found.changes)
    sids = [one["Sid"] for one in after if isinstance(one, dict) and "Sid" in one]
    assert len(sids) == len(set(sids))
    assert (found.text is None) == (found.policy is None)
    if found.text is not None:
        assert json.loads(found.text) == found.policy
        assert len(found.text) <= LONGEST_POLICY
