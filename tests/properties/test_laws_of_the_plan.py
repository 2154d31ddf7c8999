"""The laws of plans: a plan only narrows, keeps trusted access, and its result is compliant and final."""

from __future__ import annotations

import json

from ecr_crossaccount import Action, Compliance, Origin, Plan, Required, RequiredError, Strategy, judge, plan
from hypothesis import given, reject
from hypothesis import strategies as st

from tests.plan_tables import CLOSING
from tests.profiles import examples, slow_examples
from tests.properties.insiders import inside_requests
from tests.properties.meant import meant
from tests.properties.oracle import Request, allows
from tests.properties.outsiders import outside_requests
from tests.properties.world import Policy, Statement, as_list
from tests.strategies import Situation, situations, statements

_strategies = st.sampled_from(CLOSING)


def planned(situation: Situation, strategy: Strategy = Strategy.NARROW) -> Plan:
    return plan(situation.policy, situation.repository, situation.trust, strategy, situation.origin)


def after(found: Plan) -> Policy:
    """Return the policy of the repository afterwards. It has no statements if there is no policy."""
    return {"Statement": []} if found.policy is None else dict(found.policy)


def answer(situation: Situation, policy: Policy, request: Request) -> bool | None:
    return allows(policy, request, situation.repository, deployed=situation.origin is Origin.DEPLOYED)


@given(situations(), _strategies)
@examples(200)
def test_what_a_plan_leaves_is_compliant(situation: Situation, strategy: Strategy) -> None:
    found = planned(situation, strategy)
    verdict = judge(found.policy, situation.repository, situation.trust, situation.origin)
    assert (verdict.compliance is Compliance.COMPLIANT) == (found.refused is None)


@given(situations(), _strategies)
@examples(120)
def test_planning_twice_changes_nothing(situation: Situation, strategy: Strategy) -> None:
    found = planned(situation, strategy)
    again = planned(situation.with_policy(found.policy), strategy)  # type: ignore[arg-type] # None is not a policy
    assert again.action is Action.NONE
    assert again.policy == found.policy


@given(st.data())
@slow_examples(300)
def test_nothing_is_newly_allowed(data: st.DataObject) -> None:
    situation = data.draw(situations())
    found = planned(situation, data.draw(_strategies))
    if found.action is Action.SET and not found.invalid:
        for requests in (outside_requests(situation), inside_requests(situation)):
            for request in data.draw(st.lists(requests, min_size=2, max_size=3)):
                if answer(situation, after(found), request) is True:
                    assert answer(situation, situation.policy, request) is not False, request


@given(st.data())
@slow_examples(350)
def test_narrowing_refuses_nothing_that_is_inside_and_meant(data: st.DataObject) -> None:
    situation = data.draw(situations())
    found = planned(situation)
    if found.action is not Action.NONE:
        for request in data.draw(st.lists(inside_requests(situation), min_size=4, max_size=6)):
            if answer(situation, meant(situation, request), request) is True:
                assert answer(situation, after(found), request) is True, request


@given(situations(), _strategies)
@examples(100)
def test_what_does_not_offend_stays_as_it_is(situation: Situation, strategy: Strategy) -> None:
    found = planned(situation, strategy)
    touched = {change.statement for change in found.changes}
    left = [statement for number, statement in enumerate(situation.statements) if number not in touched]
    if found.action is Action.SET:
        kept = [json.dumps(statement) for statement in as_list(after(found)["Statement"])]
        assert [text for text in kept if text in set(map(json.dumps, left))] == list(map(json.dumps, left))


@given(situations(), st.sampled_from((Strategy.NARROW, Strategy.REMOVE)))
@examples(100)
def test_denies_are_never_touched(situation: Situation, strategy: Strategy) -> None:
    found = planned(situation, strategy)
    if found.action is Action.SET:
        assert _denies(after(found)) == _denies(situation.policy)


# --- require ---


@st.composite
def required_of(draw: st.DrawFn, situation: Situation) -> Required:
    """Draw a Deny for everyone with typical conditions, or without a condition and with one action."""
    found = draw(statements(situation.repository.partition, "Deny"))
    condition = {"Condition": found["Condition"]} if found.get("Condition") else {}
    action = "ecr:PutImage" if not condition else draw(st.sampled_from(("ecr:*", "ecr:PutImage", "ecr:BatchGetImage")))
    principal = draw(st.sampled_from(("*", {"AWS": "*"})))
    deny = {"Sid": "Required", "Effect": "Deny", "Principal": principal, "Action": action, **condition}
    try:
        return Required.parse([deny])
    except RequiredError:
        reject()


def put(situation: Situation, required: Required, *, cut_trusted: bool = True) -> Plan:
    about = (situation.repository, situation.trust, Strategy.REQUIRE, situation.origin)
    return plan(situation.policy, *about, required=required, cut_trusted=cut_trusted)


@given(st.data())
@examples(120)
def test_what_is_required_is_put_in_once_and_nothing_else_is_touched(data: st.DataObject) -> None:
    situation = data.draw(situations())
    required = data.draw(required_of(situation))
    found = put(situation, required)
    if found.action is Action.SET:
        written = as_list(after(found)["Statement"])
        assert written[-1] == required.statements[0]
        if situation.origin is not Origin.DEPLOYED:
            assert list(map(json.dumps, written[:-1])) == list(map(json.dumps, situation.statements))
        verdict = judge(found.policy, situation.repository, situation.trust, situation.origin)
        assert found.after == verdict
        again = put(situation.with_policy(after(found)), required)
        assert (again.action, again.policy, again.after) == (Action.NONE, found.policy, verdict)


@given(st.data())
@examples(150)
def test_what_is_required_opens_nothing(data: st.DataObject) -> None:
    situation = data.draw(situations())
    found = put(situation, data.draw(required_of(situation)))
    if found.action is Action.SET:
        for requests in (outside_requests(situation), inside_requests(situation)):
            for request in data.draw(st.lists(requests, min_size=2, max_size=3)):
                if answer(situation, after(found), request) is True:
                    assert answer(situation, situation.policy, request) is not False, request


@given(st.data())
@slow_examples(250)
def test_nobody_inside_is_shut_out_unless_that_is_accepted(data: st.DataObject) -> None:
    situation = data.draw(situations())
    found = put(situation, data.draw(required_of(situation)), cut_trusted=False)
    if found.action is Action.SET:
        for request in data.draw(st.lists(inside_requests(situation), min_size=4, max_size=6)):
            if answer(situation, situation.policy, request) is True:
                assert answer(situation, after(found), request) is not False, request


def _denies(policy: Policy) -> list[Statement]:
    return [each for each in as_list(policy["Statement"]) if each["Effect"] == "Deny"]


@given(situations(), _strategies)
@examples(60)
def test_every_change_has_a_reason_and_a_refusal_changes_nothing(situation: Situation, strategy: Strategy) -> None:
    found = planned(situation, strategy)
    assert bool(found.changes) == (found.action is not Action.NONE)
    assert all(change.reason and change.change for change in found.changes)
    if found.action is Action.NONE:
        assert found.policy == situation.policy
