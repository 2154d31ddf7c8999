"""The laws of `difference`: what it reports as opened is open, it misses nothing, and rewording opens nothing."""

from __future__ import annotations

from ecr_crossaccount.difference.answer import Change, Difference
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.properties.agreement import allowed, difference_of, is_agreed_upon, refused
from tests.properties.mutations import pairs, rearranged
from tests.properties.oracle import Request
from tests.properties.outsiders import is_outside, outside_requests
from tests.strategies import Situation, situations


def _readable(found: Difference) -> Difference:
    """Return the difference of policies that IAM accepts, because the oracle does not read others."""
    assume(not any(found.invalid))
    return found


def _assert_lets_in(change: Change, giver: Situation, other: Situation) -> None:
    witness = change.grant.witness
    request = Request(witness.principal, witness.action, witness.context)
    assert is_outside(request, giver), change
    assert allowed(giver, request) is True, change
    assert refused(other, request), change


@given(situations())
@examples(100)
def test_a_policy_does_not_differ_from_itself(situation: Situation) -> None:
    assert difference_of(situation, situation).is_none


@given(st.data())
@examples(150)
def test_another_form_of_a_policy_opens_and_closes_nothing(data: st.DataObject) -> None:
    before = data.draw(situations())
    after = data.draw(rearranged(before))
    found = _readable(difference_of(before, after))
    assert found.is_none, found.to_json()


@given(pairs())
@examples(200)
def test_every_witness_gets_in_by_one_policy_and_not_by_the_other(pair: tuple[Situation, Situation]) -> None:
    before, after = pair
    found = _readable(difference_of(before, after))
    assume(all(map(is_agreed_upon, pair)))
    for change in found.opened.changes:
        _assert_lets_in(change, after, before)
    for change in found.closed.changes:
        _assert_lets_in(change, before, after)


@given(st.data())
@examples(200)
def test_whoever_gets_in_newly_is_told(data: st.DataObject) -> None:
    before, after = data.draw(pairs())
    found = _readable(difference_of(before, after))
    one = data.draw(st.sampled_from((before, after)))
    for request in data.draw(st.lists(outside_requests(one), min_size=2, max_size=4)):
        was, now = allowed(before, request), allowed(after, request)
        if now is True and was is not True:
            assert found.opened.changes or found.opened.undecided, request
        if was is True and now is not True:
            assert found.closed.changes or found.closed.undecided, request


@given(pairs())
@examples(60)
def test_back_is_the_same_the_other_way_round(pair: tuple[Situation, Situation]) -> None:
    before, after = pair
    there, back = difference_of(before, after), difference_of(after, before)
    assert len(there.opened.changes) == len(back.closed.changes)
    assert len(there.closed.changes) == len(back.opened.changes)
    assert bool(there.opened.undecided) == bool(back.closed.undecided)
