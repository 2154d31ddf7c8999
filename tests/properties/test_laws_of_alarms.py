"""The laws of alarms: silent exactly if nothing opened, and never milder than what did, as a second program sees it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

from ecr_crossaccount import Origin, Scope
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.products.alerts.alert import News
from ecr_crossaccount.products.alerts.changes import Stated
from ecr_crossaccount.questions.change.opening import opened_access
from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.comparing import news
from tests.profiles import examples, slow_examples
from tests.properties.agreement import allowed
from tests.properties.alarming import OF_V1, Case, cases, registries, state, stated, wrong
from tests.properties.oracle import Request
from tests.properties.outsiders import outside_requests
from tests.properties.world import statements_of
from tests.strategies import Situation, situations

_ANYTHING = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}


@given(cases())
@slow_examples(1500)
def test_an_alarm_says_what_is_opened(case: Case) -> None:
    assert wrong(case, Counter()) == []


@given(cases())
@examples(100)
def test_if_the_policy_before_is_unknown_everything_is_told(case: Case) -> None:
    repository, trust = case.before.repository, case.before.trust
    found = news(None, stated(case.after), repository, trust, registry=case.beside)
    whole = opened_access(None, state(case.after, case.beside))
    if not whole.is_nothing:
        assert found.severity >= (whole.severity or 0)
    elif found.findings:
        assert not opened_access(None, state(case.after, None)).is_nothing


@given(cases())
@examples(100)
def test_a_late_change_is_told_with_what_the_later_one_opens(case: Case) -> None:
    repository, trust = case.before.repository, case.before.trust
    found = news(stated(case.after), stated(case.before), repository, trust, registry=case.beside, is_late=True)
    parts = opened_access(None, state(case.before, case.beside)), case.opened(case.beside)
    for one in parts:
        assert one.is_nothing or found.severity >= (one.severity or 0)


# --- the policy of a registry ---


@st.composite
def registry_policies(draw: st.DrawFn) -> Situation:
    """Draw a registry policy, in the place of a repository's policy."""
    situation = draw(situations())
    repository = replace(situation.repository, region="eu-west-1", partition="aws", tags={}, tags_known=False)
    situation = replace(situation, repository=repository, origin=Origin.DEPLOYED)
    policy = draw(registries(situation))
    return situation.with_policy(policy)


def _told(before: Situation | None, after: Situation, then: Scope, now: Scope, *, sets: bool = False) -> News:
    was = None if before is None else Stated(json.dumps(before.policy), scope=then)
    text, scope = json.dumps(after.policy), now if sets else None
    is_known = Stated(text, scope=now)
    return news(was, is_known, after.repository, after.trust, kind=ResourceKind.REGISTRY, sets=scope)


def _lets_in(situation: Situation, request: Request, *more: object) -> bool | None:
    bare = [{name: value for name, value in one.items() if name != "Resource"} for one in situation.statements]
    return allowed(situation.with_statements([*bare, *more]), request)  # type: ignore[list-item]


@given(st.data())
@examples(150)
def test_a_registry_that_is_silent_lets_nobody_in_newly(data: st.DataObject) -> None:
    """Whatever the policies of its repositories allow."""
    after = data.draw(registry_policies())
    before = data.draw(st.one_of(st.none(), registry_policies()))
    before = before and replace(after, policy={**after.policy, "Statement": statements_of(before.policy)})
    found = _told(before, after, Scope.V2, Scope.V2)
    for request in data.draw(st.lists(outside_requests(after), min_size=2, max_size=4)):
        for more in ((), (_ANYTHING,)):
            was = False if before is None else _lets_in(before, request, *more)
            if _lets_in(after, request, *more) is True and was is not True:
                assert found.findings, request


@given(st.data())
@examples(150)
def test_a_scope_that_is_silent_lets_nobody_in_newly(data: st.DataObject) -> None:
    situation = data.draw(registry_policies())
    there, back = (
        _told(situation, situation, then, now, sets=True) for then, now in ((Scope.V1, Scope.V2), (Scope.V2, Scope.V1))
    )
    unknown = [_told(None, situation, Scope.UNKNOWN, now, sets=True) for now in (Scope.V2, Scope.V1)]
    assert [one.findings for one in (there, back)] == [one.findings for one in unknown]
    for request in data.draw(st.lists(outside_requests(situation), min_size=2, max_size=4)):
        if request.action in OF_V1:
            continue
        if _lets_in(situation, request) is True:
            assert there.findings, request
        if _lets_in(situation, request, _ANYTHING) is False:
            assert back.findings, request


@given(registry_policies(), st.sampled_from(Scope))
@examples(60)
def test_a_registry_policy_that_stays_is_silent(situation: Situation, scope: Scope) -> None:
    assert not _told(situation, situation, scope, scope).findings
