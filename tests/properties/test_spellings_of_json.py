"""A law: every spelling of the same JSON gets the same verdict: escapes, white space, numbers, order of names."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from ecr_crossaccount import Origin, RegistryPolicy, Repository, Scope, Trust, Verdict, judge, plan
from ecr_crossaccount.judgement.values.members import Members
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.case_tables import ANY_DAY, Case, cases, cases_beside
from tests.profiles import examples
from tests.properties.json_spellings import Writer
from tests.properties.world import ACCOUNTS, OWN_ORG
from tests.strategies import Situation, situations

_EVERYWHERE = {"Resource": "*"}
_EVERY_MEMBER = {"organization": "self", "members": True}
_SEEDS = st.integers(0, 2**32)
_TAGS = {"team": "ci", "env": "prod", "Env": "dev"}


def _members(listed: datetime) -> Members:
    accounts = [{"account": account} for account in ACCOUNTS]
    return Members.parse({"version": 1, "organization": OWN_ORG, "listed": listed.isoformat(), "accounts": accounts})


def _trust(situation: Situation) -> Trust:
    """Return the register, with an entry that covers each member that a policy names."""
    register = {"version": 1, "trust": [*situation.entries, _EVERY_MEMBER]}
    return Trust.parse(register, today=situation.today, members=_members(datetime(2026, 6, 1, tzinfo=UTC)))


def _repository(situation: Situation) -> Repository:
    """Return the repository in an organization, with a name, a Region and tags, so that all documents count."""
    known = situation.repository
    tags = known.tags or _TAGS
    return replace(known, name="base/python", region=known.region or "eu-west-1", organization=OWN_ORG, tags=tags)


def _with_numbers(value: Any, draw: random.Random) -> Any:  # noqa: ANN401 - a part of a JSON document
    """Return a policy in which some numbers and Booleans are written without quotes."""
    if isinstance(value, Mapping):
        return {name: _with_numbers(one, draw) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_numbers(one, draw) for one in value]
    if isinstance(value, str) and draw.random() < 0.5:
        for read in (int, float):
            try:
                found = read(value)
            except ValueError:
                continue
            if str(found) == value:
                return found
    return value


def _conditions_with_numbers(situation: Situation, draw: random.Random) -> list[dict[str, Any]]:
    return [
        {name: _with_numbers(part, draw) if name == "Condition" else part for name, part in one.items()}
        for one in situation.statements
    ]


def _documents(situation: Situation, draw: random.Random) -> tuple[object, object, list[object]]:
    """Return a policy, a registry policy and a resource control policy made of its Denies."""
    statements = _conditions_with_numbers(situation, draw)
    own = {**situation.policy, "Statement": statements}
    registry = {**own, "Statement": [one | _EVERYWHERE for one in statements]}
    denies = [
        {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", **_EVERYWHERE, "Condition": one["Condition"]}
        for one in statements
        if one.get("Condition")
    ]
    return own, registry, [{"Version": "2012-10-17", "Statement": denies[:1]}]


def _verdict(situation: Situation, documents: tuple[object, object, list[object]]) -> Verdict:
    own, registry, rcps = documents
    beside = RegistryPolicy(registry, Scope.V2)
    return judge(own, _repository(situation), _trust(situation), situation.origin, registry=beside, rcps=tuple(rcps))


@given(situations(), _SEEDS)
@examples(400)
def test_escapes_spaces_and_numbers_change_nothing(situation: Situation, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - the same spelling every time
    policy = {**situation.policy, "Statement": _conditions_with_numbers(situation, draw)}
    text = Writer(draw).text(policy)
    assert json.loads(text) == policy
    repository, trust = _repository(situation), _trust(situation)
    as_object, plainly, spelled = (
        judge(one, repository, trust, situation.origin) for one in (policy, json.dumps(policy), text)
    )
    assert spelled.to_json() == plainly.to_json() == as_object.to_json(), text


@given(situations(), _SEEDS)
@examples(200)
def test_escapes_spaces_and_numbers_change_nothing_in_the_documents_beside(situation: Situation, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - the same spelling every time
    own, registry, rcps = _documents(situation, draw)
    # The limit of a resource control policy is on its characters, and Organizations counts them as they are sent.
    assume(all(len(json.dumps(one)) < 800 for one in rcps))
    write = Writer(draw).text
    plainly = _verdict(situation, (json.dumps(own), json.dumps(registry), list(map(json.dumps, rcps))))
    spelled = _verdict(situation, (write(own), write(registry), list(map(write, rcps))))
    assert spelled.to_json() == plainly.to_json() == _verdict(situation, (own, registry, rcps)).to_json()


@given(situations(), _SEEDS)
@examples(100)
def test_escapes_spaces_and_numbers_change_no_plan(situation: Situation, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - the same spelling every time
    text = Writer(draw).text(situation.policy)
    repository, trust = _repository(situation), _trust(situation)
    plainly, spelled = (
        plan(one, repository, trust, origin=situation.origin) for one in (json.dumps(situation.policy), text)
    )
    assert spelled.to_json() == plainly.to_json()


@given(situations(), _SEEDS)
@examples(200)
def test_the_order_of_names_changes_no_access(situation: Situation, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - the same order every time
    repository, trust = _repository(situation), _trust(situation)
    before, after = (
        judge(one, repository, trust, situation.origin)
        for one in (json.dumps(situation.policy), Writer(draw, shuffles=True).text(situation.policy))
    )
    # If the budget runs out, another order of conditions may spend it elsewhere.
    assume(not any("budget" in one.reason for verdict in (before, after) for one in verdict.undecided))
    assert _said(after) == _said(before)


def _said(verdict: Verdict) -> tuple[object, ...]:
    """Return the verdict without the parts that name conditions in the order of the policy."""
    grants = {
        (one.statement, one.kind, one.grantee, one.public, one.access, one.actions, one.severity)
        for one in verdict.grants
    }
    undecided = {one.statement for one in verdict.undecided}
    flags = (verdict.compliance, verdict.external, verdict.public, verdict.service, verdict.access)
    return (*flags, grants, undecided, {*verdict.invalid}, {*verdict.notes})


@pytest.mark.parametrize("escapes", [0.0, 0.2, 1.0])
def test_every_case_is_decided_alike_in_every_spelling(escapes: float) -> None:
    """The cases need each part of a policy, as random policies seldom do."""
    draw = random.Random(f"cases {escapes}")  # noqa: S311 - the same spellings every time
    differing = [
        case.name
        for case in (*cases(), *cases_beside())
        if _of_case(case, Writer(draw, escapes=escapes, slashes=True).text) != _of_case(case, json.dumps)
    ]
    assert differing == []


def _of_case(case: Case, write: Callable[[object], str]) -> object:
    """Return the verdict of a case whose documents are texts. A text in the table stays as it is."""

    def text(document: object) -> object:
        return write(document) if isinstance(document, dict) else document

    registry = RegistryPolicy(text(case.registry_policy), Scope(case.registry_scope or "unknown"))
    found = judge(
        text(case.policy),
        Repository(case.owner, **case.repository_fields()),
        Trust.parse(case.register, today=case.today or ANY_DAY),
        Origin(case.origin or "proposed"),
        registry=registry if case.names_registry else None,
        rcps=tuple(map(text, case.rcps)),
    )
    # The limit of a resource control policy is on its characters, and Organizations counts them as they are sent.
    return None if any("at most 5120" in one.reason for one in found.invalid) else found.to_json()


def test_a_number_is_written_in_many_forms() -> None:
    draw = random.Random("numbers")  # noqa: S311 - the same forms every time
    for number in (0, 5, -7, 300, 0.5, 1e21, 222233334444):
        forms = {Writer(draw).text(number).strip() for _ in range(60)}
        assert len(forms) > 2
        assert {json.loads(one) for one in forms} == {number}
