"""The judgement compared with the oracle: what it reports is possible, and what is possible is reported."""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount import Compliance, Origin, Verdict
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.profiles import examples, slow_examples
from tests.properties.agreement import allowed
from tests.properties.oracle import PRESENCE_ONLY, Request, Scene, condition_holds, principal_matches
from tests.properties.outsiders import access_of, is_outside, outside_requests, service_requests
from tests.properties.world import FRESH, KEYS, Key, Statement, as_list, conditions_of, statements_of
from tests.strategies import Situation, situations, situations_about

pytestmark = pytest.mark.slow


def _readable(situation: Situation) -> Verdict:
    """Return the verdict on a policy that IAM accepts, because the oracle does not read others."""
    verdict = situation.verdict()
    assume(not verdict.invalid)
    return verdict


def _assert_witnesses_are_allowed(situation: Situation, verdict: Verdict) -> None:
    for grant in verdict.grants:
        witness = grant.witness
        assert allowed(situation, Request(witness.principal, witness.action, witness.context)) is True, grant


def _compares_what_nobody_chooses(situation: Situation) -> bool:
    """Return whether the policy compares a key that an outside caller can only send or omit.

    A witness shows a value other than the compared one. The oracle calls every such comparison uncertain.
    """
    asked = (one for statement in statements_of(situation.policy) for one in conditions_of(statement))
    return any("null" not in operator.lower() and PRESENCE_ONLY.fullmatch(key.lower()) for operator, key, _ in asked)


def _assert_reported(situation: Situation, verdict: Verdict, request: Request) -> None:
    if allowed(situation, request) is True:
        assert verdict.compliance is Compliance.NON_COMPLIANT, request
        assert verdict.undecided or _is_reported(request, verdict), request


@given(situations())
@slow_examples(1000)
def test_every_witness_is_allowed(situation: Situation) -> None:
    assume(not _compares_what_nobody_chooses(situation))
    _assert_witnesses_are_allowed(situation, _readable(situation))


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
@given(data=st.data())
@slow_examples(40)
def test_one_key_alone_is_read_as_the_oracle_reads_it(key: Key, data: st.DataObject) -> None:
    situation = data.draw(situations_about(key))
    verdict = _readable(situation)
    _assert_witnesses_are_allowed(situation, verdict)
    for request in data.draw(st.lists(outside_requests(situation), min_size=2, max_size=3)):
        _assert_reported(situation, verdict, request)


@given(situations())
@examples(200)
def test_every_witness_is_somebody_outside(situation: Situation) -> None:
    for grant in situation.verdict().grants:
        witness = grant.witness
        assert witness.action in grant.actions
        assert is_outside(Request(witness.principal, witness.action, witness.context), situation), grant


@given(st.data())
@slow_examples(1000)
def test_what_an_outsider_may_do_is_reported(data: st.DataObject) -> None:
    situation = data.draw(situations())
    verdict = _readable(situation)
    for request in data.draw(st.lists(outside_requests(situation), min_size=2, max_size=3)):
        _assert_reported(situation, verdict, request)


def _is_reported(request: Request, verdict: Verdict) -> bool:
    if request.is_service:
        # If access is open to everyone, no doubt about services is reported.
        return verdict.service or verdict.public
    anybody = request.account == FRESH and not _by_organization(request)
    reached = access_of(request.action) in {access.value for access in verdict.access}
    return verdict.external and reached and (verdict.public or not anybody)


@given(st.data())
@slow_examples(400)
def test_what_has_nothing_uncertain_in_it_is_decided(data: st.DataObject) -> None:
    situation = data.draw(situations())
    requests = data.draw(st.lists(outside_requests(situation), min_size=5, max_size=5))
    # A service's request does not show unknown values of a principal's request, such as the owner of a unique id.
    assume(not all(request.is_service for request in requests))
    # Nor the result of an operator for a key that none of them has.
    named = {condition[1].lower() for one in situation.statements for condition in conditions_of(one)}
    assume(named <= {key for request in requests for key in request.keys})
    # Unknown values of a service's request stay unknown whatever the others show: only these calls have tags.
    for action in ("ecr:BatchGetImage", "ecr:TagResource", "ecr:UntagResource"):
        requests.append(data.draw(service_requests(situation, ["sagemaker.amazonaws.com"], action)))
    verdict = _readable(situation)
    if not any(
        _is_doubtful(statement, request, situation) for statement in situation.statements for request in requests
    ):
        assert not verdict.undecided


def _is_doubtful(statement: Statement, request: Request, situation: Situation) -> bool:
    """Return whether a part of a statement is uncertain for this request, whatever the other parts are."""
    variables = situation.policy.get("Version") == "2012-10-17"
    scene = Scene(request, situation.repository, statement["Effect"], variables)
    deployed = situation.origin is Origin.DEPLOYED
    # Each principal separately, too: a `*` beside it matches any unknown part.
    named = statement.get("Principal")
    accounts = as_list(named.get("AWS", [])) if isinstance(named, dict) else []
    alone = [{**statement, "Principal": {"AWS": one}} for one in accounts]
    parts = [principal_matches(one, request, deployed=deployed) for one in (statement, *alone)]
    parts += [condition_holds(*condition, scene) for condition in conditions_of(statement)]
    return None in parts or statement.get("Condition") == {} or any(map(_names_no_account, conditions_of(statement)))


def _names_no_account(condition: tuple[str, str, list[Any]]) -> bool:
    """Return whether a condition requires a source ARN without an account.

    No request has it, and its owner is unknown.
    """
    _, key, values = condition
    return key.lower() == "aws:sourcearn" and any(str(value).split(":")[4:5] == [""] for value in values)


def _by_organization(request: Request) -> bool:
    """Return whether a fresh account is a member of an organization that the policy names, which is not the public."""
    return "aws:principalorgid" in request.keys
