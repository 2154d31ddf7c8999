"""The laws of the one engine that says what a change opens, against the second program and against the judgement."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from ecr_crossaccount.judgement.values.verdict import Compliance, Verdict
from ecr_crossaccount.questions.change.answer import Opened
from ecr_crossaccount.questions.change.opening import opened_access
from ecr_crossaccount.questions.change.owners import TOO_MANY_OWNERS, Owners
from ecr_crossaccount.questions.change.recorded import Record
from ecr_crossaccount.questions.change.states import Form, State
from ecr_crossaccount.questions.change.together import verdict_of_forms
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.profiles import examples, slow_examples
from tests.properties.agreement import is_agreed_upon, refused
from tests.properties.mutations import pairs, rearranged
from tests.properties.opening import as_in, changes, is_open, lost_actions, registries, several_forms, state_of
from tests.properties.oracle import Request
from tests.properties.outsiders import outside_requests
from tests.strategies import Situation, situations

Pair = tuple[Situation, Situation]


def _readable(found: Opened) -> Opened:
    """Return what is opened between policies that IAM accepts, because the oracle does not read others."""
    assume(not found.invalid and not any("IAM would not accept" in one.reason for one in found.undecided))
    return found


# --- one state ---


@given(st.one_of(situations().map(state_of), several_forms()))
@examples(150)
def test_a_state_opens_nothing_that_it_had(state: State) -> None:
    assert opened_access(state, state).is_nothing
    assert opened_access(state, state, at_once=False).is_nothing


@given(st.one_of(situations().map(state_of), several_forms()))
@examples(150)
def test_without_a_state_before_everything_is_opened(state: State) -> None:
    found, verdict = opened_access(None, state), verdict_of_forms(state)
    assert tuple(one.grant for one in found.changes) == verdict.grants
    assert found.undecided[: len(verdict.undecided)] == verdict.undecided
    assert found.is_nothing == (not verdict.grants and not verdict.undecided and not verdict.invalid)


@given(st.one_of(situations().map(state_of), several_forms()))
@examples(150)
def test_a_state_that_is_written_and_read_is_the_same(state: State) -> None:
    record = Record()
    written = record.write_state(state)
    again = Record.read(record.to_json()).state(written, state.kind)
    assert opened_access(state, again).is_nothing
    assert opened_access(again, state).is_nothing
    other = Record()
    other.registers = [*record.registers]
    assert other.write_state(again) == written


# --- an owner that is unknown ---


def _owners(*states: State) -> list[str]:
    """Return accounts that may be told apart: those in the policies, some like their patterns, and a fresh one."""
    runs = {run for one in states for form in one.forms for run in re.findall(r"[0-9*?]+", str(form.policy))}
    filled = (run.replace("?", "7") for run in runs)
    alike = (one.replace("*", "7" * (13 - len(one)), 1).replace("*", "") for one in filled)
    return [*sorted(one for one in alike if re.fullmatch("[0-9]{12}", one)), "909090909090"]


@given(st.one_of(situations().map(state_of), several_forms()))
@slow_examples(100)
def test_an_unknown_owner_is_no_better_than_any_owner(state: State) -> None:
    unknown = verdict_of_forms(replace(state, owners=Owners()))
    granted = (*unknown.grants, *(one.grant for one in unknown.undecided if one.grant))
    for owner in _owners(state):
        known = verdict_of_forms(state.owned_by(owner))
        assert known.compliance is Compliance.COMPLIANT or unknown.compliance is not Compliance.COMPLIANT
        assert known.external or not unknown.external
        assert known.public or not unknown.public
        assert known.service or not unknown.service
        if any(one.reason == TOO_MANY_OWNERS for one in unknown.undecided):
            continue
        assert known.severity is None or (unknown.severity or 0) >= known.severity
        for kind in {one.kind for one in known.grants}:
            mine, theirs = (
                {name for one in each if one.kind is kind for name in one.actions} for each in (known.grants, granted)
            )
            assert mine <= theirs


@given(st.data())
@slow_examples(100)
def test_what_opens_nothing_for_an_unknown_owner_opens_nothing_for_any(data: st.DataObject) -> None:
    before, after = map(state_of, data.draw(changes()))
    found = opened_access(replace(before, owners=Owners()), replace(after, owners=Owners()))
    for owner in _owners(before, after):
        known = opened_access(before.owned_by(owner), after.owned_by(owner))
        assert known.is_nothing or not found.is_nothing
        assert known.changes or not found.changes


# --- changes ---


@given(st.data())
@slow_examples(600)
def test_what_is_opened_is_proven_and_nothing_is_missed(data: st.DataObject) -> None:
    before, after = data.draw(changes())
    found = _readable(opened_access(state_of(before), state_of(after)))
    if is_agreed_upon(before) and is_agreed_upon(after):
        for change in found.changes:
            witness = change.grant.witness
            request = Request(witness.principal, witness.action, witness.context)
            assert is_open(after, request) is True, change
            assert change.by_trust or refused(before, as_in(request, before)), change
    for request in data.draw(st.lists(outside_requests(after), min_size=2, max_size=4)):
        if is_open(after, request) is True and is_open(before, request) is False:
            assert not found.is_nothing, request


@given(st.data())
@examples(150)
def test_another_form_of_a_policy_opens_nothing(data: st.DataObject) -> None:
    before = data.draw(situations())
    after = data.draw(rearranged(before))
    assert _readable(opened_access(state_of(before), state_of(after))).is_nothing


@given(changes())
@examples(200)
def test_a_compliant_state_opens_nothing(pair: Pair) -> None:
    before, after = map(state_of, pair)
    verdict = verdict_of_forms(after)
    assume(not verdict.grants and not verdict.undecided and not verdict.invalid)
    assert _readable(opened_access(before, after)).is_nothing


@given(st.data())
@examples(150)
def test_a_chain_of_changes_that_open_nothing_opens_nothing(data: st.DataObject) -> None:
    first, second = data.draw(changes())
    third = data.draw(pairs())[1]
    third = replace(second, policy=third.policy) if data.draw(st.booleans()) else second
    states = [state_of(one) for one in (first, second, third)]
    steps = [_readable(opened_access(one, other)) for one, other in pairwise(states)]
    assume(all(one.is_nothing for one in steps))
    whole = opened_access(states[0], states[2])
    assert not whole.changes, "a doubt may remain, because each step settles other conditions"


@given(st.data())
@slow_examples(300)
def test_under_registry_policies_nothing_is_missed(data: st.DataObject) -> None:
    before, after = data.draw(changes())
    repository = replace(before.repository, region=before.repository.region or "eu-west-1")
    assume(before.repository == after.repository and before.entries == after.entries)
    before, after = replace(before, repository=repository), replace(after, repository=repository)
    old, new = data.draw(registries(before)), data.draw(registries(after))
    new = old if data.draw(st.booleans()) else new
    states = [state_of(one, Form(one.policy, registry=beside)) for one, beside in ((before, old), (after, new))]
    found = _readable(opened_access(states[0], states[1]))
    verdict = verdict_of_forms(states[1])
    assume(not verdict.invalid)
    if verdict.external and not verdict_of_forms(states[0]).external:
        assert not found.is_nothing


# --- several forms ---


def _held(verdict: Verdict) -> dict[tuple[object, ...], set[str]]:
    held: dict[tuple[object, ...], set[str]] = {}
    for grant in verdict.grants:
        held.setdefault((grant.kind, grant.grantee), set()).update(grant.actions)
    return held


@given(several_forms())
@slow_examples(600)
def test_no_action_of_any_form_is_lost(state: State) -> None:
    assert list(lost_actions(state)) == []


@given(several_forms())
@slow_examples(300)
def test_what_is_certain_holds_in_every_usual_form(state: State) -> None:
    whole = verdict_of_forms(state)
    verdicts = [state.verdict(form) for form in state.usual]
    held = [_held(one) for one in verdicts]
    for grant in whole.grants:
        if not grant.reason.startswith("if "):
            assert all(set(grant.actions) <= one.get((grant.kind, grant.grantee), set()) for one in held), grant
    assert whole.external == all(one.external for one in verdicts)
    assert whole.public == all(one.public for one in verdicts)
