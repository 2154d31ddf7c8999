"""The function that lists an organization's accounts: its stack, and its artefact run as in AWS."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from organization import sources
from tests.events import REGION
from tests.fakes.moto_server import moto_server
from tests.organization.releases import Release
from tests.stack.cloudformation import Stack, assert_pattern
from tests.stack.emulator import emulated

Json = dict[str, Any]

TEMPLATE = "organization/membership.yaml"
LIST = "s3://registers/ecr/members.json"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
LARGEST_ZIP = 1_200_000


@pytest.fixture(scope="module")
def membership() -> Json:
    return sources.template(TEMPLATE)


@pytest.mark.parametrize("key", ["", "arn:aws:kms:eu-central-1:111122223333:key/0d1f"])
@pytest.mark.parametrize("account, owner", [("", "111122223333"), ("222233334444", "222233334444")])
def test_it_may_list_accounts_and_write_one_object(membership: Json, key: str, account: str, owner: str) -> None:
    stack = Stack(membership, TrustMembers=LIST, TrustMembersAccount=account, TrustMembersKey=key)
    (policy,) = stack.properties("MembershipRole")["Policies"]
    allowed = {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}
    assert allowed["AskOrganization"]["Action"] == ["organizations:DescribeOrganization", "organizations:ListAccounts"]
    assert (allowed["WriteList"]["Action"], allowed["WriteList"]["Resource"]) == (
        "s3:PutObject",
        "arn:aws:s3:::registers/ecr/members.json",
    )
    assert allowed["WriteList"]["Condition"] == {"StringEquals": {"aws:ResourceAccount": owner}}
    assert ("EncryptList" in allowed) == bool(key)
    assert set(allowed) - {"EncryptList"} == {"AskOrganization", "WriteList", "WriteLog"}


def test_it_runs_often_enough_for_a_list_that_is_good_for_a_week(membership: Json) -> None:
    schedule = Stack(membership, TrustMembers=LIST).properties("EverySixHours")
    assert schedule["ScheduleExpression"] == "rate(6 hours)"
    assert schedule["Target"]["Arn"] == "<MembershipFunction.Arn>"


def test_it_writes_to_s3_alone(membership: Json) -> None:
    assert_pattern(membership, "TrustMembers", [LIST], ["", "ssm:/members", "s3://registers", "s3://registers/*"])


def test_every_parameter_is_grouped_named_and_described(membership: Json) -> None:
    interface = membership["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(membership["Parameters"]) == sorted(interface["ParameterLabels"])
    assert all(one["Description"] for one in membership["Parameters"].values())


@pytest.mark.artefact
@pytest.mark.slow
def test_the_artefact_lists_the_accounts(
    unpacked: Callable[[str], Path], released: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(released.archive("membership").content) <= LARGEST_ZIP
    artefact = unpacked("membership")
    for name, value in {**KEYS, "MOTO_ACCOUNT_ID": "012345678912"}.items():  # the account of the emulator's functions
        monkeypatch.setenv(name, value)
    with moto_server() as port:
        url = f"http://127.0.0.1:{port}"
        s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=url)
        s3.create_bucket(Bucket="registers")
        boto3.client("organizations", region_name="us-east-1", endpoint_url=url).create_organization(FeatureSet="ALL")
        variables = {"AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, "TRUST_MEMBERS": LIST, **KEYS}
        with emulated(artefact, "membership.lambda_handler", tmp_path / "log", **variables) as function:
            answer = function.invoke({})
        assert answer is None, answer
        written = json.loads(gzip.decompress(s3.get_object(Bucket="registers", Key="ecr/members.json")["Body"].read()))
        assert len(written["accounts"]) == 1
