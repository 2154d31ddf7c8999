"""The tables of plans, checked with `plan` as a mapping and as text."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount import Origin, Repository, Trust, plan

from tests.case_tables import ANY_DAY
from tests.plan_tables import PlanCase, plan_cases


@pytest.mark.parametrize("case", plan_cases(), ids=lambda case: case.name)
def test_case(case: PlanCase) -> None:
    repository = Repository(case.owner, **case.repository_fields())
    trust = Trust.parse(case.register, today=ANY_DAY)
    found = plan(case.policy, repository, trust, case.strategy, Origin(case.origin), **case.with_required)
    assert case.differences(found.to_json()) == []
    if isinstance(case.policy, dict):
        again = plan(
            json.dumps(case.policy), repository, trust, case.strategy, Origin(case.origin), **case.with_required
        )
        assert again.to_json() == found.to_json()
