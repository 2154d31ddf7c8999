"""Plans compared with iam-simulate: the new policy allows nothing new, and keeps everything inside."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Action, plan
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.known_faults import comparable
from tests.differential.simulator import Question, Simulator
from tests.profiles import examples
from tests.properties.insiders import inside_requests
from tests.properties.meant import meant
from tests.properties.oracle import Request
from tests.properties.outsiders import outside_requests
from tests.properties.world import Policy
from tests.strategies import Situation, situations

pytestmark = pytest.mark.node


def _answer(simulator: Simulator, situation: Situation, policy: Policy, request: Request) -> bool | None:
    """Return whether iam-simulate allows a request under a policy, or None if a known fault prevents a comparison."""
    said = comparable(policy, request, situation.repository)
    return None if said.fault else simulator.allows(Question(said.policy, situation.repository.account, request))


@given(data=st.data())
@examples(80)
def test_a_plan_only_narrows_and_keeps_what_is_inside(simulator: Simulator, data: st.DataObject) -> None:
    situation = data.draw(situations())
    found = plan(situation.policy, situation.repository, situation.trust, origin=situation.origin)
    if found.action is not Action.SET:
        return
    after: Policy = dict(found.policy or {})
    for request in data.draw(st.lists(inside_requests(situation), min_size=3, max_size=4)):
        policies = (situation.policy, meant(situation, request), after)
        before, kept, now = (_answer(simulator, situation, policy, request) for policy in policies)
        assert not (now is True and before is False), request
        assert not (now is False and kept is True), request
    for request in data.draw(st.lists(outside_requests(situation), min_size=2, max_size=2)):
        assert _answer(simulator, situation, after, request) is not True, request
