"""The list of an organization's accounts is complete, or not written."""

from __future__ import annotations

import gzip
import importlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from ecr_crossaccount.errors import AwsError
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.content import Location, RegisterError
from ecr_crossaccount.sources.register.listing import members_of, write_members

from tests.events import ACCOUNT
from tests.register.conftest import BUCKET
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOW = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
PLACE = Location.parse(f"s3://{BUCKET}/members.json")
ORGANIZATION = "o-a1b2c3d4e5"
UNIT = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"


@pytest.fixture
def stub() -> Iterator[Stubber]:
    """AWS Organizations, with requests and answers checked against its model."""
    client = boto3.client("organizations", region_name="us-east-1")
    with Stubber(client) as stub:
        stub.add_response("describe_organization", {"Organization": {"Id": ORGANIZATION}}, {})
        yield stub


def page(stub: Stubber, *accounts: dict[str, Any], token: str | None = None, asked: str | None = None) -> None:
    answer: dict[str, Any] = {"Accounts": list(accounts)} | ({"NextToken": token} if token else {})
    stub.add_response("list_accounts", answer, {"NextToken": asked} if asked else {})


def test_every_page_is_read_with_place_and_state(stub: Stubber) -> None:
    page(stub, {"Id": ACCOUNT, "Paths": [UNIT], "State": "ACTIVE", "Status": "ACTIVE"}, token="2")
    page(stub, {"Id": "222233334444", "Paths": [f"{UNIT}222233334444/"], "State": "CLOSED"}, token="3", asked="2")
    page(stub, token="4", asked="3")
    page(stub, {"Id": "333344445555", "Status": "SUSPENDED"}, {"Id": "444455556666", "Paths": []}, token="5", asked="4")
    page(stub, {"Id": "555566667777", "Paths": [UNIT, f"{ORGANIZATION}/r-ab12/"]}, asked="5")
    assert members_of(stub.client, NOW) == {
        "version": 1,
        "organization": ORGANIZATION,
        "listed": "2026-11-27T06:00:00Z",
        "accounts": [
            {"account": ACCOUNT, "path": UNIT, "state": "ACTIVE"},
            {"account": "222233334444", "path": UNIT, "state": "CLOSED"},
            {"account": "333344445555", "state": "SUSPENDED"},
            {"account": "444455556666"},
            {"account": "555566667777"},
        ],
    }


def clients(stub: Stubber) -> Any:  # noqa: ANN401 - clients of any service
    return lambda service: stub.client if service == "organizations" else client_of(service)


def test_the_list_is_written_for_the_reader(stub: Stubber, s3: S3Client) -> None:
    page(stub, {"Id": ACCOUNT, "Paths": [UNIT]}, {"Id": "222233334444"})
    told = write_members(PLACE, ACCOUNT, clients(stub), NOW)
    assert {name: told[name] for name in ("organization", "accounts", "withoutPath")} == {
        "organization": ORGANIZATION,
        "accounts": 2,
        "withoutPath": 1,
    }
    written = json.loads(gzip.decompress(s3.get_object(Bucket=BUCKET, Key="members.json")["Body"].read()))
    assert written["accounts"][0] == {"account": ACCOUNT, "path": UNIT}


@pytest.mark.parametrize(
    "accounts, reason",
    [
        ([], sentence("listing.accounts_not_one_asks")),
        ([{"Id": "222233334444"}], sentence("listing.accounts_not_one_asks_2")),
        ([{"Id": ACCOUNT}, {"Name": "nameless"}], "is not a list of accounts"),
        ([{"Id": ACCOUNT, "Paths": ["o-b2c3d4e5f6/r-ab12/"]}], "is not a list of accounts"),
    ],
)
def test_what_cannot_be_the_whole_list_is_not_written(
    stub: Stubber, s3: S3Client, accounts: list[dict[str, Any]], reason: str
) -> None:
    page(stub, *accounts)
    with pytest.raises(AwsError, match=reason):
        write_members(PLACE, ACCOUNT, clients(stub), NOW)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)


