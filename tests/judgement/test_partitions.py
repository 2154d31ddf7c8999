"""A repository whose Region is unknown may be in any partition that its policies name."""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount import Compliance, RegistryPolicy, Repository, Verdict, judge
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.judgement.judgement import other_partitions
from ecr_crossaccount.judgement.kinds.registry import judge_registry

from tests.judgement.policies import OTHER, OWNER, account, allow, deny, policy, reasons, trusting, verdict
from tests.wording import sentence


def _arn(partition: str, number: str = OTHER) -> object:
    return {"ArnLike": {"aws:PrincipalArn": f"arn:{partition}:iam::{number}:*"}}


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov", "aws-*", "aws-c?"])
def test_a_condition_on_another_partition_is_undecided_without_a_region(partition: str) -> None:
    found = verdict(allow("*", "ecr:BatchGetImage", _arn(partition)))
    assert not found.external
    assert reasons(found)[0].startswith(sentence("reasons.region_repository_not_known"))
    assert all(f"account {OTHER} can pull" in reason for reason in reasons(found))
    assert verdict(allow("*", "ecr:BatchGetImage", _arn(partition)), region="eu-west-1").compliance is _COMPLIANT


def _principals(operator: str, *patterns: str) -> dict[str, Any]:
    return {operator: {"aws:PrincipalArn": list(patterns)}}


_NO_SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "true"}}
_OF_LAMBDA = {"ArnLike": {"aws:SourceArn": f"arn:aws-*:lambda:*:{OTHER}:function:*"}}


@pytest.mark.parametrize(
    "statements",
    [
        [allow(account(OTHER), "ecr:BatchGetImage", _principals("StringLike", "arn:aws-us-gov*"))],
        [allow(account(OTHER), "ecr:BatchGetImage", _principals("StringLike", "arn:aws-c*"))],
        [allow(account(OTHER), "ecr:BatchGetImage", _principals("StringLike", "arn:aws-?*:iam*"))],
        [allow(account(OTHER), "ecr:BatchGetImage", _principals("StringLike", f"???:aws-cn:iam::{OTHER}:*"))],
        [
            allow(
                account(OTHER),
                "ecr:BatchGetImage",
                _principals("StringLike", "arn:aws-cn:*${aws:PrincipalAccount}:*"),
            )
        ],
        [allow(account(OTHER), "ecr:BatchGetImage", _principals("ArnNotLike", f"arn:aws:*::{OTHER}:*"))],
        [allow(account(OTHER)), deny("*", "*", _principals("StringLike", "arn:aws:*"))],
        [allow(account(OTHER)), deny("*", "*", _principals("StringLikeIfExists", "arn:aws:*"))],
        [allow("*"), deny("*", "*", _principals("ArnLike", "arn:aws:*:*:*:*")), deny("*", "*", _NO_SERVICE)],
        [allow({"Service": "lambda.amazonaws.com"}, "ecr:BatchGetImage", _OF_LAMBDA)],
    ],
)
def test_every_partition_that_patterns_distinguish_is_judged_without_a_region(statements: list[object]) -> None:
    found = verdict(*statements)
    assert (found.external, found.service) == (False, False)
    assert any("in the partition `aws-" in reason for reason in reasons(found))
    assert verdict(*statements, region="eu-west-1").compliance is _COMPLIANT


def test_a_policy_is_judged_once_for_all_partitions_that_its_patterns_treat_equally() -> None:
    asked = policy(allow(account(OTHER)), deny("*", "*", _principals("StringLike", "arn:aws:*", "*:aws-iso*")))
    assert [*other_partitions(parse(asked).statements, "aws")] == ["aws-cn", "aws-iso"]
    assert [*other_partitions(parse(asked).statements, "aws-iso-b")] == ["aws", "aws-cn"]


@pytest.mark.parametrize("number", [f"arn:aws:iam::{OWNER}:root", f"arn:aws:iam::{OWNER}:role/ci"])
def test_an_arn_in_a_principal_element_says_the_partition(number: str) -> None:
    asked = allow("*", "ecr:BatchGetImage", _arn("aws-cn"))
    assert verdict(asked, allow(account(number))).compliance is _COMPLIANT
    assert verdict(asked, allow(account(OWNER))).undecided


def test_what_nobody_can_tell_of_the_other_partition_is_undecided() -> None:
    unknown = {**_arn("aws-cn"), "StringEquals": {"aws:NobodyKnowsThisKey": "x"}}  # type: ignore[dict-item]
    (reason,) = reasons(verdict(allow("*", "ecr:BatchGetImage", unknown)))
    assert "in the partition `aws-cn`: whether statement 0 gives someone outside access depends on" in reason


def test_a_deny_may_spare_someone_in_another_partition() -> None:
    guard = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws-us-gov:iam::{OTHER}:*"}}
    assert reasons(verdict(allow("*"), deny("*", "*", guard)))


@pytest.mark.parametrize(
    "condition",
    [
        _arn("aws-cn", OWNER),
        _arn("aws-nowhere"),
        _arn("*", OWNER),
        {"ArnLike": {"aws:PrincipalArn": [f"arn:{one}:iam::{OWNER}:role/ci" for one in ("aws", "aws-cn")]}},
    ],
)
def test_what_lets_nobody_in_in_any_partition_is_compliant_without_a_region(condition: object) -> None:
    assert verdict(allow("*", "ecr:BatchGetImage", condition)).compliance is _COMPLIANT


def test_a_region_says_the_partition() -> None:
    in_china = policy(allow("*", "ecr:BatchGetImage", _arn("aws-cn")))
    assert judge(in_china, Repository(OWNER, region="cn-north-1"), trusting()).external
    assert Repository(OWNER, region="cn-north-1", partition="aws-us-gov").partition == "aws-us-gov"


def _registry(resource: str, effect: str = "Allow") -> dict[str, object]:
    return {**allow(account(OTHER)), "Effect": effect, "Resource": resource}


_IN_CHINA = f"arn:aws-cn:ecr:*:{OWNER}:repository/*"


@pytest.mark.parametrize("region, compliant", [(None, False), ("eu-west-1", True)])
def test_a_registry_policy_for_another_partition_is_undecided_without_a_region(
    region: str | None,
    compliant: bool,  # noqa: FBT001
) -> None:
    registry = policy(_registry(_IN_CHINA))
    whole = judge_registry(registry, Repository(OWNER, region=region), trusting())
    beside = judge(None, Repository(OWNER, "app", region), trusting(), registry=RegistryPolicy(registry))
    assert [_is_undecided(one) for one in (whole, beside)] == [not compliant] * 2


@pytest.mark.parametrize("region, external", [(None, False), ("eu-west-1", True)])
def test_a_deny_of_a_registry_policy_for_another_partition_may_close_without_a_region(
    region: str | None,
    external: bool,  # noqa: FBT001
) -> None:
    registry = RegistryPolicy(policy(_registry(_IN_CHINA, "Deny")))
    found = judge(policy(allow(account(OTHER))), Repository(OWNER, "app", region), trusting(), registry=registry)
    assert found.compliance is Compliance.NON_COMPLIANT
    assert found.external is external


def _is_undecided(found: Verdict) -> bool:
    assert not found.external
    assert (found.compliance is _COMPLIANT) is not bool(found.undecided)
    return bool(found.undecided)


_COMPLIANT = Compliance.COMPLIANT


def test_what_is_open_in_the_commercial_partition_is_told_as_it_is() -> None:
    found = verdict(allow("*", "ecr:PutImage", _arn("aws-cn")), allow(account(OTHER)))
    assert found.external
    assert not found.undecided
