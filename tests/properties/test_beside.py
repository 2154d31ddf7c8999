"""Several documents are judged as one policy with all their statements."""

from __future__ import annotations

from dataclasses import replace

from ecr_crossaccount import Compliance, RegistryPolicy, Repository, Scope, Verdict, judge
from ecr_crossaccount.documents.document import Document
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.strategies import Situation, situations

_EVERYWHERE = {"Resource": "*"}


def _known(repository: Repository) -> Repository:
    """Return the repository with a name and a Region, so that it is certain which repositories a Resource includes."""
    return replace(repository, name="base/python", region=repository.region or "eu-west-1")


def _said(verdict: Verdict) -> tuple[object, ...]:
    return verdict.compliance, verdict.external, verdict.public, verdict.service, verdict.access


def _decided(*verdicts: Verdict) -> None:
    assume(not any("budget" in one.reason for verdict in verdicts for one in verdict.undecided))
    assume(not any(verdict.invalid for verdict in verdicts))


@given(situations(), st.data())
@examples(150)
def test_a_registry_policy_of_all_actions_is_more_statements_of_the_same_policy(
    situation: Situation, data: st.DataObject
) -> None:
    repository = _known(situation.repository)
    moved = data.draw(st.sets(st.sampled_from(range(len(situation.statements)))))
    here = [one for place, one in enumerate(situation.statements) if place not in moved]
    there = [one | _EVERYWHERE for place, one in enumerate(situation.statements) if place in moved]
    head = {name: part for name, part in situation.policy.items() if name == "Version"}
    own = {**head, "Statement": here} if here else None
    registry = RegistryPolicy({**head, "Statement": there} if there else None, Scope.V2)
    whole = judge(situation.policy, repository, situation.trust, situation.origin)
    split = judge(own, repository, situation.trust, situation.origin, registry=registry)
    _decided(whole, split)
    assert _said(split) == _said(whole)
    assert {one.grantee for one in split.grants} == {one.grantee for one in whole.grants}
    assert len(split.undecided) == len(whole.undecided)


@given(situations())
@examples(100)
def test_under_a_scope_that_is_not_known_nothing_is_green_that_is_not_green_under_both(situation: Situation) -> None:
    repository = _known(situation.repository)
    everywhere = {**situation.policy, "Statement": [one | _EVERYWHERE for one in situation.statements]}
    of_v1, of_v2, unknown = (
        judge(
            situation.policy,
            repository,
            situation.trust,
            situation.origin,
            registry=RegistryPolicy(everywhere, scope),
        )
        for scope in (Scope.V1, Scope.V2, Scope.UNKNOWN)
    )
    _decided(of_v1, of_v2, unknown)
    both = {of_v1.compliance, of_v2.compliance} == {Compliance.COMPLIANT}
    assert (unknown.compliance is Compliance.COMPLIANT) == both
    assert unknown.external <= (of_v1.external and of_v2.external)
    certain = {one.grantee for one in of_v2.grants if one.document is Document.REPOSITORY}
    assert {one.grantee for one in unknown.grants} >= certain
    assert not certain or of_v1.external or of_v1.service


@given(situations())
@examples(100)
def test_a_resource_control_policy_never_lets_anybody_in(situation: Situation) -> None:
    repository = _known(situation.repository)
    denies = [
        one | _EVERYWHERE | {"Principal": "*"}
        for one in situation.statements
        if one["Effect"] == "Deny" and "Action" in one and "NotPrincipal" not in one
    ]
    rcp = {"Version": "2012-10-17", "Statement": denies}
    before = judge(situation.policy, repository, situation.trust, situation.origin)
    after = judge(situation.policy, repository, situation.trust, situation.origin, rcps=[rcp])
    _decided(before, after)
    assert after.external <= before.external
    assert after.public <= before.public
    assert after.service <= before.service
    assert set(after.access) <= set(before.access)
