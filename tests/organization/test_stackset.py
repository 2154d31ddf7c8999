"""The release in an organization of moto: each account has a stack in each Region, with code from that Region."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.organization.cloud import CODE, HOME, REGIONS, Organization, client_in, upload
from tests.organization.releases import Release
from tests.stack.cloudformation import Stack

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")  # moto's note that it ignores it


@pytest.fixture(scope="module")
def organization(made: Release) -> Iterator[Organization]:
    """Give two accounts what the StackSet's template contains, with the calls that CloudFormation would make."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": HOME,
        }.items():
            patch.setenv(name, value)
        with mock_aws():
            found = Organization.founded("a", "b")
            upload(made)
            chosen = {"CodeBuckets": CODE, "OrganizationalUnits": found.unit, "Regions": ",".join(REGIONS)}
            stack = Stack(made.template("every-account"), **chosen, Remediation="Automatic", CallAs="SELF")
            deploy(stack.properties("Accounts"))
            yield found


def deploy(properties: Mapping[str, Any]) -> None:
    """Make a StackSet and its stacks. botocore checks every name and type."""
    cloudformation = boto3.client("cloudformation")
    (group,) = properties["StackInstancesGroup"]
    preferences: Any = {
        name: value if name == "RegionConcurrencyType" else int(value)
        for name, value in properties["OperationPreferences"].items()
    }
    asked = {
        name: one for name, one in properties.items() if name not in ("StackInstancesGroup", "OperationPreferences")
    }
    cloudformation.create_stack_set(**asked)
    cloudformation.create_stack_instances(
        StackSetName=properties["StackSetName"], CallAs=properties["CallAs"], OperationPreferences=preferences, **group
    )


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", ["a", "b"])
def test_an_account_runs_the_released_code(organization: Organization, made: Release, name: str, region: str) -> None:
    listed = client_in(organization.accounts[name], "lambda", region).list_functions()["Functions"]
    running = {base64.b64decode(one["CodeSha256"]).hex() for one in listed}
    its_own = ("functions/rule-", "functions/plan-")
    assert running == {one.sha256 for key, one in made.files.items() if key.startswith(its_own)}
    served = [one["Environment"]["Variables"].get("SERVED_ACCOUNTS") for one in listed]
    assert sorted(served, key=str) == [organization.accounts[name], None]


@pytest.mark.parametrize("region", REGIONS)
def test_an_account_has_documents_of_its_own(organization: Organization, region: str) -> None:
    ssm = client_in(organization.accounts["a"], "ssm", region)
    listed = ssm.list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])["DocumentIdentifiers"]
    assert [one["DocumentType"] for one in listed] == ["Automation", "Automation"]
    assert all(organization.accounts["a"] in ssm.get_document(Name=one["Name"])["Content"] for one in listed)


def test_what_the_bucket_has_is_what_was_released(organization: Organization, made: Release) -> None:
    assert organization.unit
    for region in REGIONS:
        s3 = boto3.client("s3", region_name=region)
        (rule,) = [key for key in made.files if key.startswith("functions/rule-")]
        body = s3.get_object(Bucket=f"{CODE}-{region}", Key=rule)["Body"].read()
        assert hashlib.sha256(body).hexdigest() in rule
