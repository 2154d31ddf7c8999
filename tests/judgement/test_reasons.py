"""The sentences of a verdict."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Origin, Severity
from ecr_crossaccount.judgement.reasons import telling_action

from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, deny, reasons, verdict

LAMBDA = {"Service": "lambda.amazonaws.com"}
ORGANIZATION = {"StringLike": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


@pytest.mark.parametrize(
    "element, sentence",
    [
        (
            {**allow("*", "ecr:*"), "Sid": "AllowAll"},
            (
                "any AWS account can take over the repository, delete the repository, push, delete images and pull: "
                "statement `AllowAll` allows ecr:* to `*`, and nothing confines the caller"
            ),
        ),
        (
            allow(account(OTHER)),
            f"account {OTHER} can pull: statement 0 allows ecr:BatchGetImage to {OTHER}, and trust does not cover it",
        ),
        (
            allow(account(OTHER, THIRD, "444455556666"), "ecr:GetDownloadUrlForLayer"),
            (
                f"account {OTHER} can pull: statement 0 allows ecr:GetDownloadUrlForLayer to {OTHER}, {THIRD} "
                "and 1 more, and trust does not cover it"
            ),
        ),
        (
            allow(account(OTHER), ["ecr:DescribeImages", "ecr:ListImages", "ecr:Get*Policy", "ecr:GetImage*"]),
            (
                f"account {OTHER} can call DescribeImages, GetImageCopyStatus, GetLifecyclePolicy and 2 more: "
                "statement 0 allows ecr:DescribeImages, ecr:ListImages, ecr:Get*Policy and 1 more to "
                f"{OTHER}, and trust does not cover it"
            ),
        ),
        (
            allow("*", "ecr:ListImages", ORGANIZATION),
            (
                "any account of organization o-a1b2c3d4e5 can call ListImages: statement 0 allows ecr:ListImages to "
                "`*`, and its conditions on aws:PrincipalOrgID allow it, and trust does not cover it"
            ),
        ),
        (
            allow("*", "ecr:ListImages", {"StringEquals": {"aws:PrincipalTag/team": "x"}}),
            (
                "any AWS account can call ListImages: statement 0 allows ecr:ListImages to `*`, "
                "and its conditions on aws:PrincipalTag/team can be met from any account"
            ),
        ),
        (
            allow("*", condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            (
                "any AWS account from a network that the policy names can pull: statement 0 allows ecr:BatchGetImage "
                "to `*`, and its conditions on aws:SourceIp confine the network and not the account"
            ),
        ),
        (
            allow(LAMBDA, ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage"]),
            (
                "lambda.amazonaws.com, acting for any account, can pull and fill a pull-through cache: "
                "statement 0 allows ecr:BatchGetImage, ecr:BatchImportUpstreamImage to lambda.amazonaws.com, "
                "and no condition says which account the service may act for"
            ),
        ),
        (
            allow(LAMBDA, "ecr:ListImages", {"StringEquals": {"aws:SourceAccount": OTHER}}),
            (
                f"lambda.amazonaws.com, acting for account {OTHER}, can call ListImages: statement 0 allows "
                "ecr:ListImages to lambda.amazonaws.com, "
                "and its conditions on aws:SourceAccount do not confine the source to you"
            ),
        ),
        (
            {"Effect": "Allow", "NotPrincipal": {"AWS": OWNER}, "NotAction": "ecr:*Image*"},
            (
                "any AWS account can take over the repository, delete the repository and pull: statement 0 allows "
                "everything but ecr:*Image* to everyone that NotPrincipal does not name, "
                "and nothing confines the caller"
            ),
        ),
    ],
)
def test_a_grant_says_who_what_by_which_statement_and_why(element: object, sentence: str) -> None:
    assert verdict(element).grants[0].reason == sentence


GUARD = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
SPARED = {"Effect": "Deny", "NotPrincipal": LAMBDA, "Action": "*"}


@pytest.mark.parametrize(
    "allowed, denies, why",
    [
        (
            allow("*"),
            [deny("*", "*", {**GUARD, "Bool": {"aws:PrincipalIsAWSService": "true"}})],
            "and statement 1 (Deny) does not apply, because its condition on aws:PrincipalIsAWSService is not met",
        ),
        (
            allow("*"),
            [deny(account("*"), "*", {"StringEquals": {"aws:UserAgent": "a", "aws:Referer": "b"}})],
            "and statement 1 (Deny) does not apply, because its conditions on aws:UserAgent, aws:referer are not met",
        ),
        (
            allow("*", condition={"StringLike": {"aws:UserAgent": "docker*"}}),
            [deny("*", "*", {"StringLike": {"aws:UserAgent": "curl*"}})],
            (
                "and its conditions on aws:UserAgent can be met from any account; "
                "statement 1 (Deny) does not apply, because its condition on aws:UserAgent is not met"
            ),
        ),
        (
            allow("*"),
            [deny("*", "*", {"StringEquals": {"aws:PrincipalTag/team": "ci"}})],
            "and statement 1 (Deny) does not apply, because its condition on aws:PrincipalTag/team is not met",
        ),
        (
            allow("*"),
            [deny("*", "*", {"StringNotEquals": {"aws:NewKey": "x"}})],
            (
                "and statement 1 (Deny) does not count, "
                "because whether its condition on aws:NewKey is met cannot be decided"
            ),
        ),
        (
            allow(LAMBDA),
            [{**SPARED, "Sid": "AllButLambda"}],
            "and statement `AllButLambda` (Deny) does not apply to the principals that its NotPrincipal names",
        ),
        (
            allow(LAMBDA),
            [deny(account("*"))],
            "and statement 1 (Deny) does not count, because its `AWS`: `*` may not mean services",
        ),
        (
            allow(LAMBDA),
            [deny(LAMBDA, "*", {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalTag/x}"}})] * 3,
            (
                "and statement 1 (Deny) does not apply, because its condition on aws:SourceAccount is not met, "
                "statement 2 (Deny) does not apply, because its condition on aws:SourceAccount is not met and 1 more"
            ),
        ),
        (
            allow("*"),
            [{"Effect": "Deny", "NotPrincipal": {"AWS": "*"}, "Action": "*"}],
            "and statement 1 (Deny) does not apply to the principals that its NotPrincipal names",
        ),
        (
            allow("*"),
            [{"Effect": "Deny", "NotPrincipal": "*", "Action": "*"}],
            "and statement 1 (Deny) does not apply to the principals that its NotPrincipal names",
        ),
        (allow("*"), [deny("*", "*", {"Bool": {"aws:SecureTransport": "false"}})], "and nothing confines the caller"),
        (allow("*"), [deny(account(OTHER))], "and nothing confines the caller"),
        (allow("*"), [deny("*", "ecr:PutImage", GUARD)], "and nothing confines the caller"),
        (
            allow(LAMBDA),
            [deny({"Service": "codebuild.amazonaws.com"})],
            "and no condition says which account the service may act for",
        ),
    ],
)
def test_a_grant_names_the_deny_that_leaves_the_gap(allowed: object, denies: list[object], why: str) -> None:
    assert verdict(allowed, *denies).grants[0].reason.endswith(why)


@pytest.mark.parametrize(
    "elements, sentence",
    [
        (
            [allow(account("AROAEXAMPLEEXAMPLE123"))],
            "statement 0 names `AROAEXAMPLEEXAMPLE123`: the account of that principal cannot be determined",
        ),
        (
            [allow("*", "*", {"StringEquals": {"aws:NewKey": "x"}})],
            (
                "whether statement 0 gives someone outside access depends on aws:NewKey, "
                "whose value in a request from outside cannot be determined"
            ),
        ),
        (
            [allow(LAMBDA, "*", {"StringEquals": {"aws:SourceVpc": "x"}})],
            (
                "whether statement 0 gives an AWS service access depends on aws:SourceVpc, "
                "whose value in a request from outside cannot be determined"
            ),
        ),
        (
            [
                allow(account(OTHER)),
                deny("*", "*", {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}),
                deny("*", "*", {"NotIpAddress": {"aws:SourceIp": "8.8.8.0/24"}}),
            ],
            "whether statement 0 gives someone outside access depends on a Deny that cannot be decided",
        ),
        (
            [
                allow(LAMBDA, "*", {"DateGreaterThan": {"aws:CurrentTime": "2001-01-01"}}),
                deny("*", "*", {"NotIpAddress": {"aws:SourceIp": "8.8.8.0/24"}}),
            ],
            "whether statement 0 gives an AWS service access depends on a Deny that cannot be decided",
        ),
        (
            [
                allow(
                    LAMBDA,
                    "*",
                    {"Null": {"aws:SourceAccount": "true"}, "StringEquals": {"aws:SourceArn": "arn:aws:s3:::b"}},
                )
            ],
            (
                "whether statement 0 gives an AWS service access depends on aws:SourceArn, "
                "whose value in a request from outside cannot be determined"
            ),
        ),
        (
            [allow(LAMBDA, "*", {"StringNotLike": {"sts:ExternalId": "x"}, "StringEquals": {"aws:NewKey": "x"}})],
            (
                "whether statement 0 gives an AWS service access depends on aws:NewKey, "
                "whose value in a request from outside cannot be determined"
            ),
        ),
        (
            [allow(LAMBDA, ["ecr:PutImage", "ecr:TagResource"], {"Null": {"aws:RequestTag/team": "true"}})],
            (
                "whether statement 0 lets an AWS service call TagResource depends on aws:RequestTag/team, "
                "whose value in a request from outside cannot be determined"
            ),
        ),
    ],
)
def test_a_doubt_says_on_what_it_hangs(elements: list[object], sentence: str) -> None:
    assert reasons(verdict(*elements)) == [sentence]


def test_a_deleted_principal_of_a_deployed_policy_is_a_note() -> None:
    found = verdict(allow(account("AIDAEXAMPLEEXAMPLE123")), origin=Origin.DEPLOYED)
    assert found.notes == (
        "stale principal: statement 0 names `AIDAEXAMPLEEXAMPLE123`, which was deleted and grants nothing",
    )
    assert found.grants == ()


@pytest.mark.parametrize(
    "element, worst",
    [
        (allow("*", "ecr:PutImage"), Severity.CRITICAL),
        (allow(account(OTHER), "ecr:SomethingNew"), Severity.CRITICAL),
        (allow("*", "ecr:BatchGetImage"), Severity.HIGH),
        (allow(LAMBDA, "ecr:PutImage"), Severity.HIGH),
        (allow(account(OTHER)), Severity.MEDIUM),
        (allow("*", "ecr:BatchGetImage", ORGANIZATION), Severity.MEDIUM),
        (allow(LAMBDA), Severity.MEDIUM),
        (allow("*", "ecr:DescribeRepositories"), Severity.LOW),
        (allow("*", "*", {"StringEquals": {"aws:NewKey": "x"}}), Severity.MEDIUM),
        ({"Effect": "Allow"}, Severity.MEDIUM),
        (deny("*"), None),
    ],
)
def test_the_severity_of_the_worst(element: object, worst: Severity | None) -> None:
    assert verdict(element).severity is worst


def test_a_witness_shows_the_action_that_the_reason_begins_with() -> None:
    (grant, *_) = verdict(allow("*", ["ecr:PutImage", "ecr:TagResource"], {"Null": {"aws:TagKeys": "true"}})).grants
    assert grant.reason.startswith("any AWS account can push:")
    assert grant.witness.action == "ecr:PutImage"


def test_an_approval_for_less_has_not_expired() -> None:
    found = verdict(allow(account(OTHER), "ecr:PutImage"), trust=[{"account": OTHER}])
    assert [one.reason for one in found.grants if "expired" in one.reason] == []


def test_a_deny_that_excepts_others_is_told_by_its_condition() -> None:
    apart = {"Effect": "Deny", "NotPrincipal": account(OTHER), "Action": "*"}
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    found = verdict(allow("*"), {**apart, "Condition": condition})
    why = "statement 1 (Deny) does not apply, because its condition on aws:PrincipalOrgID is not met"
    assert all(why in one.reason for one in found.grants), reasons(found)


def test_a_witness_shows_the_organization_of_its_caller_and_his_place_in_it() -> None:
    everybody_of_it = allow("*", condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
    context = verdict(everybody_of_it).grants[0].witness.context
    assert context["aws:PrincipalOrgID"] == "o-a1b2c3d4e5"
    assert [path.partition("/")[0] for path in context["aws:PrincipalOrgPaths"]] == ["o-a1b2c3d4e5"]


@pytest.mark.parametrize(
    "names, shown",
    [
        (("ecr:BatchGetImage", "ecr:PutImage", "ecr:ListImages"), "ecr:PutImage"),
        (("ecr:GetAuthorizationToken", "ecr:TagResource", "ecr:ListImages"), "ecr:ListImages"),
    ],
)
def test_an_action_that_says_most_stands_for_several_and_else_the_last(names: tuple[str, ...], shown: str) -> None:
    assert telling_action(names) == shown


def test_a_doubt_about_a_name_says_which_name_may_be_a_services() -> None:
    host = {"StringEqualsIgnoreCase": {"aws:PrincipalServiceName": "Lambda.C2S.ic.gov"}}
    found = verdict(allow("*", "ecr:BatchGetImage", host))
    (reason,) = reasons(found)
    assert reason.endswith("access depends on `lambda.c2s.ic.gov`, which may be the name of a service")
    named = verdict(
        allow({"Service": "lambda.c2s.ic.gov"}), deny("*", "*", {"StringEquals": {"aws:SourceVpc": "vpc-1"}})
    )
    assert reasons(named) == [
        "whether statement 0 gives an AWS service access depends on a Deny that cannot be decided"
    ]


def test_of_actions_that_say_little_a_witness_shows_the_last() -> None:
    little = ["ecr:ListImages", "ecr:DescribeImages", "ecr:ListTagsForResource"]
    (plain,) = verdict(allow(account(OTHER), little)).grants
    (searched,) = verdict(allow(account(OTHER), little, {"Bool": {"aws:SecureTransport": "true"}})).grants
    assert plain.witness.action == searched.witness.action == plain.actions[-1]


@pytest.mark.parametrize("name", ["Federated", "CanonicalUser"])
def test_a_kind_of_principal_that_only_other_policies_have_is_named(name: str) -> None:
    (found,) = verdict(allow({name: "x"})).invalid
    assert found.reason == f"{name} principals are not supported in a repository policy: expected AWS or Service"


def test_a_severity_keeps_its_number_which_audits_store() -> None:
    assert [(one.name, one.value) for one in Severity] == [("LOW", 1), ("MEDIUM", 2), ("HIGH", 3), ("CRITICAL", 4)]
