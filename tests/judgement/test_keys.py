"""Condition keys one by one: what an outside caller can do with them, and what cannot be determined."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest
from ecr_crossaccount import Compliance, Kind, Origin, Repository, Trust, judge
from ecr_crossaccount.judgement.context.typed_domains import Addresses

from tests.judgement.policies import DAY, OTHER, OWNER, account, allow, deny, policy, reasons, verdict

LAMBDA = {"Service": "lambda.amazonaws.com"}


def outsiders(condition: object) -> list[tuple[Kind, str]]:
    """Return the kind of each grant under a condition, and the principal of its witness."""
    found = verdict(allow("*", "ecr:BatchGetImage", condition), region="eu-west-1")
    return [(one.kind, one.witness.principal) for one in found.grants if one.kind is not Kind.SERVICE]


# --- the principal ---


@pytest.mark.parametrize(
    "pattern, fits",
    [
        ("arn:aws:iam::2*:root", ":root"),
        ("arn:aws:iam::2*:user/ci", ":user/ci"),
        ("arn:aws:iam::2*:role/ci", ":role/ci"),
        ("arn:aws:sts::2*:federated-user/ci", ":federated-user/ci"),
    ],
)
def test_every_sort_of_principal_of_an_account_that_a_wildcard_admits(pattern: str, fits: str) -> None:
    ((kind, principal),) = outsiders({"StringLike": {"aws:PrincipalArn": pattern}})
    assert kind is Kind.ACCOUNT
    assert principal.endswith(fits)
    assert principal.split(":")[4].startswith("2")


@pytest.mark.parametrize(
    "key, value, fits",
    [
        ("aws:username", "ci", ":user/ci"),
        ("aws:userid", "2????????????*", ""),
        ("aws:userid", "*:ci", ":role/"),
        ("aws:userid", "222233334444:c*", ":federated-user/c"),
        ("aws:userid", "22223333*:c*", ""),
        ("aws:PrincipalType", "Account", ":root"),
        ("aws:PrincipalType", "FederatedUser", ":federated-user/"),
    ],
)
def test_keys_that_show_the_same_principal_move_together(key: str, value: str, fits: str) -> None:
    found = outsiders({"StringLike": {"aws:PrincipalAccount": "2*", key: value}})
    assert all(fits in principal for _, principal in found)


def test_an_id_that_starts_with_an_account_number_is_that_accounts() -> None:
    ((kind, principal),) = outsiders({"StringLike": {"aws:userid": f"{OTHER}:c*"}})
    assert (kind, principal[:40]) == (Kind.ACCOUNT, f"arn:aws:sts::{OTHER}:federated-user/c"[:40])
    assert outsiders({"StringLike": {"aws:userid": f"{OWNER}:c*"}}) == []


def test_a_witness_shows_one_account_and_one_name_of_its_caller() -> None:
    found = verdict(allow("*", "ecr:BatchGetImage", {"StringLike": {"aws:PrincipalArn": "arn:aws:sts::2*:*/ci"}}))
    shown = found.grants[0].witness.context
    number = shown["aws:PrincipalAccount"]
    assert shown["aws:PrincipalArn"] == f"arn:aws:sts::{number}:federated-user/ci"
    assert shown["aws:userid"] == f"{number}:ci"


def test_an_account_of_which_nothing_is_asked_is_shown_by_a_number() -> None:
    guard = {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringLike": {"aws:PrincipalAccount": "2*"}}
    found = verdict(
        allow("*", "ecr:BatchGetImage", {"StringEquals": {"aws:PrincipalOrgID": "o-partner1234"}}),
        deny("*", "*", guard),
    )
    numbers = {str(one.witness.context["aws:PrincipalAccount"]) for one in found.grants}
    assert numbers
    assert all(len(number) == 12 and number.isdecimal() for number in numbers)


def test_what_fails_without_a_deny_fails_with_it() -> None:
    block = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::333344445555:role/*"}}
    guard = deny("*", "ecr:PutImage", {"Bool": {"aws:SecureTransport": "false"}})
    found = verdict(allow(account(OTHER), ["ecr:BatchGetImage", "ecr:PutImage"], block), guard)
    assert found.compliance is Compliance.COMPLIANT


def test_a_federated_users_id_of_an_account_that_is_not_known_is_undecided() -> None:
    arn = "arn:aws:sts::2*:federated-user/ci"
    found = verdict(allow("*", "*", {"StringLike": {"aws:PrincipalArn": arn, "aws:userid": "2*:ci"}}))
    assert reasons(found)


_ROLE = {"AWS": f"arn:aws:iam::{OTHER}:role/ci"}
_ALWAYS = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalType",
    "aws:userid",
    "aws:ResourceAccount",
    "aws:ViaAWSService",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:RequestedRegion",
    "aws:SecureTransport",
]
_NEVER = [
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:username",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:IsMcpServiceAction",
    "s3:x",
    "kms:x",
    "sts:x",
    "iam:x",
    "dynamodb:x",
]
_SOMETIMES = [
    "aws:PrincipalOrgPaths",
    "aws:PrincipalOrgID",
    "aws:PrincipalTag/x",
    "aws:AssumedRoot",
    "aws:FederatedProvider",
    "aws:TokenIssueTime",
    "aws:SignInSessionArn",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:ChatbotSourceArn",
    "aws:Ec2InstanceSourceVpc",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:SourceIdentity",
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "glue:RoleAssumedBy",
    "glue:CredentialIssuingService",
    "codebuild:BuildArn",
    "codebuild:ProjectArn",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
    "identitystore:UserId",
    "saml:namequalifier",
    "saml:sub",
    "saml:sub_type",
    "token.actions.githubusercontent.com:sub",
    "id.example.com:sub",
    "id.example.com:aud",
    "id.example.com:amr",
    "id.example.com:id",
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:VpcSourceIp",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:CalledViaAWSMCP",
    "aws:referer",
    "aws:RequestTag/x",
    "aws:TagKeys",
]


@pytest.mark.parametrize("key", [*_ALWAYS, *_NEVER, *_SOMETIMES])
def test_which_keys_a_call_of_a_role_has_always_never_or_as_the_caller_likes(key: str) -> None:
    absent, present = (
        verdict(allow(_ROLE, "ecr:TagResource", {"Null": {key: is_null}})).external for is_null in ("true", "false")
    )
    assert absent is (key not in _ALWAYS)
    assert present is (key not in _NEVER)


def test_the_root_user_has_no_tags() -> None:
    assert outsiders({"StringLike": {"aws:PrincipalType": "Account", "aws:PrincipalTag/x": "*"}}) == []


@pytest.mark.parametrize(
    "key", ["ec2:SourceInstanceArn", "lambda:SourceFunctionArn", "aws:FederatedProvider", "aws:AssumedRoot"]
)
def test_keys_of_a_session_under_an_account_pattern_are_not_searched_together(key: str) -> None:
    found = verdict(allow("*", "*", {"StringLike": {"aws:PrincipalAccount": "2*"}, "Null": {key: "false"}}))
    assert found.external or found.undecided


@pytest.mark.parametrize(
    "value, inside",
    [
        (f"arn:aws:iam::{OWNER}:saml-provider/x", True),
        (f"arn:aws:iam::{OTHER}:saml-provider/x", False),
        ("accounts.google.com", False),
    ],
)
def test_an_identity_provider_belongs_to_the_callers_account(value: str, inside: bool) -> None:  # noqa: FBT001
    found = verdict(allow("*", "ecr:BatchGetImage", {"StringEquals": {"aws:FederatedProvider": value}}))
    assert found.external is not inside


# --- principals that a Deny or NotPrincipal excludes ---


def test_not_principal_exempts_a_session_only_with_its_role_and_a_user_with_his_federated_sessions() -> None:
    session = f"arn:aws:sts::{OTHER}:assumed-role/ci/build"
    user = f"arn:aws:iam::{OTHER}:user/ci"
    guard = {"Effect": "Deny", "NotPrincipal": {"AWS": [session, user, OWNER]}, "Action": "*"}
    found = verdict(allow(account(OTHER)), guard)
    assert found.external
    assert found.grants[0].witness.principal in (user, f"arn:aws:iam::{OTHER}:role/ci")
    only = {"Effect": "Deny", "NotPrincipal": {"AWS": [OWNER]}, "Action": "*"}
    assert not verdict(allow(account(OTHER)), only).external


def test_not_principal_in_an_allow_leaves_out_those_whom_it_names() -> None:
    session = f"arn:aws:sts::{OTHER}:assumed-role/ci/build"
    everybody = {"Effect": "Allow", "NotPrincipal": {"AWS": "*"}, "Action": "ecr:*"}
    assert not verdict(everybody).external
    assert verdict(everybody).service, "a service is no AWS principal"
    role = f"arn:aws:iam::{OTHER}:role/ci"
    but_two = {"Effect": "Allow", "NotPrincipal": {"AWS": [session, role]}, "Action": "ecr:*"}
    assert verdict({**but_two, "Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}}).external
    assert not verdict({**but_two, "Condition": {"ArnEquals": {"aws:PrincipalArn": role}}}).external


# --- values of other types on keys that hold text ---


@pytest.mark.parametrize(
    "operator, value, shown",
    [
        ("NumericGreaterThan", "41.5", "42"),
        ("NumericEquals", ["7"], "7"),
        ("DateGreaterThan", "2026-01-31T00:00:00Z", "2026-01-31T00:00:01Z"),
        ("DateLessThan", "2026-01-31T00:00:00Z", "2026-01-30T23:59:59Z"),
        ("Bool", "true", "true"),
        ("Bool", "false", "false"),
    ],
)
def test_a_tag_may_hold_whatever_an_operator_reads(operator: str, value: object, shown: str) -> None:
    found = verdict(allow("*", "ecr:BatchGetImage", {operator: {"aws:PrincipalTag/x": value}}))
    assert found.public
    assert {"aws:PrincipalTag/x": shown}.items() <= dict(found.grants[0].witness.context).items()


@pytest.mark.parametrize("text", ["QUJD", "ABC", "x"])
def test_what_base64_says_of_a_text_is_not_known(text: str) -> None:
    binary = {"BinaryEquals": {"aws:PrincipalTag/x": "QUJD"}}
    given = {"StringEquals": {"aws:PrincipalTag/x": text}}
    assert reasons(verdict(allow(account(OTHER), "ecr:BatchGetImage", {**binary, **given})))
    assert verdict(allow(account(OTHER), "ecr:BatchGetImage", given), deny("*", "*", binary)).external


def test_a_tag_may_hold_an_address() -> None:
    inside = {"IpAddress": {"aws:PrincipalTag/x": "203.0.113.0/24"}}
    outside = {"NotIpAddress": {"aws:PrincipalTag/x": "203.0.113.0/24"}}
    assert verdict(allow("*", "ecr:BatchGetImage", inside)).public
    assert verdict(allow("*", "ecr:BatchGetImage", outside)).public
    both = {**inside, **outside}
    assert not verdict(allow("*", "ecr:BatchGetImage", both)).external


def test_tests_of_two_types_on_one_tag_are_met_together() -> None:
    key = "aws:PrincipalTag/x"
    met = {"NumericGreaterThan": {key: "10"}, "StringLike": {key: "1*"}, "StringNotEquals": {key: "12"}}
    assert verdict(allow("*", "ecr:BatchGetImage", met)).external
    never = {"NumericEquals": {key: "10"}, "StringEquals": {key: "eleven"}}
    assert not verdict(allow("*", "ecr:BatchGetImage", never)).external
    apart = {"StringEquals": {key: "a"}, "StringEqualsIfExists": {key: "b"}, "NumericEquals": {key: "5"}}
    assert not verdict(allow("*", "ecr:BatchGetImage", apart)).external
    unknown = {"StringNotLike": {key: "*"}, "Null": {key: "false"}}
    assert not verdict(allow("*", "ecr:BatchGetImage", unknown)).external


# --- the network path of the request ---


@pytest.mark.parametrize(
    "block, gets_in",
    [
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
        ({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}, True),
        ({"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}}, True),  # through a VPC endpoint
        ({"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}, "Null": {"aws:SourceIp": "false"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "fc00::/7"]}}, False),
        ({"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}, True),
        ({"IpAddress": {"aws:SourceIp": "2001:db8::/32"}, "NotIpAddress": {"aws:SourceIp": "2001:db8::/33"}}, True),
        ({"StringLike": {"aws:SourceIp": "203.0.113.*"}}, True),
        ({"StringEquals": {"aws:SourceIp": "203.0.113.9"}}, True),
        ({"StringEquals": {"aws:SourceIp": "nowhere"}}, False),
    ],
)
def test_an_address_is_chosen(block: object, gets_in: bool) -> None:  # noqa: FBT001
    assert verdict(allow(account(OTHER), "ecr:BatchGetImage", block)).external is gets_in


@pytest.mark.parametrize(
    "block",
    [
        {"IpAddress": {"aws:SourceIp": "2001:db8::1/32"}},
        {"IpAddress": {"aws:SourceIp": "2001:db8::1"}},
        {"IpAddress": {"aws:SourceIp": "100.64.0.0/10"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Null": {"aws:SourceVpc": "false"}},
    ],
)
def test_an_address_that_nobody_can_vouch_for_is_undecided(block: object) -> None:
    found = verdict(allow(account(OTHER), "ecr:BatchGetImage", block))
    assert not found.external
    assert len(found.undecided) == 1


@pytest.mark.parametrize("pattern, grantee", [("2222*", "222277777777"), ("22223333444?", "222233334447")])
def test_the_id_of_an_account_s_root_is_its_number(pattern: str, grantee: str) -> None:
    like = verdict(allow("*", "ecr:BatchGetImage", {"StringLike": {"aws:userid": pattern}}))
    unlike = verdict(allow("*"), deny("*", "*", {"StringNotLike": {"aws:userid": pattern}}))
    for found in (like, unlike):
        assert grantee in [one.grantee for one in found.grants]


def test_an_age_that_is_written_with_zeros_before_it_is_undecided() -> None:
    found = verdict(allow(account(OTHER), "ecr:BatchGetImage", {"StringEquals": {"aws:MultiFactorAuthAge": "077"}}))
    assert not found.external
    assert found.undecided


def test_a_private_address_of_an_instance_is_chosen() -> None:
    key = "aws:Ec2InstanceSourcePrivateIPv4"
    assert verdict(allow("*", "ecr:BatchGetImage", {"IpAddress": {key: "10.0.0.0/8"}})).public
    assert verdict(allow("*", "ecr:BatchGetImage", {"Null": {key: "true"}})).public
    of_six = verdict(allow(account(OTHER), "ecr:BatchGetImage", {"IpAddress": {key: "2001:db8::/32"}}))
    assert of_six.compliance is Compliance.COMPLIANT


@pytest.mark.parametrize(
    "block, gets_in",
    [
        ({"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "9999-12-31T23:59:59Z"}}, False),
        ({"DateEquals": {"aws:CurrentTime": "0001-01-01T00:00:00Z"}}, False),
        ({"NumericGreaterThan": {"aws:EpochTime": "1900000000"}}, True),
        ({"NumericLessThan": {"aws:EpochTime": "-5"}}, False),
        ({"NumericGreaterThan": {"aws:EpochTime": "9" * 30}}, False),
        ({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01"}}, True),
        ({"Null": {"aws:TokenIssueTime": "true"}}, True),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, True),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "0"}}, False),
        ({"StringEquals": {"aws:MultiFactorAuthAge": "77"}}, True),
        ({"StringEquals": {"aws:MultiFactorAuthAge": "0"}}, True),
    ],
)
def test_time_runs_from_today_on(block: object, gets_in: bool) -> None:  # noqa: FBT001
    found = verdict(allow(account(OTHER), "ecr:BatchGetImage", block))
    assert (found.external, found.undecided) == (gets_in, ())


def test_a_string_operator_on_a_moment_is_undecided() -> None:
    found = verdict(allow(account(OTHER), "ecr:BatchGetImage", {"StringLike": {"aws:CurrentTime": "2027-*"}}))
    assert not found.external
    assert len(found.undecided) == 1


# --- services ---


@pytest.mark.parametrize(
    "block, acts",
    [
        ({"StringLike": {"aws:SourceAccount": "2*"}}, True),
        ({"StringNotLike": {"aws:SourceArn": f"arn:aws:lambda:*:{OWNER}:*"}}, True),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:lambda:*:{OWNER}:function:*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:2*:function:*"}}, True),
        ({"StringLike": {"aws:SourceArn": "arn:aws:sns:*3333:*"}}, True),
        ({"StringEquals": {"aws:SourceArn": "${aws:SourceArn}"}}, True),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:*:{OTHER}:function:*"}}, True),
        ({"StringLike": {"aws:SourceOrgID": "o-a*"}}, True),
        ({"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}, True),
        ({"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}}, True),
        ({"StringEquals": {"aws:PrincipalServiceName": "lambda.amazonaws.com"}}, True),
        ({"StringLike": {"aws:PrincipalServiceName": "ec?.amazonaws.com"}}, False),
        ({"ForAnyValue:StringEquals": {"aws:PrincipalServiceNamesList": "lambda.amazonaws.com"}}, True),
        ({"Null": {"aws:PrincipalServiceNamesList": "true"}}, False),
    ],
)
def test_a_service_acts_for_outside_accounts(block: object, acts: bool) -> None:  # noqa: FBT001
    assert verdict(allow(LAMBDA, "ecr:BatchGetImage", block)).service is acts


@pytest.mark.parametrize(
    "block",
    [
        {"ForAllValues:StringEquals": {"aws:PrincipalServiceNamesList": "lambda.amazonaws.com"}},
        {"ForAnyValue:StringEquals": {"aws:PrincipalServiceNamesList": "lambda.eu-west-1.amazonaws.com"}},
        {"StringEquals": {"aws:PrincipalServiceNamesList": "lambda.amazonaws.com"}},
        {"StringLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}},
        {"StringEquals": {"aws:SourceIp": "203.0.113.9"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": "x"}, "Null": {"aws:TagKeys": "false"}},
    ],
)
def test_what_cannot_be_told_of_a_service_is_undecided(block: object) -> None:
    found = verdict(allow(LAMBDA, ["ecr:BatchGetImage", "ecr:TagResource"], block))
    assert not found.service
    assert found.undecided


def test_any_service_is_tried_by_the_patterns_of_its_name() -> None:
    block = {"StringLike": {"aws:PrincipalServiceName": "codep*.amazonaws.com"}}
    found = verdict(allow("*", "ecr:BatchGetImage", block))
    assert (found.external, found.service) == (False, True)
    assert found.grants[0].witness.principal.startswith("codep")


# --- tags ---


def test_tags_of_the_repository_count_only_where_the_policy_asks_for_them() -> None:
    text = '{"Version": "2012-10-17", "Statement": [%s]}'
    plain = text % '{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}'
    tagged = Repository(OWNER, tags={"team": "ci"})
    assert judge(plain, tagged, Trust.nobody()) is judge(plain, Repository(OWNER, tags={"team": "x"}), Trust.nobody())
    block = '"Condition": {"StringEquals": {"aws:ResourceTag/team": "ci"}}'
    asking = text % ('{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", ' + block + "}")
    assert judge(asking, tagged, Trust.nobody()).public
    assert not judge(asking, Repository(OWNER, tags={"team": "x"}), Trust.nobody()).external
    assert judge(asking, Repository(OWNER), Trust.nobody(), Origin.DEPLOYED).undecided


@pytest.mark.parametrize(
    "action, block, gets_in",
    [
        ("ecr:TagResource", {"StringEquals": {"aws:RequestTag/team": "ci"}}, True),
        ("ecr:TagResource", {"StringEquals": {"aws:RequestTag/team": "ci", "aws:RequestTag/TEAM2": "x"}}, True),
        (
            "ecr:TagResource",
            {"StringEquals": {"aws:RequestTag/team": "ci"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
            True,
        ),
        (
            "ecr:TagResource",
            {"StringEquals": {"aws:RequestTag/team": "ci"}, "ForAnyValue:StringLike": {"aws:TagKeys": ["a*"]}},
            True,
        ),
        (
            "ecr:TagResource",
            {"Null": {"aws:RequestTag/team": "true"}, "ForAnyValue:StringLike": {"aws:TagKeys": ["a*"]}},
            True,
        ),
        ("ecr:TagResource", {"Null": {"aws:TagKeys": "true"}}, True),
        (
            "ecr:TagResource",
            {"StringEquals": {"aws:RequestTag/team": "ci"}, "StringNotLike": {"aws:RequestTag/team": "c*"}},
            False,
        ),
        ("ecr:UntagResource", {"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}, True),
        ("ecr:UntagResource", {"StringEquals": {"aws:RequestTag/team": "ci"}}, False),
        ("ecr:BatchGetImage", {"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}, False),
        ("ecr:BatchGetImage", {"Null": {"aws:TagKeys": "true"}}, True),
        ("ecr:BatchGetImage", {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, True),
        (
            "ecr:BatchGetImage",
            {
                "ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"},
                "ForAllValues:StringLike": {"aws:CalledVia": "b*"},
            },
            False,
        ),
    ],
)
def test_a_call_carries_the_tags_that_its_action_takes(action: str, block: object, gets_in: bool) -> None:  # noqa: FBT001
    assert verdict(allow(account(OTHER), action, block)).external is gets_in


@pytest.mark.parametrize(
    "block",
    [
        {"StringEquals": {"aws:RequestTag/team": "ci"}, "Null": {"aws:TagKeys": "true"}},
        {"Null": {"aws:RequestTag/team": "true"}, "ForAnyValue:StringEquals": {"aws:TagKeys": "team"}},
    ],
)
def test_a_tag_without_its_name_or_a_name_without_its_tag_is_undecided(block: object) -> None:
    found = verdict(allow(account(OTHER), "ecr:TagResource", block))
    assert not found.external
    assert len(found.undecided) == 1


# --- variables ---


@pytest.mark.parametrize(
    "block, gets_in",
    [
        ({"StringEquals": {"aws:PrincipalTag/a": "${aws:PrincipalTag/b}"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/a": "${aws:PrincipalTag/a}x"}}, False),
        (
            {
                "StringNotEquals": {"aws:PrincipalTag/a": "${aws:PrincipalTag/b}"},
                "Null": {"aws:PrincipalTag/b": "true", "aws:PrincipalTag/a": "false"},
            },
            True,
        ),
        ({"StringEquals": {"aws:PrincipalTag/owner": "${aws:PrincipalAccount}"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalTag/owner}"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}, False),
        ({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/${aws:username}"}}, True),
        ({"StringLike": {"aws:PrincipalArn": "*/${aws:PrincipalTag/role}", "aws:PrincipalTag/role": "ci*"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/a": "${aws:SourceAccount, 'none'}"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/a": "${aws:PrincipalOrgPaths, 'none'}"}}, False),
        ({"StringEquals": {"aws:SourceVpc": "${aws:PrincipalTag/vpc}", "aws:PrincipalTag/vpc": "vpc-1"}}, True),
        ({"StringLike": {"aws:PrincipalTag/a": "${aws:PrincipalTag/b}-${aws:PrincipalTag/c}"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalTag/org}"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/x": "${aws:SecureTransport}"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/x": "${aws:MultiFactorAuthAge}"}}, True),
        ({"StringEquals": {"aws:SecureTransport": "${aws:PrincipalTag/x}"}}, True),
        ({"StringEquals": {"aws:SourceIp": "${aws:PrincipalTag/x}"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalTag/n}:role/x"}}, True),
        (
            {
                "StringEquals": {"aws:PrincipalTag/a": "${aws:PrincipalTag/b}", "aws:PrincipalTag/c": "other"},
                "StringLike": {"aws:PrincipalTag/a": "x*z", "aws:PrincipalTag/b": "*q*"},
            },
            True,
        ),
    ],
)
def test_a_variable_stands_for_what_the_caller_chooses(block: object, gets_in: bool) -> None:  # noqa: FBT001
    assert verdict(allow(account(OTHER), "ecr:BatchGetImage", block)).external is gets_in


def test_an_account_that_a_wildcard_admits_may_be_a_variable() -> None:
    block = {
        "StringLike": {"aws:PrincipalAccount": "2*"},
        "StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"},
    }
    assert not verdict(allow("*", "ecr:BatchGetImage", block)).external


# --- denies ---


@pytest.mark.parametrize(
    "statements",
    [
        [allow("*"), deny("*", "*", {"StringLike": {"aws:PrincipalAccount": ["9999*", "343434565656"]}})],
        [allow("*"), deny(account("999988887777", "343434565656"))],
        [allow("*", "ecr:*", {"StringNotLike": {"aws:PrincipalAccount": ["9999*", "343434565656"]}})],
        [allow("*", "ecr:*", {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::9999*:*", "*:*:*:*:3434*:*"]}})],
        [
            allow(
                "*",
                "ecr:*",
                {
                    "StringNotLike": {"aws:PrincipalAccount": ["9999*", "343434565656"]},
                    "StringEquals": {"aws:PrincipalType": "User"},
                },
            )
        ],
    ],
)
def test_a_witness_is_of_an_account_that_the_policy_does_not_name(statements: list[object]) -> None:
    found = verdict(*statements)
    assert found.public
    witness = next(one.witness for one in found.grants if one.kind is Kind.ANY)
    assert str(witness.context["aws:PrincipalAccount"])[:4] not in ("9999", "3434")


def test_a_witness_is_not_of_an_account_that_is_trusted() -> None:
    entries = [
        {"account": "999988887777"},
        {"organization": "o-k3j5h7g9f2"},
        {"organization_path": "o-m4n6b8v0c1/r-ab12/*"},
    ]
    found = verdict(allow("*"), trust=entries)
    accounts = {one.witness.context.get("aws:PrincipalAccount") for one in found.grants} - {None}
    assert accounts == {"808080909090"}, "the first of whom no account and no organization is trusted, not even in part"


def test_however_many_accounts_a_policy_names_a_witness_is_of_another() -> None:
    every = ["999988887777", "343434565656", "120948753026", "808080909090", "271828459045", "618033988749"]
    found = verdict(allow("*"), deny("*", "*", {"StringEquals": {"aws:PrincipalAccount": every}}))
    assert found.public
    (grant,) = (one for one in found.grants if one.kind is Kind.ANY)
    assert grant.witness.context["aws:PrincipalAccount"] not in every


def test_where_wildcards_leave_no_account_to_show_for_everybody_that_is_undecided_beside_the_one_left() -> None:
    left = {"StringNotLike": {"aws:PrincipalAccount": [f"{digit}*" for digit in range(9)] + ["9?????????0*", "99*"]}}
    found = verdict(allow("*", "ecr:*", left))
    assert found.external
    assert not found.public
    assert found.undecided


def test_not_principal_in_an_allow_leaves_out_an_account() -> None:
    but_one = {"Effect": "Allow", "NotPrincipal": {"AWS": OTHER}, "Action": "ecr:*"}
    assert not verdict({**but_one, "Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}}).external


def test_a_deny_that_cannot_be_decided_is_named_as_such() -> None:
    guard = deny("*", "*", {"StringEquals": {"aws:NewKey": "x"}})
    assert verdict(allow(account(OTHER)), guard).external, "a Deny counts only where it certainly applies"


def test_an_access_that_a_deny_confines_to_the_owner_is_compliant_whatever_the_order() -> None:
    guard = deny("*", "*", {"StringNotEquals": {"aws:PrincipalAccount": OWNER}})
    for statements in ([allow("*"), guard], [guard, allow("*")]):
        assert judge(policy(*statements), Repository(OWNER), Trust.nobody()).external is False


@pytest.mark.parametrize("text, held", [("198.51.100.7", True), ("10.1.1.1", False), ("fd00::1", False)])
def test_a_callers_address_is_a_public_one(text: str, held: bool) -> None:  # noqa: FBT001
    assert Addresses("aws:sourceip").may_hold(text) is held
    assert Addresses("aws:vpcsourceip", private=True).may_hold(text)


@pytest.mark.parametrize(
    "pattern", ["*:2222????????:function:app", "*:2222*:function:app", "arn:*:2222????????:project/x"]
)
def test_a_source_arn_with_part_of_an_account_and_too_few_fields_lets_that_account_in(pattern: str) -> None:
    (found,) = verdict(allow(LAMBDA, "ecr:BatchGetImage", {"StringLike": {"aws:SourceArn": pattern}})).grants
    assert str(found.witness.context["aws:SourceAccount"]).startswith("2222")


@pytest.mark.parametrize("number, open_to", [(OWNER, False), (OTHER, True)])
def test_a_wildcard_for_the_service_of_a_source_arn_does_not_hide_the_account_from_lambda(
    number: str,
    open_to: bool,  # noqa: FBT001
) -> None:
    any_service = {"StringLike": {"aws:SourceArn": f"arn:aws:*:*:{number}:function:*"}}
    found = verdict(allow(LAMBDA, "ecr:BatchGetImage", any_service))
    assert found.service is open_to
    assert not found.undecided


@pytest.mark.parametrize("least, most, open_to", [(1893456000, 1893456001, True), (1893456000, 1893456000, False)])
@pytest.mark.parametrize("before", [0, 0.5])
def test_epoch_time_is_one_whole_number_of_a_second(least: float, most: float, before: float, open_to: bool) -> None:  # noqa: FBT001
    between = {
        "NumericGreaterThan": {"aws:EpochTime": str(least - before)},
        "NumericLessThanEquals": {"aws:EpochTime": str(most - before)},
    }
    assert verdict(allow(account(OTHER), "ecr:BatchGetImage", between)).external is open_to


@pytest.mark.parametrize("bound", ["1893456000", "1893456000.5"])
def test_epoch_time_is_compared_with_numbers_on_both_sides_of_one(bound: str) -> None:
    for operator in ("NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"):
        assert verdict(allow(account(OTHER), "ecr:BatchGetImage", {operator: {"aws:EpochTime": bound}})).external
    equal = {"NumericEquals": {"aws:EpochTime": bound}}
    assert verdict(allow(account(OTHER), "ecr:BatchGetImage", equal)).external is ("." not in bound)


@pytest.mark.parametrize(
    "allowed, denied",
    [
        ({"NumericGreaterThan": {"aws:PrincipalAccount": "999990000000"}}, None),
        (
            {"Bool": {"aws:SecureTransport": "true"}},
            {"NumericLessThanEquals": {"aws:PrincipalAccount": "999990000000"}},
        ),
    ],
)
def test_a_bound_of_accounts_admits_those_within_it_and_is_not_public(allowed: object, denied: object) -> None:
    found = verdict(allow("*", "ecr:BatchGetImage", allowed), *([deny("*", "*", denied)] if denied else []))
    assert found.external
    assert not found.public
    accounts = [one.grantee for one in found.grants if one.kind is Kind.ACCOUNT]
    assert accounts
    assert all(int(number) > 999990000000 for number in accounts) or denied is not None


def test_a_service_is_tried_by_its_name_in_an_opt_in_region() -> None:
    names = {"StringLike": {"aws:PrincipalServiceName": "lambda.*.amazonaws.com"}}
    guard = {"StringEquals": {"aws:PrincipalServiceName": "lambda.amazonaws.com"}}
    (found,) = verdict(allow("*", "ecr:BatchGetImage", names), deny("*", "*", guard)).grants
    assert found.witness.principal == "lambda.ap-east-1.amazonaws.com"


def test_a_string_pattern_over_every_service_is_undecided_for_one_whose_arns_are_not_known() -> None:
    any_service = {"StringLike": {"aws:SourceArn": f"arn:aws:*:*:{OWNER}:function:*"}}
    found = verdict(allow({"Service": "events.amazonaws.com"}, "ecr:BatchGetImage", any_service))
    assert reasons(found)
    assert not found.service


@pytest.mark.parametrize(
    "ending, known",
    [
        ("amazonaws.com", True),
        ("amazonaws.com.cn", True),
        ("amazon.com", True),
        ("aws.internal", True),
        ("c2s.ic.gov", False),
    ],
)
def test_a_pattern_of_service_names_admits_those_with_the_endings_that_are_seen(ending: str, known: bool) -> None:  # noqa: FBT001
    names = {"StringLike": {"aws:PrincipalServiceName": f"new?*.{ending}"}}
    found = verdict(allow("*", "ecr:BatchGetImage", names))
    assert found.service is known
    assert bool(found.undecided) is not known
    assert all(one.witness.principal.endswith(f".{ending}") for one in found.grants)


def test_a_witness_shows_one_moment_in_both_forms_and_no_earlier_than_today() -> None:
    (found,) = verdict(allow(account(OTHER))).grants
    shown = found.witness.context
    assert shown["aws:CurrentTime"] == f"{DAY}T00:00:00Z"
    assert shown["aws:EpochTime"] == str(int(datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC).timestamp()))


@pytest.mark.parametrize("pattern", ["project/*", "build/*", "function:*", "lambda:*", "aws:*", ":*", "*/"])
def test_a_source_arn_begins_as_arns_do_and_ends_with_a_name(pattern: str) -> None:
    found = verdict(
        allow({"Service": "codebuild.amazonaws.com"}, "ecr:BatchGetImage", {"StringLike": {"aws:SourceArn": pattern}})
    )
    assert found.service is (pattern == "*/")


@pytest.mark.parametrize("levels, exists", [(0, True), (1, True), (5, True), (6, False)])
def test_an_organization_has_five_levels_of_units(levels: int, exists: bool) -> None:  # noqa: FBT001
    path = "o-partner1234/r-ab12/" + "ou-ab12-abcdefgh/" * levels
    block = {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": path}}
    assert verdict(allow("*", "ecr:BatchGetImage", block)).external is exists


# --- addresses that are not on the internet ---


@pytest.mark.parametrize(
    "network, expected",
    [
        ("10.0.0.0/8", "nobody"),
        ("172.16.0.0/12", "nobody"),
        ("192.168.0.0/16", "nobody"),
        ("fc00::/7", "nobody"),
        ("0.0.0.0/8", "undecided"),
        ("100.64.0.0/10", "undecided"),
        ("127.0.0.0/8", "undecided"),
        ("169.254.0.0/16", "undecided"),
        ("224.0.0.0/3", "undecided"),
        ("::/8", "undecided"),
        ("fe80::/9", "undecided"),
    ],
)
def test_an_address_that_is_not_public_is_nobodys_and_its_neighbours_are_open(network: str, expected: str) -> None:
    def said(text: str) -> str:
        found = verdict(allow(account(OTHER), condition={"IpAddress": {"aws:SourceIp": text}}))
        return "undecided" if found.undecided else "nobody" if found.compliance is Compliance.COMPLIANT else "open"

    whole = ip_network(network)
    ends = [ip_network(whole[0]), ip_network(whole[-1])]
    assert [said(str(one)) for one in (whole, *ends)] == [expected] * 3
    number = [int(whole[0]) - 1, int(whole[-1]) + 1]
    beside = [str(ip_network(type(whole[0])(one))) for one in number if 0 <= one < 2**whole.max_prefixlen]
    assert {one: said(one) for one in beside if one not in _ALSO_RESERVED} == {
        one: "open" for one in beside if one not in _ALSO_RESERVED
    }


@pytest.mark.parametrize(
    "network",
    [
        *("10.0.0.0/7", "172.0.0.0/11", "192.168.0.0/15", "fc00::/6", "0.0.0.0/7", "100.0.0.0/9"),
        *("126.0.0.0/7", "169.254.0.0/15", "192.0.0.0/2", "0::/7", "fe00::/8"),
    ],
)
def test_a_network_that_holds_such_addresses_and_others_is_open(network: str) -> None:
    (found,) = verdict(allow(account(OTHER), condition={"IpAddress": {"aws:SourceIp": network}})).grants
    assert ip_address(str(found.witness.context["aws:SourceIp"])) in ip_network(network)


_ALSO_RESERVED = {"fe00::/128", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"}
"""Neighbours of one range that lie in another."""


# --- what a witness shows of those whom a policy does not name ---


@pytest.mark.parametrize("named", range(8))
def test_a_witness_shows_an_account_and_an_organization_that_the_policy_does_not_name(named: int) -> None:
    accounts: list[str] = []
    for _ in range(named + 1):
        spared = {"StringEquals": {"aws:PrincipalAccount": [*accounts, OWNER]}}
        found = verdict(
            allow("*", condition={"StringLike": {"aws:PrincipalOrgID": "o-*", "aws:userid": "AROA*:*"}}),
            deny("*", condition=spared),
        )
        context = found.grants[0].witness.context
        assert re.fullmatch("[0-9]{12}", str(context["aws:PrincipalAccount"]))
        assert re.fullmatch("o-[a-z0-9]{10}", str(context["aws:PrincipalOrgID"]))
        assert re.fullmatch("AROA[A-Z0-9]{17}:.+", str(context["aws:userid"]))
        assert context["aws:PrincipalAccount"] not in accounts
        accounts.append(str(context["aws:PrincipalAccount"]))
    assert len(set(accounts)) == named + 1


_GITHUB = "token.actions.githubusercontent.com:sub"


@pytest.mark.parametrize(
    "pattern, answer",
    [
        ("repo:*:ref:refs/heads/main", "open"),
        ("repo:*:ref:refs/tags/v1", "open"),
        ("repo:*:environment:prod", "open"),
        ("repo:*:pull_request", "open"),
        ("repo:*/app@*:pull_request", "open"),
        ("repo:????????@?????????/app@?????????:environment:prod", "open"),
        ("repo:octo/*:pull_request", "undecided"),
        ("repo:octo@*:pull_request", "undecided"),
        ("repo:*@1*/app@*:pull_request", "undecided"),
        ("repo:*:ref:refs/notes/x", "undecided"),
        ("repo:*:deployment", "open"),  # an environment may be called so
        ("repo:*:deployment/x", "undecided"),
        ("repository_id:*", "undecided"),
    ],
)
def test_the_subjects_that_any_repository_on_github_can_have(pattern: str, answer: str) -> None:
    found = verdict(allow({"AWS": "*"}, condition={"StringLike": {_GITHUB: pattern}}))
    assert ("open" if found.public else "undecided" if found.undecided else "closed") == answer
    assert all(str(one.witness.context[_GITHUB]).startswith("repo:") for one in found.grants)
