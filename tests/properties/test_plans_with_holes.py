"""The laws of a plan for a policy with an unknown value are true for every value."""

from __future__ import annotations

import copy
from typing import Any

from ecr_crossaccount import Action, Compliance, Hole, Origin, judge, plan
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.properties.insiders import inside_requests
from tests.properties.meant import meant
from tests.properties.oracle import allows
from tests.properties.world import NAMED, NAMED_ORG, OWN_ORG, OWNER, SERVICES, TRUSTED, Policy, conditions_of
from tests.strategies import Situation, situations

_FILLINGS = (OWNER, TRUSTED, NAMED, OWN_ORG, NAMED_ORG, SERVICES[0], f"arn:aws:iam::{NAMED}:role/ci", "true", "x")


@st.composite
def _with_a_hole(draw: st.DrawFn, situation: Situation) -> Policy:
    """Draw the policy with one unknown name in a Principal, or one unknown value in a Condition."""
    policy = copy.deepcopy(situation.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    places: list[tuple[Any, Any]] = []
    for statement in statements:
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        if isinstance(principal, dict):
            places += [(principal, kind) for kind in principal]
        places += [(statement["Condition"][operator], key) for operator, key, _ in conditions_of(statement)]
    assume(places)
    where, name = draw(st.sampled_from(places))
    if isinstance(where[name], list) and where[name]:
        where[name][draw(st.integers(0, len(where[name]) - 1))] = Hole("Value")
    else:
        where[name] = Hole("Value")
    return policy


def _filled(value: Any, text: str) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Hole):
        return text
    if isinstance(value, dict):
        return {name: _filled(inner, text) for name, inner in value.items()}
    return [_filled(inner, text) for inner in value] if isinstance(value, list) else value


@given(st.data())
@examples(150)
def test_a_plan_holds_whatever_a_hole_will_be(data: st.DataObject) -> None:
    situation = data.draw(situations())
    before = data.draw(_with_a_hole(situation))
    found = plan(before, situation.repository, situation.trust, origin=situation.origin)
    if found.action is not Action.SET:
        return
    verdict = judge(found.policy, situation.repository, situation.trust, situation.origin)
    assert verdict.compliance is Compliance.COMPLIANT
    text = data.draw(st.sampled_from(_FILLINGS))
    old, new = situation.with_policy(_filled(before, text)), situation.with_policy(_filled(found.policy, text))
    if old.verdict().invalid:
        return
    assert new.verdict().compliance is Compliance.COMPLIANT
    deployed = situation.origin is Origin.DEPLOYED
    for request in data.draw(st.lists(inside_requests(old), min_size=3, max_size=4)):
        policies = (old.policy, meant(old, request), new.policy)
        allowed, kept, now = (allows(one, request, old.repository, deployed=deployed) for one in policies)
        assert not (now is True and allowed is False), (text, request)
        assert not (now is False and kept is True), (text, request)
