"""`trust publish`: publishes exactly the file, and does not overwrite someone else's work unnoticed."""

from __future__ import annotations

import io
import json
import re
import sys
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from ecr_crossaccount.products.cli.base.program import confirm
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.content import Location, RegisterError
from ecr_crossaccount.sources.register.publishing import ConflictError, publish, seen_at
from ecr_crossaccount.sources.register.reader import RegisterReader
from moto import mock_aws

from tests.register.conftest import BUCKET, Clock, bucket_of_registers
from tests.wording import sentence

from .conftest import Run, Write

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

PLACE = f"s3://{BUCKET}/ecr/trust.json"
YAML = """version: 1
trust:
  - account: "222233334444"
    reason: builds
    expires: 2027-03-31
"""
OTHER = {"version": 1, "trust": [{"account": "333344445555", "reason": "partner"}]}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    with mock_aws():
        yield


@pytest.fixture
def s3() -> S3Client:
    return bucket_of_registers()


@pytest.fixture
def ssm() -> SSMClient:
    client: SSMClient = client_of("ssm")
    return client


@pytest.fixture
def register(write: Write) -> str:
    return write(YAML, "trust.yaml")


def body(s3: S3Client) -> bytes:
    return s3.get_object(Bucket=BUCKET, Key="ecr/trust.json")["Body"].read()


def there(s3: S3Client) -> dict[str, object]:
    found: dict[str, object] = json.loads(body(s3))
    return found


@pytest.mark.parametrize(
    "before, counts", [("2026-01-01T00:00:00Z", "yes"), ("AHEAD", "yes"), ("2099-01-01T00:00:00Z", "no")]
)
def test_the_time_of_publication_only_rises(run: Run, s3: S3Client, register: str, before: str, counts: str) -> None:
    """A time that no reader takes does not keep anyone from publishing."""
    start = datetime.now(UTC)
    stamp = (start + timedelta(minutes=5)).isoformat() if before == "AHEAD" else before
    s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=json.dumps({**OTHER, "published": stamp}).encode())
    assert run("trust", "publish", register, PLACE, "--yes").status == 0
    published = datetime.fromisoformat(str(there(s3)["published"]))
    assert (published > datetime.fromisoformat(stamp)) == (counts == "yes")
    assert published >= start.replace(microsecond=0)
    assert sentence("publish.same_register_already") in run("trust", "publish", register, PLACE, "--yes").out


def test_yaml_is_published_as_json_that_says_the_same(run: Run, s3: S3Client, register: str) -> None:
    done = run("trust", "publish", register, PLACE, "--yes")
    assert done.status == 0
    assert f"{PLACE}: nothing is there yet" in done.out
    assert "+ account 222233334444 READ * until 2027-03-31: builds" in done.out
    assert f"{PLACE}: published as version" in done.out
    entry = {"account": "222233334444", "reason": "builds", "expires": "2027-03-31"}
    published = there(s3)
    assert published == {"version": 1, "published": published["published"], "trust": [entry]}
    assert f", SHA-256 {sha256(body(s3)).hexdigest()}" in done.out
    held = RegisterReader(client_of, lambda: datetime.now(UTC)).current(Location.parse(PLACE))
    assert held.is_current
    assert [entry.name for entry in held.value.entries] == ["222233334444"]


def test_a_change_shows_what_comes_and_goes(run: Run, s3: S3Client, register: str) -> None:
    s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=json.dumps(OTHER).encode())
    done = run("trust", "publish", register, PLACE, "--yes")
    assert "- account 333344445555 READ *: partner\n+ account 222233334444" in done.out
    again = run("trust", "publish", register, PLACE, "--yes")
    assert sentence("publish.same_register_already") in again.out


def test_a_dry_run_writes_nothing(run: Run, s3: S3Client, register: str) -> None:
    done = run("trust", "publish", register, PLACE, "--dry-run")
    assert (done.status, "+ account 222233334444" in done.out) == (0, True)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)


