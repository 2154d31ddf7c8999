"""States as JSON, and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ecr_crossaccount import Origin, RegistryPolicy, Repository, Scope, Trust
from ecr_crossaccount.documents.json import RepeatedNames
from ecr_crossaccount.documents.pattern import Hole, Holed
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.questions.change.opening import opened_access
from ecr_crossaccount.questions.change.recorded import Record
from ecr_crossaccount.questions.change.states import Form, Guard, State

from tests.judgement.policies import OTHER, OWNER, account, allow, policy

HERE = Repository(OWNER, "base/app", "eu-west-1")
PARTNER = policy(allow(account(OTHER)))


def again(state: State) -> State:
    """Return a state that was written as JSON and read."""
    record = Record()
    written = json.loads(json.dumps(record.write_state(state)))
    return Record.read(json.loads(json.dumps(record.to_json()))).state(written, state.kind)


@pytest.mark.parametrize(
    "state",
    [
        State(Kind.REPOSITORY, HERE, Trust.nobody(), (Form(PARTNER),)),
        State(Kind.REPOSITORY, replace(HERE, region=None, name="*"), Trust.nobody(), (Form(json.dumps(PARTNER)),)),
        State(
            Kind.CREATION_TEMPLATE,
            replace(HERE, region="cn-north-1", partition="aws-cn", organization="o-ownorg00001", name="a/*"),
            Trust.nobody(),
            (Form(None, Guard("X", (frozenset({("P", "x", True)}),)), by_default=False, region="eu-west-1"),),
            names=("a/*", Holed((Hole("P"), "/*"))),
            applied_for=("REPLICATION",),
            origin=Origin.DEPLOYED,
            doubts=("a doubt",),
        ),
        State(
            Kind.REPOSITORY,
            replace(HERE, tags={"open": "yes"}, tags_known=True, other_tags=True),
            Trust.nobody(),
            (
                Form(Hole("Policy"), registry=RegistryPolicy(PARTNER, Scope.V1)),
                Form({"Statement": [{"$hole": "x"}, 7, None, True]}, registry=RegistryPolicy(unread="not here")),
                Form({"Statement": [Holed(("a", Hole("B")))]}),
            ),
        ),
        State(Kind.REGISTRY, HERE, Trust.nobody(), (Form(PARTNER, scope=Scope.V1),)),
    ],
)
def test_a_state_that_is_read_is_the_one_that_was_written(state: State) -> None:
    found = again(state)
    assert replace(found, trust=state.trust) == state


def test_a_name_that_stands_twice_stays_ambiguous() -> None:
    twice = RepeatedNames([("Statement", []), ("Statement", [allow(account(OTHER))])])
    state = State(Kind.REPOSITORY, HERE, Trust.nobody(), (Form(twice),))
    (form,) = again(state).forms
    assert isinstance(form.policy, RepeatedNames)
    assert (form.policy, form.policy.names) == (twice, ("Statement",))


def test_a_register_is_written_once_as_far_as_it_is_in_force_for_the_repository() -> None:
    trust = Trust.parse(
        {
            "version": 1,
            "trust": [
                {"account": OTHER, "access": "WRITE", "repositories": ["base/*"]},
                {"account": "333344445555", "repositories": ["team/*"]},
                {"account": "444455556666", "expires": "2020-01-01"},
                {"organization": "self"},
                {"organization": "o-partner0001"},
            ],
        }
    )
    record = Record()
    states = [
        State(Kind.REPOSITORY, replace(HERE, organization=one), trust, (Form(PARTNER),), ("base/app",))
        for one in ("o-ownorg00001", "o-ownorg00001", None)
    ]
    assert [record.write_state(one)["register"] for one in states] == [0, 0, 1]
    assert record.registers[1] == [
        {"account": OTHER, "access": "WRITE"},
        {"organization": "o-partner0001", "access": "READ"},
    ]
    assert {"organization": "o-ownorg00001", "access": "READ"} in record.registers[0]
    assert opened_access(again(states[0]), states[0]).is_nothing
    alone = replace(states[0], trust=Trust.nobody())
    assert [one.by_trust for one in opened_access(again(states[0]), alone).changes] == [True]


@pytest.mark.parametrize("broken", [{}, {"account": OWNER}, {"account": "1", "register": 0, "forms": []}])
def test_what_is_no_state_is_an_error(broken: dict[str, object]) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        Record([[]], []).state(broken, Kind.REPOSITORY)
    with pytest.raises(LookupError):
        Record.read({})


def test_states_share_the_registers_that_they_are_judged_with() -> None:
    record = Record()
    written = record.write_state(State(Kind.REPOSITORY, HERE, Trust.nobody(), (Form(PARTNER),)))
    assert record.state(written, Kind.REPOSITORY).trust is record.state(written, Kind.REPOSITORY).trust


def test_the_entries_of_a_registry_keep_their_repositories() -> None:
    entry = {"account": OTHER, "access": "WRITE", "repositories": ["team/*"]}
    trust = Trust.parse({"version": 1, "trust": [entry]})
    given = policy({**allow(account(OTHER), "ecr:PutImage"), "Resource": "*"})
    state = State(Kind.REGISTRY, HERE, trust, (Form(given),))
    assert opened_access(again(state), state).is_nothing
    assert opened_access(again(replace(state, trust=Trust.nobody())), state).is_nothing
    found = opened_access(again(state), replace(state, trust=Trust.nobody()))
    assert {one.by_trust for one in found.changes} == {True}