def test_a_page_that_fails_leaves_the_earlier_list(stub: Stubber, s3: S3Client) -> None:
    s3.put_object(Bucket=BUCKET, Key="members.json", Body=b"earlier")
    page(stub, {"Id": ACCOUNT}, token="2")
    stub.add_client_error("list_accounts", "TooManyRequestsException", expected_params={"NextToken": "2"})
    with pytest.raises(ClientError):
        write_members(PLACE, ACCOUNT, clients(stub), NOW)
    assert s3.get_object(Bucket=BUCKET, Key="members.json")["Body"].read() == b"earlier"


def test_a_list_without_end_and_an_answer_without_accounts_are_errors(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    page(stub, {"Id": ACCOUNT}, token="2")
    page(stub, {"Id": ACCOUNT}, token="2", asked="2")
    with pytest.raises(AwsError, match="is the same page"):
        members_of(stub.client, NOW)
    stub.add_response("describe_organization", {"Organization": {"Id": ORGANIZATION}}, {})
    stub.add_response("list_accounts", {}, {})
    with pytest.raises(AwsError, match="has no `Accounts`"):
        members_of(stub.client, NOW)
    monkeypatch.setattr("ecr_crossaccount.sources.register.listing.MOST_PAGES", 1)
    stub.add_response("describe_organization", {"Organization": {"Id": ORGANIZATION}}, {})
    page(stub, {"Id": ACCOUNT}, token="2")
    with pytest.raises(AwsError, match="has no end"):
        members_of(stub.client, NOW)


@pytest.mark.parametrize(
    "answer, version", [({"VersionId": "null", "ETag": '"e"'}, '"e"'), ({"VersionId": "v", "ETag": '"e"'}, "v")]
)
def test_a_bucket_without_versions_has_the_etag_as_its_version(
    stub: Stubber, s3: S3Client, answer: dict[str, str], version: str
) -> None:
    page(stub, {"Id": ACCOUNT})
    with Stubber(s3) as written:
        written.add_response("put_object", answer)
        assert write_members(PLACE, ACCOUNT, clients(stub), NOW)["version"] == version


def test_an_answer_that_does_not_say_that_the_list_was_written_is_an_error(stub: Stubber, s3: S3Client) -> None:
    page(stub, {"Id": ACCOUNT})
    with Stubber(s3) as written:
        written.add_response("put_object", {})
        with pytest.raises(RegisterError, match="without an ETag"):
            write_members(PLACE, ACCOUNT, clients(stub), NOW)


def test_the_list_goes_to_s3_alone(stub: Stubber) -> None:
    with pytest.raises(AwsError, match="is written to S3 alone"):
        write_members(Location.parse("ssm:/members"), ACCOUNT, clients(stub), NOW)


class Context(NamedTuple):
    """Lambda's context of an invocation."""

    invoked_function_arn: str = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:membership"
    aws_request_id: str = "1"


def test_the_handler_lists_the_organization_of_its_account(
    s3: S3Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    monkeypatch.setenv("TRUST_MEMBERS", str(PLACE))
    organizations = boto3.client("organizations", region_name="us-east-1")
    organization: Any = organizations.create_organization(FeatureSet="ALL")
    organizations.create_account(Email="a@example.com", AccountName="member")
    handler = importlib.import_module("membership")
    with pytest.raises(AwsError):
        handler.lambda_handler({}, None)
    capsys.readouterr()
    handler.lambda_handler({}, Context())
    told, warned = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (told["organization"], told["accounts"]) == (organization["Organization"]["Id"], 2)
    assert (warned["level"], warned["number"]) == ("WARN", 2), "moto tells no paths"
    assert s3.get_object(Bucket=BUCKET, Key="members.json")["Body"].read()
