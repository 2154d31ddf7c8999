"""A law of the cuts, tested with every case of the tables: access that was possible before and is not after is cut."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from ecr_crossaccount import Grant, Kind, Origin, Repository, Strategy, Trust, judge, plan
from ecr_crossaccount.automation.cuts import cuts

from tests.case_tables import ANY_DAY, Case, cases
from tests.plan_tables import CLOSING, PlanCase, plan_cases

ALL: list[Case | PlanCase] = [*cases(), *plan_cases()]


def granted(policy: object, repository: Repository) -> Iterator[tuple[str, str]]:
    """Yield who has access, and to which action, without trust."""
    for grant in judge(policy, repository, Trust.nobody(), Origin.DEPLOYED).grants:
        yield from ((name_of(grant), action) for action in grant.actions)


def name_of(grant: Grant) -> str:
    if grant.kind is Kind.SERVICE:
        return grant.grantee.partition(" for ")[0]
    return grant.grantee if grant.kind is Kind.ACCOUNT else str(grant.kind.value)


@pytest.mark.parametrize("strategy", CLOSING)
def test_whoever_could_and_cannot_any_more_is_cut(strategy: Strategy) -> None:
    compared = 0
    for case in ALL:
        policy = case.policy if isinstance(case.policy, str) else json.dumps(case.policy)
        repository = Repository(case.owner, **case.repository_fields())
        trust = Trust.parse(case.register, today=ANY_DAY)
        found = plan(policy, repository, trust, strategy, Origin.DEPLOYED)
        if found.action.value == "none":
            continue
        lost = set(granted(policy, repository)) - set(granted(found.policy, repository))
        told = cuts(policy, found.policy, repository, frozenset())
        cut = {(who, action) for who, actions in told.cut.items() for action in actions}
        assert lost <= cut, case.name
        assert not any(told.kept.get(who) and action in told.kept[who] for who, action in lost), case.name
        compared += 1
    assert compared > 300
