"""The judgement against the oracle: what it reports can be done, and what can be done it reports."""

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
    """The verdict of a policy that IAM accepts; the oracle does not read others."""
    verdict = situation.verdict()
    assume(not verdict.invalid)
    return verdict


def _assert_witnesses_are_allowed(situation: Situation, verdict: Verdict) -> None:
    for grant in verdict.grants:
        witness = grant.witness
        assert allowed(situation, Request(witness.principal, witness.action, witness.context)) is True, grant


def _compares_what_nobody_chooses(situation: Situation) -> bool:
    """Whether the policy compares a key of which an outsider chooses the presence alone.

    A witness shows some value that is not the one compared; the oracle calls every comparison there uncertain.
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
        # Beside what is open to everybody, no doubt about services is told.
        return verdict.service or verdict.public
    anybody = request.account == FRESH and not _by_organization(request)
    reached = access_of(request.action) in {access.value for access in verdict.access}
    return verdict.external and reached and (verdict.public or not anybody)


@given(st.data())
@slow_examples(400)
def test_what_has_nothing_uncertain_in_it_is_decided(data: st.DataObject) -> None:
    situation = data.draw(situations())
    requests = data.draw(st.lists(outside_requests(situation), min_size=5, max_size=5))
    # What is not known of a principal's request, such as whose a unique id is, a service's does not show.
    assume(not all(request.is_service for request in requests))
    # Nor what an operator makes of a key that none of them carries.
    named = {condition[1].lower() for one in situation.statements for condition in conditions_of(one)}
    assume(named <= {key for request in requests for key in request.keys})
    # What is not known of a service's request is not known whatever the others show: tags on these calls alone.
    for action in ("ecr:BatchGetImage", "ecr:TagResource", "ecr:UntagResource"):
        requests.append(data.draw(service_requests(situation, ["sagemaker.amazonaws.com"], action)))
    verdict = _readable(situation)
    if not any(
        _is_doubtful(statement, request, situation) for statement in situation.statements for request in requests
    ):
        assert not verdict.undecided


def _is_doubtful(statement: Statement, request: Request, situation: Situation) -> bool:
    """Whether some part of a statement has an uncertain meaning for this request, whatever the others say."""
    variables = situation.policy.get("Version") == "2012-10-17"
    scene = Scene(request, situation.repository, statement["Effect"], variables)
    deployed = situation.origin is Origin.DEPLOYED
    # Each principal by itself, too: a `*` beside it matches whatever is not known of it.
    named = statement.get("Principal")
    accounts = as_list(named.get("AWS", [])) if isinstance(named, dict) else []
    alone = [{**statement, "Principal": {"AWS": one}} for one in accounts]
    parts = [principal_matches(one, request, deployed=deployed) for one in (statement, *alone)]
    parts += [condition_holds(*condition, scene) for condition in conditions_of(statement)]
    return None in parts or statement.get("Condition") == {} or any(map(_names_no_account, conditions_of(statement)))


def _names_no_account(condition: tuple[str, str, list[Any]]) -> bool:
    """Whether a source is asked for whose ARN has no account: no request shows it, and nobody knows whose it is."""
    _, key, values = condition
    return key.lower() == "aws:sourcearn" and any(str(value).split(":")[4:5] == [""] for value in values)


def _by_organization(request: Request) -> bool:
    """A fresh account can be a member of an organization that the policy names, which is not the public."""
    return "aws:principalorgid" in request.keys
