"""A scope that is not known is the same in two states only if both were read together."""

from __future__ import annotations

import pytest
from ecr_crossaccount import RegistryPolicy, Repository, Scope, Trust
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.questions.change.opening import opened_access
from ecr_crossaccount.questions.change.states import Form, State

from tests.wording import sentence

ALLOW = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [ALLOW]}


def state(kind: ResourceKind, scope: Scope) -> State:
    """Return a registry, or a repository under the policy of its registry."""
    form = Form(POLICY, scope=scope)
    if kind is ResourceKind.REPOSITORY:
        form = Form(None, registry=RegistryPolicy(POLICY, scope))
    return State(kind, Repository("111122223333", region="eu-west-1"), Trust.nobody(), (form,))


@pytest.mark.parametrize("kind", [ResourceKind.REGISTRY, ResourceKind.REPOSITORY])
def test_between_two_days_a_scope_that_is_not_known_may_have_changed(kind: ResourceKind) -> None:
    unknown = state(kind, Scope.UNKNOWN)
    assert opened_access(unknown, unknown).is_nothing
    found = opened_access(unknown, unknown, at_once=False)
    assert not found.changes
    assert [one.reason.partition(": ")[0] for one in found.undecided] == [sentence("beside.registry_policy_scope")]


@pytest.mark.parametrize("kind", [ResourceKind.REGISTRY, ResourceKind.REPOSITORY])
def test_a_scope_that_is_known_is_the_same_on_any_day(kind: ResourceKind) -> None:
    known = state(kind, Scope.V2)
    assert opened_access(known, known, at_once=False).is_nothing
