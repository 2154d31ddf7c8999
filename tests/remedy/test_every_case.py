"""A plan for each policy of the tables: the result gives no one outside access, and needs no other plan."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Compliance, Origin, Repository, Trust, judge, plan

from tests.case_tables import ANY_DAY, Case, cases

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
    assert plan(found.policy, repository, trust, "narrow", origin).action.value == "none"
