"""The sentences of a verdict."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Origin, Severity
from ecr_crossaccount.judgement.reasons import telling_action

from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, deny, reasons, verdict
from tests.wording import sentence

LAMBDA = {"Service": "lambda.amazonaws.com"}
ORGANIZATION = {"StringLike": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


@pytest.mark.parametrize(
    "element, sentence",
    [
        (
            {**allow("*", "ecr:*"), "Sid": "AllowAll"},
            sentence("reasons.any_aws_account"),
        ),
        (
            allow(account(OTHER)),
            sentence("exchanges.account_can_pull", other=OTHER),
        ),
        (
            allow(account(OTHER, THIRD, "444455556666"), "ecr:GetDownloadUrlForLayer"),
            sentence("exchanges.account_can_pull_more", other=OTHER, third=THIRD),
        ),
        (
            allow(account(OTHER), ["ecr:DescribeImages", "ecr:ListImages", "ecr:Get*Policy", "ecr:GetImage*"]),
            sentence("exchanges.account_can_call", other=OTHER),
        ),
        (
            allow("*", "ecr:ListImages", ORGANIZATION),
            sentence("reasons.any_account_organization"),
        ),
        (
            allow("*", "ecr:ListImages", {"StringEquals": {"aws:PrincipalTag/team": "x"}}),
            sentence("reasons.any_aws_account_call"),
        ),
        (
            allow("*", condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            sentence("problem.any_aws_account_can"),
        ),
        (
            allow(LAMBDA, ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage"]),
            sentence("reasons.lambda_amazonaws_com"),
        ),
        (
            allow(LAMBDA, "ecr:ListImages", {"StringEquals": {"aws:SourceAccount": OTHER}}),
            sentence("reasons.lambda_amazonaws_com_call", other=OTHER),
        ),
        (
            {"Effect": "Allow", "NotPrincipal": {"AWS": OWNER}, "NotAction": "ecr:*Image*"},
            sentence("reasons.any_aws_account_everything"),
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
            sentence("reasons.statement_deny_does_not_apply"),
        ),
        (
            allow("*"),
            [deny(account("*"), "*", {"StringEquals": {"aws:UserAgent": "a", "aws:Referer": "b"}})],
            sentence("reasons.statement_deny_does_conditions"),
        ),
        (
            allow("*", condition={"StringLike": {"aws:UserAgent": "docker*"}}),
            [deny("*", "*", {"StringLike": {"aws:UserAgent": "curl*"}})],
            sentence("reasons.conditions_aws_useragent"),
        ),
        (
            allow("*"),
            [deny("*", "*", {"StringEquals": {"aws:PrincipalTag/team": "ci"}})],
            sentence("reasons.statement_deny_does_principaltag"),
        ),
        (
            allow("*"),
            [deny("*", "*", {"StringNotEquals": {"aws:NewKey": "x"}})],
            sentence("reasons.statement_deny_does_count"),
        ),
        (
            allow(LAMBDA),
            [{**SPARED, "Sid": "AllButLambda"}],
            sentence("reasons.statement_allbutlambda_deny"),
        ),
        (
            allow(LAMBDA),
            [deny(account("*"))],
            sentence("reasons.statement_deny_does_may"),
        ),
        (
            allow(LAMBDA),
            [deny(LAMBDA, "*", {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalTag/x}"}})] * 3,
            sentence("reasons.statement_deny_does_sourceaccount"),
        ),
        (
            allow("*"),
            [{"Effect": "Deny", "NotPrincipal": {"AWS": "*"}, "Action": "*"}],
            sentence("reasons.statement_deny_does_principals"),
        ),
        (
            allow("*"),
            [{"Effect": "Deny", "NotPrincipal": "*", "Action": "*"}],
            sentence("reasons.statement_deny_does_principals"),
        ),
        (
            allow("*"),
            [deny("*", "*", {"Bool": {"aws:SecureTransport": "false"}})],
            sentence("reasons.nothing_confines_caller"),
        ),
        (allow("*"), [deny(account(OTHER))], sentence("reasons.nothing_confines_caller")),
        (allow("*"), [deny("*", "ecr:PutImage", GUARD)], sentence("reasons.nothing_confines_caller")),
        (
            allow(LAMBDA),
            [deny({"Service": "codebuild.amazonaws.com"})],
            sentence("reasons.no_condition_says_account"),
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
            sentence("reasons.statement_names_account"),
        ),
        (
            [allow("*", "*", {"StringEquals": {"aws:NewKey": "x"}})],
            sentence("reasons.whether_statement_gives"),
        ),
        (
            [allow(LAMBDA, "*", {"StringEquals": {"aws:SourceVpc": "x"}})],
            sentence("reasons.whether_statement_gives_service"),
        ),
        (
            [
                allow(account(OTHER)),
                deny("*", "*", {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}),
                deny("*", "*", {"NotIpAddress": {"aws:SourceIp": "8.8.8.0/24"}}),
            ],
            sentence("reasons.whether_statement_gives_deny"),
        ),
        (
            [
                allow(LAMBDA, "*", {"DateGreaterThan": {"aws:CurrentTime": "2001-01-01"}}),
                deny("*", "*", {"NotIpAddress": {"aws:SourceIp": "8.8.8.0/24"}}),
            ],
            sentence("reasons.whether_statement_gives_aws"),
        ),
        (
            [
                allow(
                    LAMBDA,
                    "*",
                    {"Null": {"aws:SourceAccount": "true"}, "StringEquals": {"aws:SourceArn": "arn:aws:s3:::b"}},
                )
            ],
            sentence("reasons.whether_statement_gives_sourcearn"),
        ),
        (
            [allow(LAMBDA, "*", {"StringNotLike": {"sts:ExternalId": "x"}, "StringEquals": {"aws:NewKey": "x"}})],
            sentence("reasons.whether_statement_gives_aws_service"),
        ),
        (
            [allow(LAMBDA, ["ecr:PutImage", "ecr:TagResource"], {"Null": {"aws:RequestTag/team": "true"}})],
            sentence("reasons.whether_statement_lets"),
        ),
    ],
)
def test_a_doubt_says_on_what_it_hangs(elements: list[object], sentence: str) -> None:
    assert reasons(verdict(*elements)) == [sentence]


def test_a_deleted_principal_of_a_deployed_policy_is_a_note() -> None:
    found = verdict(allow(account("AIDAEXAMPLEEXAMPLE123")), origin=Origin.DEPLOYED)
    assert found.notes == (sentence("reasons.stale_principal_statement"),)
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
    why = sentence("reasons.statement_deny_does")
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
    assert reason.endswith(sentence("reasons.access_depends_lambda"))
    named = verdict(
        allow({"Service": "lambda.c2s.ic.gov"}), deny("*", "*", {"StringEquals": {"aws:SourceVpc": "vpc-1"}})
    )
    assert reasons(named) == [sentence("reasons.whether_statement_gives_aws")]


def test_of_actions_that_say_little_a_witness_shows_the_last() -> None:
    little = ["ecr:ListImages", "ecr:DescribeImages", "ecr:ListTagsForResource"]
    (plain,) = verdict(allow(account(OTHER), little)).grants
    (searched,) = verdict(allow(account(OTHER), little, {"Bool": {"aws:SecureTransport": "true"}})).grants
    assert plain.witness.action == searched.witness.action == plain.actions[-1]


@pytest.mark.parametrize("name", ["Federated", "CanonicalUser"])
def test_a_kind_of_principal_that_only_other_policies_have_is_named(name: str) -> None:
    (found,) = verdict(allow({name: "x"})).invalid
    assert found.reason == sentence("elements.principals_not_supported_repository", name=name)


def test_a_severity_keeps_its_number_which_audits_store() -> None:
    assert [(one.name, one.value) for one in Severity] == [("LOW", 1), ("MEDIUM", 2), ("HIGH", 3), ("CRITICAL", 4)]
