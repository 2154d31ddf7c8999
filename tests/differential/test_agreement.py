"""The judgement compared with iam-simulate: it allows what is reported, and refuses what is called compliant."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from ecr_crossaccount import Compliance, Origin, Repository
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.case_tables import ANY_DAY, Case, cases
from tests.differential.known_faults import comparable
from tests.differential.simulator import Question, Simulator
from tests.profiles import sample, slow_examples
from tests.properties.oracle import Request, allows
from tests.properties.outsiders import outside_requests
from tests.strategies import Situation, situations

pytestmark = pytest.mark.node


def _witnesses(situation: Situation) -> list[Request]:
    found = (grant.witness for grant in situation.verdict().grants)
    return [Request(witness.principal, witness.action, witness.context) for witness in found]


def _answer(simulator: Simulator, situation: Situation, request: Request) -> bool | None:
    """Return whether iam-simulate allows a request, or None if a known fault prevents a comparison."""
    said = comparable(situation.policy, request, situation.repository)
    if said.fault:
        return None
    return simulator.allows(Question(said.policy, situation.repository.account, request))


def _situation(case: Case) -> Situation:
    """Return a case of the tables as a situation. A text is parsed, because iam-simulate takes objects."""
    policy: Any = json.loads(case.policy) if isinstance(case.policy, str) else dict(case.policy or {})
    return Situation(
        policy,
        Repository(case.owner, **case.repository_fields()),
        tuple(dict(entry) for entry in case.trust),
        Origin(case.origin or "proposed"),
        case.today or ANY_DAY,
    )


_READABLE = [
    case
    for case in cases()
    # iam-simulate refuses a Resource in a repository policy, even if ECR has stored it.
    if (case.expect.external or case.expect.service) and case.table != "stored-resources.json"
]


@pytest.mark.parametrize("case", _READABLE, ids=lambda case: f"{case.table}: {case.name}")
def test_every_witness_of_a_case_is_allowed_there(simulator: Simulator, case: Case) -> None:
    situation = _situation(case)
    assert situation.verdict().grants
    for request in _witnesses(situation):
        assert _answer(simulator, situation, request) is not False, request


@given(situation=situations())
@slow_examples(600)
def test_every_witness_is_allowed_there(simulator: Simulator, situation: Situation) -> None:
    # iam-simulate accepts only what IAM accepts.
    assume(not situation.verdict().invalid)
    for request in _witnesses(situation):
        assert _answer(simulator, situation, request) is not False, request


@given(data=st.data())
@slow_examples(500)
def test_whatever_is_compliant_is_refused_there(simulator: Simulator, data: st.DataObject) -> None:
    situation = data.draw(situations())
    assume(situation.verdict().compliance is Compliance.COMPLIANT)
    for request in data.draw(st.lists(outside_requests(situation), min_size=3, max_size=6)):
        assert _answer(simulator, situation, request) is not True, request


@given(data=st.data())
@slow_examples(600)
def test_both_second_opinions_agree(simulator: Simulator, data: st.DataObject) -> None:
    """The oracle of the properties and iam-simulate are independent, so each is a check of the other."""
    situation = data.draw(situations())
    assume(not situation.verdict().invalid)
    request = data.draw(outside_requests(situation))
    there = _answer(simulator, situation, request)
    here = allows(situation.policy, request, situation.repository, deployed=situation.origin is Origin.DEPLOYED)
    assert here is None or there is None or here == there, request


def test_the_known_faults_leave_most_to_compare() -> None:
    """If an exclusion grew, the suite would silently test less."""
    counts = Counter(
        comparable(situation.policy, request, situation.repository).fault or "compared"
        for situation in sample(situations(), 250)
        if not situation.verdict().invalid
        for request in _witnesses(situation)
    )
    assert counts["compared"] > 100
    assert counts["compared"] >= 0.75 * counts.total(), counts
