"""The laws of two audits: a baseline and `--since` say what `opened` says, and nothing is lost in between."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from ecr_crossaccount import Compliance, Origin
from ecr_crossaccount.products.audit.items import Item, arn_of
from ecr_crossaccount.products.audit.judging import Auditor
from ecr_crossaccount.products.audit.report import AccessChange, AuditReport, Changes
from ecr_crossaccount.products.audit.since import Earlier, changes, earlier_in, finding_of
from ecr_crossaccount.questions.change.answer import Opened
from ecr_crossaccount.questions.change.opening import everything, opened_access
from ecr_crossaccount.questions.change.states import State
from ecr_crossaccount.sources.check.results import new_in, results_in
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.properties.agreement import allowed
from tests.properties.mutations import pairs, rearranged
from tests.properties.outsiders import outside_requests
from tests.strategies import Situation, entries, situations


def deployed(situation: Situation) -> Situation:
    """Return a situation whose policy was read back from AWS, as every policy of an audit."""
    return replace(situation, origin=Origin.DEPLOYED)


def audit(situation: Situation) -> AuditReport:
    """Return the audit of the one repository."""
    about = situation.repository
    arn = arn_of(about.partition, about.region or "", about.account, about.name)
    tags = about.tags if about.tags or about.tags_known else None
    item = Item(arn, about.account, about.region or "", about.name, json.dumps(situation.policy), tags)
    auditor = Auditor(situation.trust, about.organization)
    auditor.take([item])
    return auditor.report("a law", situation.today, (), 0)


def earlier(report: AuditReport) -> Earlier:
    """Return a report as a later audit reads it."""
    return earlier_in(json.loads(json.dumps(report.to_json())))


def state_in(report: AuditReport) -> State:
    return report.state(report.audited[0])


def since(before: Situation, after: Situation) -> Changes:
    return changes(earlier(audit(before)), audit(after))


def told(found: Opened) -> set[tuple[str, str, str, str]]:
    """Return each action that is opened, with its grantee, and whether the other state approves it."""
    return {
        (one.grant.kind.value, one.grant.grantee, action, "approved" if one.by_trust else "refused")
        for one in found.changes
        for action in one.grant.actions
    }


def in_changes(found: Iterable[AccessChange]) -> set[tuple[str, str, str, str]]:
    return {(one.kind, one.grantee, action, one.other) for one in found for action in one.actions}


def is_silent(found: Changes) -> bool:
    return not any((found.new, found.gone, found.approved, found.undecided, found.results))


@st.composite
def days(draw: st.DrawFn) -> tuple[Situation, Situation]:
    """Draw a policy on two days, and sometimes another register on the second."""
    before, after = map(deployed, draw(pairs()))
    if draw(st.booleans()):
        after = replace(after, entries=tuple(draw(st.lists(entries(), max_size=3))))
    return before, after


@given(days())
@examples(100)
def test_what_is_new_is_what_is_opened(pair: tuple[Situation, Situation]) -> None:
    before, after = map(audit, pair)
    found, expected = changes(earlier(before), after), opened_access(state_in(before), state_in(after))
    assert in_changes(found.new) == told(expected)
    assert len([one for one in found.undecided if one.change == "new"]) == len(expected.undecided)


@given(days())
@examples(100)
def test_what_is_gone_is_what_is_opened_the_other_way_round(pair: tuple[Situation, Situation]) -> None:
    before, after = map(audit, pair)
    (row,) = after.audited
    gives_nothing = row.verdict.compliance is Compliance.COMPLIANT and not row.trusted
    expected = everything(state_in(before)) if gives_nothing else opened_access(state_in(after), state_in(before))
    assert in_changes(changes(earlier(before), after).gone) == told(expected)


@given(days())
@examples(100)
def test_a_baseline_knows_what_is_not_opened(pair: tuple[Situation, Situation]) -> None:
    before, after = map(audit, pair)
    expected = opened_access(state_in(before), state_in(after))
    finding = finding_of(after.audited[0], replace(after, known=earlier(before).baseline))
    results = list(results_in(finding))
    new = [one for one in results if one.accepted is None]
    assert bool(new) != expected.is_nothing
    assert new == new_in(results, expected)


@given(st.data())
@examples(100)
def test_another_form_of_a_policy_is_silent(data: st.DataObject) -> None:
    before = deployed(data.draw(situations()))
    assume(not before.verdict().invalid)
    after = data.draw(rearranged(before))
    found = since(before, after)
    assert is_silent(found)
    finding = finding_of(audit(after).audited[0], replace(audit(after), known=earlier(audit(before)).baseline))
    assert all(one.accepted for one in results_in(finding))


@given(situations())
@examples(100)
def test_an_unchanged_policy_is_silent(situation: Situation) -> None:
    found = since(deployed(situation), deployed(situation))
    assert is_silent(found)


@given(situations())
@examples(100)
def test_a_state_that_is_written_and_read_again_is_the_same(situation: Situation) -> None:
    report = audit(deployed(situation))
    state = state_in(report)
    (read,) = earlier(report).states.values()
    assert opened_access(state, read).is_nothing
    assert opened_access(read, state).is_nothing
    verdicts = [one.verdict(*one.forms) for one in (state, read)]
    assert verdicts[0].to_json() == verdicts[1].to_json()


@given(st.data())
@examples(150)
def test_whoever_gets_in_newly_is_told_and_so_is_whoever_no_longer_does(data: st.DataObject) -> None:
    before, after = map(deployed, data.draw(pairs()))
    found = since(before, after)
    assume(not any(one.verdict().invalid for one in (before, after)))
    one = data.draw(st.sampled_from((before, after)))
    for request in data.draw(st.lists(outside_requests(one), min_size=2, max_size=4)):
        was, now = allowed(before, request), allowed(after, request)
        if now is True and was is not True:
            assert found.new or found.undecided, request
        if was is True and now is not True:
            assert found.gone or found.undecided, request
