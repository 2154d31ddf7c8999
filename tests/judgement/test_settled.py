"""A principal with a known account and an unknown name. If nothing else matters, the account decides."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Access, Compliance, Hole, Holed, Repository, Trust, judge

from tests.judgement.policies import OTHER, OWNER, account, allow, deny, verdict

ENV = Hole("Env")


def someone(owner: str, kind: str = "iam::{}:role/app-") -> Holed:
    """Return an ARN whose end is unknown."""
    return Holed((f"arn:aws:{kind.format(owner)}", ENV))


@pytest.mark.parametrize(
    "kind", ["iam::{}:role/app-", "iam::{}:user/", "sts::{}:assumed-role/app/", "sts::{}:federated-user/", "iam::{}:"]
)
def test_somebody_of_a_known_account_is_outside_or_inside_by_that_account(kind: str) -> None:
    found = verdict(allow({"AWS": [someone(OTHER, kind)]}, "ecr:BatchGetImage"))
    assert (found.external, found.public, found.access) == (True, False, (Access.READ,))
    assert not found.undecided
    assert [grant.grantee for grant in found.grants] == [OTHER]
    assert verdict(allow({"AWS": someone(OWNER, kind)})).compliance is Compliance.COMPLIANT


def test_trust_in_the_account_covers_whoever_it_is() -> None:
    trust = Trust.parse({"version": 1, "trust": [{"account": OTHER}]})
    policy = {"Version": "2012-10-17", "Statement": allow({"AWS": someone(OTHER)}, "ecr:BatchGetImage")}
    assert judge(policy, Repository(OWNER), trust).compliance is Compliance.COMPLIANT


@pytest.mark.parametrize(
    "entry",
    [
        Holed((ENV, ":role/app")),
        Holed(("arn:aws:iam::", ENV, ":role/app")),
    ],
)
def test_whose_account_is_not_known_stays_unknown(entry: Holed) -> None:
    found = verdict(allow({"AWS": entry}))
    assert not found.external
    assert any("<Env>" in one.reason for one in found.undecided)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:ResourceAccount": OWNER}},
        {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
        {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}},
        {"StringEquals": {"aws:CalledViaLast": "cloudformation.amazonaws.com"}},
        {"Null": {"aws:SourceAccount": "true"}},
    ],
)
def test_what_all_of_an_account_have_in_common_settles_it_for_whoever_is_meant(condition: object) -> None:
    found = verdict(allow({"AWS": someone(OTHER)}, "ecr:BatchGetImage", condition))
    assert found.external
    assert not found.undecided


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::222233334444:role/app-*"}},
        {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalTag/home}"}},
        {"StringEquals": {"aws:PrincipalTag/team": "ci"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringEquals": {"aws:SourceIdentity": "ci"}},
        {"StringEquals": {"aws:UserAgent": "docker"}},
    ],
)
def test_where_a_condition_looks_at_who_is_asking_the_filling_matters(condition: object) -> None:
    found = verdict(allow({"AWS": someone(OTHER)}, "ecr:BatchGetImage", condition))
    assert not found.external
    assert any("<Env>" in one.reason for one in found.undecided)


def test_a_deny_that_hits_every_account_alike_counts() -> None:
    guard = deny("*", "ecr:*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
    found = verdict(allow({"AWS": someone(OTHER)}), guard, deny(account(OWNER)))
    assert found.external
    assert verdict(allow({"AWS": someone(OTHER)}), deny("*")).compliance is Compliance.COMPLIANT


def test_not_principal_keeps_its_holes() -> None:
    found = verdict({"Effect": "Allow", "NotPrincipal": {"AWS": someone(OWNER)}, "Action": "ecr:*"})
    assert found.compliance is Compliance.NON_COMPLIANT
