"""A registry policy: what it grants on every repository that its Resource matches."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount import Access, Compliance, Hole, Holed, Origin, Repository, Trust, Verdict
from ecr_crossaccount.judgement.kinds import registry
from ecr_crossaccount.judgement.kinds.registry import NO_REPOSITORY, judge_registry

from tests.case_tables import ANY_DAY, Case, cases
from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, deny, policy, trusting

REGISTRY = Repository(OWNER, region="eu-west-1")


def on(statement: dict[str, Any], *names: object, element: str = "Resource") -> dict[str, Any]:
    start = f"arn:aws:ecr:eu-west-1:{OWNER}:repository/"
    resources = [start + name if isinstance(name, str) else name for name in names]
    return {**statement, element: resources}


def verdict(*statements: object, trust: tuple[dict[str, Any], ...] = (), where: Repository = REGISTRY) -> Verdict:
    return judge_registry(policy(*statements), where, trusting(*trust))


def test_replication_from_another_account_is_write() -> None:
    found = verdict(on(allow(account(OTHER), ["ecr:CreateRepository", "ecr:ReplicateImage"]), "*"))
    assert (found.external, found.public, found.access) == (True, False, (Access.WRITE,))
    assert [(grant.statement, grant.grantee) for grant in found.grants] == [(0, OTHER)]
    assert not found.invalid
    assert not found.undecided


@pytest.mark.parametrize(
    "action, access, severity",
    [
        ("ecr:CreateRepository", Access.WRITE, "CRITICAL"),
        ("ecr:createrepo*", Access.WRITE, "CRITICAL"),
        ("ecr:UpdatePullThroughCacheRule", Access.WRITE, "CRITICAL"),
        ("ecr:StartReplicationBackfill", Access.WRITE, "CRITICAL"),
        ("ecr:DescribePullThroughCacheRules", Access.READ, "LOW"),
    ],
)
def test_it_grants_what_takes_the_id_of_a_registry(action: str, access: Access, severity: str) -> None:
    found = verdict(on(allow(account(OTHER), action), "*"))
    assert (found.access, found.severity.name if found.severity else "") == ((access,), severity)
    assert (
        verdict(on(allow(account(OTHER), action), "*"), on(deny("*", action), "*")).compliance is Compliance.COMPLIANT
    )


@pytest.mark.parametrize(
    "action", ["ecr:PutRegistryPolicy", "ecr:GetAuthorizationToken", "ecr:PutSigningConfiguration"]
)
def test_it_grants_nothing_that_takes_no_id_of_a_registry(action: str) -> None:
    assert verdict(on(allow(account(OTHER), action), "*")).compliance is Compliance.COMPLIANT


def test_what_the_pages_of_aws_contradict_each_other_about_is_undecided_with_both() -> None:
    found = verdict(on(allow(account(OTHER), "ecr:CreatePullThroughCacheRule"), "*"))
    assert not found.external
    (doubt,) = found.undecided
    assert "registry-permissions.html" in doubt.reason
    assert "pull-through-cache-iam.html" in doubt.reason
    assert not verdict(on(allow(account(OTHER), "ecr:*"), "*")).undecided, "the grant says enough"
    unheard = {"StringEquals": {"aws:Unheard": "x"}}
    other = allow("*", "ecr:BatchGetImage", unheard)
    both = verdict(on(other, "*"), on(allow(account(OTHER), "ecr:CreatePullThroughCacheRule"), "*"))
    assert {one.statement for one in both.undecided} == {0, 1}, "one doubt does not hide another"


def test_what_speaks_of_no_repository_here_grants_nothing() -> None:
    elsewhere = {**allow("*", "ecr:*"), "Resource": f"arn:aws:ecr:us-east-1:{OWNER}:repository/*"}
    found = verdict(elsewhere)
    assert found.compliance is Compliance.COMPLIANT
    assert found.notes == (NO_REPOSITORY,)
    assert verdict(elsewhere, where=Repository(OWNER)).public, "the Region may be that one"


def test_a_deny_on_some_repositories_leaves_the_others_open() -> None:
    assert verdict(on(allow("*"), "*"), on(deny("*"), "prod/*")).public
    assert verdict(on(allow("*"), "prod/*"), on(deny("*"), "*")).compliance is Compliance.COMPLIANT
    assert verdict(on(allow("*"), "a*"), on(deny("*"), "b*", element="NotResource")).compliance is Compliance.COMPLIANT
    assert verdict(on(allow("*"), "b*"), on(deny("*"), "b*", element="NotResource")).public


def test_denies_that_leave_nothing_together_leave_nothing() -> None:
    halves = [on(deny("*"), "a*"), on(deny("*"), "a*", element="NotResource")]
    assert verdict(on(allow("*"), "*"), *halves).compliance is Compliance.COMPLIANT
    either = [on(deny("*", "ecr:PutImage"), "a*"), on(deny("*", "ecr:PutImage"), "a*", element="NotResource")]
    found = verdict(on(allow("*", ["ecr:PutImage", "ecr:BatchGetImage"]), "*"), *either)
    assert found.access == (Access.READ,)
    assert {grant.actions for grant in found.grants} == {("ecr:BatchGetImage",)}


def test_each_statement_is_judged_where_it_speaks() -> None:
    found = verdict(on(allow(account(OTHER), "ecr:PutImage"), "a/*"), on(allow(account(THIRD)), "b/*"))
    assert {(grant.statement, grant.grantee, grant.access) for grant in found.grants} == {
        (0, OTHER, (Access.WRITE,)),
        (1, THIRD, (Access.READ,)),
    }


def test_a_grant_shows_the_most_that_it_gives_on_any_repository() -> None:
    allowed = on(allow(account(OTHER), ["ecr:CreateRepository", "ecr:PutImage", "ecr:ReplicateImage"]), "*")
    for one, rest in (("Resource", "NotResource"), ("NotResource", "Resource")):
        few = on(deny("*", ["ecr:CreateRepository", "ecr:PutImage"]), "a*", element=one)
        found = verdict(allowed, few, on(deny("*", "ecr:ReplicateImage"), "a*", element=rest))
        assert [{*grant.actions} for grant in found.grants] == [{"ecr:CreateRepository", "ecr:PutImage"}]


def test_trust_in_some_repositories_covers_grants_on_those_alone() -> None:
    trust = ({"account": OTHER, "repositories": ["base/*"]},)
    assert verdict(on(allow(account(OTHER)), "base/*"), trust=trust).compliance is Compliance.COMPLIANT
    assert verdict(on(allow(account(OTHER)), "*"), trust=trust).external
    assert verdict(on(allow(account(OTHER)), "base/*", "tools/x"), trust=trust).external


def test_not_resource_speaks_of_all_others() -> None:
    assert verdict(on(allow("*"), "safe/*", element="NotResource")).public
    assert verdict(on(allow("*"), "*", element="NotResource")).compliance is Compliance.COMPLIANT


def test_a_statement_without_resource_is_invalid_and_judged_on_every_repository() -> None:
    found = verdict(allow("*"), deny(account(OTHER)))
    assert found.public
    assert [one.at for one in found.invalid] == ["$.Statement[0]", "$.Statement[1]"]


def test_a_resource_that_is_not_known_is_undecided() -> None:
    name = Holed((f"arn:aws:ecr:eu-west-1:{OWNER}:repository/", Hole("Team"), "/*"))
    found = verdict(on(allow("*"), name))
    assert not found.external
    assert [one.statement for one in found.undecided] == [0]
    assert verdict(on(allow("*"), "*"), on(deny("*"), name)).external


def test_a_policy_that_is_not_known_is_undecided_and_lacks_nothing() -> None:
    found = judge_registry(Hole("Policy"), REGISTRY, trusting())
    assert not found.invalid
    assert [one.statement for one in found.undecided] == [0]


def test_the_budget_ends_a_search_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "STEPS_OF_KINDS", 300)
    found = verdict(on(allow(account(OWNER)), "*"), *(on(deny("*"), f"{name}*x") for name in "abcdef"))
    assert found.compliance is Compliance.NON_COMPLIANT
    assert [one.statement for one in found.undecided] == [None]
    assert not found.notes


def test_no_policy_grants_nothing() -> None:
    assert judge_registry(None, REGISTRY, trusting()).compliance is Compliance.COMPLIANT
    assert verdict(on(deny("*"), "*")).notes == ()


def as_registry(case: Case) -> object:
    """Return the policy of a case as a registry policy. Every statement applies to every repository."""
    written: Any = json.loads(case.policy) if isinstance(case.policy, str) else case.policy
    statements = written["Statement"] if isinstance(written["Statement"], list) else [written["Statement"]]
    return {**written, "Statement": [{**one, "Resource": "*"} for one in statements]}


OF_REGISTRY_TOO = {
    "every registry-level action to everybody opens no repository",
    "a pattern that matches only registry-level actions grants nothing",
    "a pattern that matches registry-level and repository actions counts for the repository's",
    "ecr:Delete* is ADMIN and not WRITE",
    "NotAction of everything that changes leaves READ",
}
"""Cases about actions that a registry policy can grant and a repository policy cannot."""
SAME = [
    case
    for case in cases()
    if case.policy
    and case.expect.invalid is False
    and case.tags is None
    and case.repository is None
    and case.name not in OF_REGISTRY_TOO
]


@pytest.mark.no_cover
@pytest.mark.parametrize("case", SAME, ids=lambda case: f"{case.table}: {case.name}")
def test_on_every_repository_it_grants_what_the_policy_of_one_does(case: Case) -> None:
    trust = Trust.parse(case.register, today=case.today or ANY_DAY)
    origin = Origin.DEPLOYED if case.origin == "deployed" else Origin.PROPOSED
    found = judge_registry(as_registry(case), Repository(case.owner, **case.repository_fields()), trust, origin)
    assert case.expect.differences(found.to_json()) == []


def test_a_resource_without_a_character_is_not_certain_to_concern_nothing() -> None:
    found = verdict({**allow(account(OTHER)), "Resource": ""})
    assert found.compliance is Compliance.NON_COMPLIANT
    assert found.undecided
