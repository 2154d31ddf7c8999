"""The judgement against the oracle: what it reports can be done, and what can be done it reports."""

from __future__ import annotations

import json

from ecr_crossaccount import Origin, Verdict
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties.oracle import Request, allows
from tests.properties.outsiders import access_of, is_outside, outside_requests
from tests.properties.profiles import examples
from tests.properties.world import FRESH
from tests.strategies import Situation, situations


def _allowed(situation: Situation, request: Request) -> bool | None:
    deployed = situation.origin is Origin.DEPLOYED
    return allows(situation.policy, request, situation.repository, deployed=deployed)


def _readable(situation: Situation) -> Verdict:
    """The verdict of a policy that IAM accepts; the oracle does not read others."""
    verdict = situation.verdict()
    assume(not verdict.invalid)
    return verdict


@given(situations())
@examples(400)
def test_every_witness_is_allowed(situation: Situation) -> None:
    for grant in _readable(situation).grants:
        witness = grant.witness
        assert _allowed(situation, Request(witness.principal, witness.action, witness.context)) is True, grant


@given(situations())
@examples(200)
def test_every_witness_is_somebody_outside(situation: Situation) -> None:
    for grant in situation.verdict().grants:
        witness = grant.witness
        assert witness.action in grant.actions
        assert is_outside(Request(witness.principal, witness.action, witness.context), situation), grant


@given(st.data())
@examples(1000)
def test_what_an_outsider_may_do_is_reported(data: st.DataObject) -> None:
    situation = data.draw(situations())
    request = data.draw(outside_requests(situation))
    verdict = _readable(situation)
    if _allowed(situation, request) is True and not verdict.undecided:
        assert verdict.service if request.is_service else verdict.external, request
        assert request.is_service or access_of(request.action) in {access.value for access in verdict.access}, request
        named = FRESH in json.dumps(situation.policy)
        assert verdict.public or request.is_service or request.account != FRESH or named or _by_organization(request)


def _by_organization(request: Request) -> bool:
    """A fresh account can be a member of an organization that the policy names, which is not the public."""
    return "aws:principalorgid" in request.keys


@given(st.data())
@examples(400)
def test_what_an_outsider_might_do_is_never_compliant(data: st.DataObject) -> None:
    situation = data.draw(situations())
    request = data.draw(outside_requests(situation))
    verdict = _readable(situation)
    if _allowed(situation, request) is True:
        assert verdict.compliance.value == "NON_COMPLIANT", request
