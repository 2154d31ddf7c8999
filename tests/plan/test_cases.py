"""The tables of plans, checked with `plan` as a mapping and as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

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


def _frozen(value: object) -> object:
    """Return a JSON value in other containers: with tuples for lists, and with mappings that are no `dict`."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "case", [one for one in plan_cases() if isinstance(one.policy, dict)], ids=lambda case: case.name
)
def test_a_policy_in_other_containers_gets_the_same_plan(case: PlanCase) -> None:
    about = (Repository(case.owner, **case.repository_fields()), Trust.parse(case.register, today=ANY_DAY))
    known, found = (
        plan(one, *about, case.strategy, Origin(case.origin), **case.with_required).to_json()
        for one in (case.policy, _frozen(case.policy))
    )
    for told in (known, found):
        told["invalid"] = [one["at"] for one in told["invalid"]]  # type: ignore[attr-defined] # a reason names the container
    assert found == known
