"""Two states that certainly have the same verdict, so that one judgement is enough."""

from __future__ import annotations

import pytest
from ecr_crossaccount import RegistryPolicy, Repository, Trust
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.questions.change.states import Form, State

from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, policy, trusting

TRUST = trusting(
    {"account": OTHER, "repositories": ["base/*"], "reason": "the team"},
    {"account": THIRD, "repositories": ["base/*", "*/app"], "reason": "the team"},
)
PARTNER = policy(allow(account(OTHER), "ecr:BatchGetImage"))
REGISTRY = RegistryPolicy(policy(allow(account(OTHER), "ecr:BatchGetImage") | {"Resource": "*"}))


def state(name: str, text: object = PARTNER, *, kind: Kind = Kind.REPOSITORY, trust: Trust = TRUST) -> State:
    return State(kind, Repository(OWNER, name), trust, (Form(text),), (name,))


@pytest.mark.parametrize(
    "one, other, alike",
    [
        (state("base/app"), state("base/app"), True),
        (state("base/one"), state("base/two"), True),
        (state("team/one"), state("team/two"), True),
        (state("base/app"), state("team/app"), False),
        (state("team/app"), state("team/other"), False),
        (state("base/one", trust=Trust.nobody()), state("team/app", trust=Trust.nobody()), True),
        (state("base/app"), state("base/app", trust=Trust.nobody()), False),
        (state("base/app"), state("base/app", policy(allow(account(THIRD), "ecr:BatchGetImage"))), False),
        (state("base/*", kind=Kind.REGISTRY), state("base/*", kind=Kind.REGISTRY), False),
        (state("base/app"), state("base/app", kind=Kind.PUBLIC_REPOSITORY), False),
    ],
)
def test_a_name_matters_only_by_the_entries_that_cover_it(one: State, other: State, *, alike: bool) -> None:
    assert one.is_judged_like(other) is alike
    assert other.is_judged_like(one) is alike
    if alike:
        assert one.verdict(one.forms[0]) == other.verdict(other.forms[0])


def test_the_resources_of_a_registry_policy_may_name_the_repository() -> None:
    forms = (Form(PARTNER, registry=REGISTRY),)
    one, other = (
        State(Kind.REPOSITORY, Repository(OWNER, name), TRUST, forms, (name,)) for name in ("base/a", "base/b")
    )
    assert not one.is_judged_like(other)
