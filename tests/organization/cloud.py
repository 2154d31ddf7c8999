"""Several accounts and Regions in moto: an organization, buckets with a release, and clients of each account."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from tests.organization.releases import Release

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

HOME, AWAY = "eu-central-1", "us-east-1"
REGIONS = (HOME, AWAY)
ADMINISTRATOR = "arn:aws:iam::{}:role/administrator"
CODE = "ecr-crossaccount-code"


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization with a unit, and the unit's accounts by name."""

    id: str
    unit: str
    accounts: dict[str, str]

    @classmethod
    def founded(cls, *names: str) -> Organization:
        """Create it in the account of this process, which manages it."""
        client: OrganizationsClient = boto3.client("organizations")
        identifier = client.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        root = client.list_roots()["Roots"][0]["Id"]
        unit = client.create_organizational_unit(ParentId=root, Name="workloads")["OrganizationalUnit"]["Id"]
        accounts = {}
        for name in names:
            created = client.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
            accounts[name] = created["AccountId"]
            client.move_account(AccountId=accounts[name], SourceParentId=root, DestinationParentId=unit)
        return cls(identifier, unit, accounts)


def client_in(account: str, service: str, region: str = HOME) -> Any:  # noqa: ANN401 - of whichever service
    """Return a client of an account."""
    got = boto3.client("sts").assume_role(RoleArn=ADMINISTRATOR.format(account), RoleSessionName="test")["Credentials"]
    session = boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])
    return session.client(service, region_name=region)  # type: ignore[call-overload]  # not a literal


def upload(made: Release, regions: Iterable[str] = REGIONS) -> None:
    """Put a release into the bucket of each Region."""
    for region in regions:
        s3 = boto3.client("s3", region_name=region)
        if region == AWAY:
            s3.create_bucket(Bucket=f"{CODE}-{region}")
        else:
            place: Any = {"LocationConstraint": region}
            s3.create_bucket(Bucket=f"{CODE}-{region}", CreateBucketConfiguration=place)
        for key in made.stored_keys():
            s3.put_object(Bucket=f"{CODE}-{region}", Key=key, Body=for_moto(made.files[key].content, key))


def for_moto(content: bytes, key: str) -> bytes:
    """Return a file of a release. A template contains what CloudFormation knows by itself and moto does not."""
    if not key.endswith(".json"):
        return content
    template = json.loads(content)
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::SQS::Queue" and resource["Properties"].get("FifoQueue"):
            resource["Properties"]["QueueName"] = f"{name}.fifo"
        if resource["Type"] == "AWS::SSM::Document":
            resource["Properties"]["DocumentFormat"] = "JSON"
    return json.dumps(template).encode()
