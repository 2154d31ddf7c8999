"""The StackSet that deploys the rule to every account, and the buckets that its stacks read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.organization.releases import Release
from tests.stack.cloudformation import Stack, assert_pattern

Json = Mapping[str, Any]

CHOSEN = {
    "CodeBuckets": "ecr-crossaccount-111122223333",
    "OrganizationalUnits": "ou-ab12-11111111,ou-ab12-22222222",
    "Regions": "eu-central-1,us-east-1",
}
RECORDER = "arn:aws:cloudformation:eu-central-1:111122223333:stackset/config-recorder:0d1f2a3b-1111-2222-3333-4444"


def stackset(made: Release, **chosen: str) -> dict[str, Any]:
    return Stack(made.template("every-account"), **CHOSEN | chosen).properties("Accounts")


def test_accounts_that_join_later_get_it_too(made: Release) -> None:
    properties = stackset(made)
    assert properties["PermissionModel"] == "SERVICE_MANAGED"
    assert properties["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": False}
    assert properties["StackInstancesGroup"] == [
        {
            "DeploymentTargets": {"OrganizationalUnitIds": ["ou-ab12-11111111", "ou-ab12-22222222"]},
            "Regions": ["eu-central-1", "us-east-1"],
        }
    ]


def test_the_recorder_comes_first_where_somebody_names_its_stackset(made: Release) -> None:
    assert stackset(made, AfterStackSets=RECORDER)["AutoDeployment"]["DependsOn"] == [RECORDER]


def test_it_needs_no_more_than_the_accounts_template_does(made: Release, account: Json) -> None:
    named = [one for one in account["Resources"].values() if "RoleName" in one.get("Properties", {})]
    assert not named
    assert stackset(made)["Capabilities"] == ["CAPABILITY_IAM"]


def test_what_is_chosen_reaches_the_accounts_and_nothing_is_lost(made: Release, account: Json) -> None:
    accounts = "222233334444,333344445555"
    approver = "arn:aws:iam::111122223333:role/approver,arn:aws:iam::111122223333:role/other"
    passed = stackset(made, TrustedAccounts=accounts, RemediationApprovers=approver)["Parameters"]
    values = {one["ParameterKey"]: one["ParameterValue"] for one in passed}
    assert values.keys() == account["Parameters"].keys()
    assert (values["TrustedAccounts"], values["RemediationApprovers"]) == (accounts, approver)
    assert values["BackupDays"] == "0"


def test_a_slip_is_caught_before_a_thousand_stacks_fail_by_it(made: Release, account: Json) -> None:
    whole = made.template("every-account")
    assert whole["Rules"] == account["Rules"]
    assert {name: whole["Parameters"][name] for name in account["Parameters"]} == account["Parameters"]


def test_the_template_is_read_from_the_bucket_of_the_region_in_which_the_stackset_is(made: Release) -> None:
    key = made.stored("account").key
    assert stackset(made)["TemplateURL"] == (
        f"https://ecr-crossaccount-111122223333-eu-central-1.s3.eu-central-1.amazonaws.com/{key}"
    )


@pytest.mark.parametrize(
    "name, accepted, refused",
    [
        ("OrganizationalUnits", ["r-ab12", "ou-ab12-11111111"], ["", "111122223333", "ou-ab12"]),
        ("Regions", ["eu-central-1", "us-gov-west-1", "cn-north-1", "ap-southeast-7"], ["", "eu", "eu-central"]),
        ("AfterStackSets", ["", RECORDER], ["config-recorder"]),
        ("StackSetName", ["ecr-crossaccount"], ["", "1st", "two words"]),
        ("CodeBuckets", ["abc", "a" * 46], ["", "a", "-abc", "Abc", "a" * 47, "a.b"]),
    ],
)
def test_what_is_typed_is_checked(made: Release, name: str, accepted: list[str], refused: list[str]) -> None:
    assert_pattern(made.template("every-account"), name, accepted, refused)


def buckets(made: Release) -> Stack:
    return Stack(made.template("code-buckets"), CodeBuckets="code", OrganizationId="o-a1b2c3d4e5")


def test_the_buckets_are_found_where_the_accounts_look(made: Release) -> None:
    assert buckets(made).properties("CodeBucket")["BucketName"] == "code-eu-central-1"
    both = (made.template(one)["Parameters"]["CodeBuckets"] for one in ("code-buckets", "every-account"))
    assert len({one["AllowedPattern"] for one in both}) == 1
    assert_pattern(made.template("code-buckets"), "OrganizationId", ["o-a1b2c3d4e5"], ["", "self", "r-ab12"])


def test_the_organization_reads_functions_and_templates_and_nobody_else_anything(made: Release) -> None:
    allowed, denied = buckets(made).properties("CodeBucketPolicy")["PolicyDocument"]["Statement"]
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", "s3:GetObject")
    assert allowed["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    folders = {key.partition("/")[0] for key in made.stored_keys()}
    assert allowed["Resource"] == [f"<CodeBucket.Arn>/{folder}/*" for folder in sorted(folders)]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_what_runs_somewhere_is_not_deleted_with_the_stack(made: Release) -> None:
    assert made.template("code-buckets")["Resources"]["CodeBucket"]["DeletionPolicy"] == "Retain"