@pytest.mark.usefixtures("s3")
def test_without_credentials_it_says_what_to_give(
    run: Run, register: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    done = run("trust", "publish", register, PLACE, "--dry-run")
    assert (done.status, done.out) == (3, "")
    assert done.err == sentence("calls.no_aws_credentials_set")


def test_without_somebody_to_ask_nothing_is_written(run: Run, register: str) -> None:
    done = run("trust", "publish", register, PLACE)
    assert (done.status, "give --yes, or --dry-run" in done.err) == (3, True)


class Terminal(io.StringIO):
    """A person at a terminal, who types the text in it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "answer, expected", [("y\n", [True, ""]), ("n\n", [False, "nothing was written"]), ("", [False])]
)
def test_a_person_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str, expected: list[object]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert confirm(Namespace(yes=False), "publish?") is expected[0]
    out = capsys.readouterr().out
    assert out.startswith("publish? [y/N] ")
    assert str(expected[-1]) in out or not answer


@pytest.mark.parametrize("first", [None, OTHER])
def test_who_publishes_in_between_is_not_overwritten(s3: S3Client, first: object) -> None:
    location = Location.parse(PLACE)
    if first is not None:
        s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=json.dumps(first).encode())
    seen = seen_at(location, client_of)
    s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=b"theirs")
    with pytest.raises(ConflictError, match=re.escape(sentence("publishing.someone_else_published"))):
        publish(location, b"ours", seen, client_of)
    assert s3.get_object(Bucket=BUCKET, Key="ecr/trust.json")["Body"].read() == b"theirs"


def test_the_command_refuses_what_is_no_longer_what_it_read(
    run: Run, s3: S3Client, register: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirmed(*_: object) -> bool:
        s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=json.dumps(OTHER).encode())
        return True

    monkeypatch.setattr("ecr_crossaccount.products.cli.publish.confirm", confirmed)
    done = run("trust", "publish", register, PLACE)
    assert done.status == 3
    assert sentence("publishing.someone_else_published") in done.err
    assert there(s3) == OTHER


@pytest.mark.parametrize("body", [b"{", b'{"version": 1, "trust": [{"account": "1"}]}'])
def test_what_is_there_and_no_register_can_be_replaced(run: Run, s3: S3Client, register: str, body: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=body)
    done = run("trust", "publish", register, PLACE, "--yes")
    assert sentence("publish.published_register_cannot") in done.out
    assert "'version': 1" in str(there(s3))


@pytest.mark.parametrize(
    "text, place, reason",
    [
        ("version: 2\ntrust: []\n", PLACE, "not a version of the register"),
        (YAML, "trust.json", "not the place of a register"),
        (YAML, "s3://nobodys-bucket/trust.json", "NoSuchBucket"),
        (YAML, "appconfig:my-app/prod/ecr", sentence("publishing.wants_ids_application")),
    ],
)
def test_what_cannot_be_published_is_an_error(run: Run, write: Write, text: str, place: str, reason: str) -> None:
    done = run("trust", "publish", write(text, "trust.yaml"), place, "--yes")
    assert (done.status, reason in done.err) == (3, True), done.err


def test_a_parameter_is_created_and_replaced(ssm: SSMClient) -> None:
    location = Location.parse("ssm:/ecr/trust")
    assert publish(location, b'{"version": 1, "trust": []}', None, client_of) == "1"
    seen = seen_at(location, client_of)
    assert publish(location, json.dumps(OTHER).encode(), seen, client_of) == "2"
    with pytest.raises(ConflictError, match="version 2 is there"):
        publish(location, b"{}", seen, client_of)
    with pytest.raises(ConflictError, match="ParameterAlreadyExists"):
        publish(location, b"{}", None, client_of)
    assert ssm.get_parameter(Name="/ecr/trust")["Parameter"]["Value"] == json.dumps(OTHER)


def test_a_large_register_is_published_in_parts_and_read_back(ssm: SSMClient) -> None:
    location = Location.parse("ssm:/ecr/trust")
    names = [{"account": f"{number * 7919 % 10**12:012}", "reason": str(number**9)} for number in range(1, 900)]
    data = json.dumps({"version": 1, "trust": names}).encode()
    publish(location, data, None, client_of)
    assert json.loads(ssm.get_parameter(Name="/ecr/trust")["Parameter"]["Value"])["parts"] > 1
    held = RegisterReader(client_of, Clock()).current(location)
    assert len(held.value.entries) == 899
    assert seen_at(location, client_of) is not None


def test_what_is_damaged_in_ssm_is_told_and_replaced(run: Run, ssm: SSMClient, register: str) -> None:
    damaged = json.dumps({"parts": 2, "sha256": sha256(b"").hexdigest()})
    ssm.put_parameter(Name="/ecr/trust", Type="String", Value=damaged)
    done = run("trust", "publish", register, "ssm:/ecr/trust", "--yes")
    assert sentence("publish.published_register_cannot_part") in done.out
    assert (done.status, done.err) == (0, "")
    assert json.loads(ssm.get_parameter(Name="/ecr/trust")["Parameter"]["Value"])["version"] == 1


def test_parts_that_may_not_be_deleted_are_a_note(
    run: Run, ssm: SSMClient, register: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise RegisterError("parts of earlier registers stay: AccessDenied")

    monkeypatch.setattr("ecr_crossaccount.products.cli.publish.clear", refuse)
    done = run("trust", "publish", register, "ssm:/ecr/trust", "--yes")
    assert (done.status, done.err) == (0, sentence("publishing.note_parts_earlier"))
    monkeypatch.setattr("ecr_crossaccount.products.cli.publish.clear", lambda *_: 3)
    ssm.delete_parameter(Name="/ecr/trust")
    again = run("trust", "publish", register, "ssm:/ecr/trust", "--yes")
    assert sentence("publish.parts_earlier_registers") in again.out


def test_a_secure_parameter_stays_one_with_its_key(ssm: SSMClient) -> None:
    key = boto3.client("kms", region_name="eu-central-1").create_key()["KeyMetadata"]["KeyId"]
    ssm.put_parameter(Name="/ecr/trust", Type="SecureString", KeyId=key, Value="{}")
    location = Location.parse("ssm:/ecr/trust")
    publish(location, json.dumps(OTHER).encode(), seen_at(location, client_of), client_of)
    assert ssm.get_parameter(Name="/ecr/trust")["Parameter"]["Type"] == "SecureString"
    assert ssm.describe_parameters()["Parameters"][0]["KeyId"] == key


@pytest.mark.parametrize("keys", [["alias/ours"], []])
def test_the_key_of_a_secure_parameter_is_looked_for_beyond_an_empty_page(ssm: SSMClient, keys: list[str]) -> None:
    """Without the key, SSM would encrypt the register with a key that other accounts cannot use."""
    ssm.put_parameter(Name="/ecr/trust", Type="SecureString", Value="{}")
    location = Location.parse("ssm:/ecr/trust")
    seen, current = seen_at(location, client_of), ssm.get_parameter(Name="/ecr/trust")["Parameter"]
    with Stubber(ssm) as stub:
        stub.add_response("get_parameter", {"Parameter": dict(current)})
        stub.add_response("describe_parameters", {"Parameters": [], "NextToken": "2"})
        stub.add_response("describe_parameters", {"Parameters": [{"KeyId": key} for key in keys]})
        asked = {"Name": "/ecr/trust", "Value": "[]", "Overwrite": True, "Type": "SecureString", "KeyId": "alias/ours"}
        stub.add_response("put_parameter", {"Version": 2}, asked)
        if keys:
            assert publish(location, b"[]", seen, client_of) == "2"
        else:
            with pytest.raises(RegisterError, match=re.escape(sentence("publishing.does_not_say_key"))):
                publish(location, b"[]", seen, client_of)


def test_a_race_that_ssm_does_not_refuse_is_told() -> None:
    """SSM compares nothing when it writes. The version in its answer shows that another one came in between."""
    client = client_of("ssm")
    location = Location.parse("ssm:/ecr/trust")
    publish(location, b"{}", None, client_of)
    seen = seen_at(location, client_of)

    class Late:
        """A client that lets someone else write before its last call."""

        def __getattr__(self, name: str) -> object:
            return getattr(client, name)

        def put_parameter(self, **asked: object) -> object:
            client.put_parameter(Name="/ecr/trust", Type="String", Value="theirs", Overwrite=True)
            return client.put_parameter(**asked)

    with pytest.raises(ConflictError, match="yours is version 3, and replaced theirs"):
        publish(location, json.dumps(OTHER).encode(), seen, lambda _: Late())


def test_a_register_that_is_too_large_for_parameters_is_refused() -> None:
    noise = "".join(sha256(str(number).encode()).hexdigest() for number in range(12_500))
    with pytest.raises(RegisterError, match="keep it in S3"):
        publish(Location.parse("ssm:/ecr/trust"), json.dumps({"x": noise}).encode(), None, client_of)
    with pytest.raises(RegisterError, match="larger than 4,194,304 bytes"):
        publish(Location.parse(PLACE), b" " * 5_000_000, None, client_of)


IN_APPCONFIG = Location.parse("appconfig:abc1234/def5678/ghi9012")
PROFILE = {"ApplicationId": "abc1234", "ConfigurationProfileId": "ghi9012"}


@pytest.fixture
def appconfig() -> Iterator[Stubber]:
    """A client of AppConfig whose answers and requests are checked against its model."""
    with Stubber(boto3.client("appconfig", region_name="eu-central-1")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def created(stub: Stubber, version: int, **condition: int) -> None:
    asked = {**PROFILE, "Content": b"{}", "ContentType": "application/json", **condition}
    stub.add_response("create_hosted_configuration_version", {"VersionNumber": version}, asked)


def test_a_hosted_version_is_tied_to_the_newest_one(appconfig: Stubber) -> None:
    from io import BytesIO

    from botocore.response import StreamingBody

    versions = {"Items": [{**PROFILE, "VersionNumber": 7}], "NextToken": "2"}
    more = {"Items": [{**PROFILE, "VersionNumber": number} for number in (9, 8)]}
    body = StreamingBody(BytesIO(b"[]"), 2)
    appconfig.add_response("list_hosted_configuration_versions", versions, {**PROFILE, "MaxResults": 50})
    second = {**PROFILE, "MaxResults": 50, "NextToken": "2"}
    appconfig.add_response("list_hosted_configuration_versions", more, second)
    appconfig.add_response("get_hosted_configuration_version", {"Content": body}, {**PROFILE, "VersionNumber": 9})
    created(appconfig, 10, LatestVersionNumber=9)
    seen = seen_at(IN_APPCONFIG, lambda _: appconfig.client)
    assert publish(IN_APPCONFIG, b"{}", seen, lambda _: appconfig.client) == "10"


def test_the_first_hosted_version_is_the_first(appconfig: Stubber) -> None:
    appconfig.add_response("list_hosted_configuration_versions", {"Items": []}, {**PROFILE, "MaxResults": 50})
    assert seen_at(IN_APPCONFIG, lambda _: appconfig.client) is None
    created(appconfig, 1)
    assert publish(IN_APPCONFIG, b"{}", None, lambda _: appconfig.client) == "1"
    created(appconfig, 2)
    with pytest.raises(ConflictError, match="yours is version 2"):
        publish(IN_APPCONFIG, b"{}", None, lambda _: appconfig.client)


def test_a_full_store_of_appconfig_says_the_way_out(appconfig: Stubber) -> None:
    appconfig.add_client_error("create_hosted_configuration_version", "ServiceQuotaExceededException")
    with pytest.raises(RegisterError, match=re.escape(sentence("publishing.delete_versions_no_environment"))):
        publish(IN_APPCONFIG, b"{}", None, lambda _: appconfig.client)


def test_a_conflict_of_appconfig_is_one(appconfig: Stubber) -> None:
    appconfig.add_client_error("create_hosted_configuration_version", "ConflictException")
    with pytest.raises(ConflictError):
        publish(IN_APPCONFIG, b"{}", None, lambda _: appconfig.client)


def test_over_an_inventory_it_says_whom_the_change_opens_and_closes(
    run: Run, write: Write, s3: S3Client, register: str
) -> None:
    s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=json.dumps(OTHER).encode())
    from tests.rule.registry import row

    def pulls(account: str) -> str:
        allow = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "ecr:BatchGetImage"}
        return json.dumps({"Statement": allow})

    rows = [row("builds", pulls("222233334444")), row("partner", pulls("333344445555"))]
    inventory = write({"Results": [json.dumps(one) for one in rows]}, "inventory.json")
    done = run("trust", "publish", register, PLACE, inventory, "--dry-run")
    assert done.status == 0, done.err
    start = "arn:aws:ecr:eu-central-1:111122223333:repository"
    assert f"closes: 333344445555 READ of {start}/partner" in done.out
    assert f"opens: 222233334444 READ of {start}/builds" in done.out
    assert f"{start}/partner: COMPLIANT becomes NON_COMPLIANT" in done.out
    assert f"{start}/builds: NON_COMPLIANT becomes COMPLIANT" in done.out
    assert there(s3) == OTHER
