"""The current content of a register, with any answer of its store."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, ClassVar

import botocore.session
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from ecr_crossaccount import Access, Trust
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.content import Location
from ecr_crossaccount.sources.register.reader import KEPT, RegisterReader
from ecr_crossaccount.sources.register.stores import EACH_TIME, FRESH, RETRY, Held
from typing_extensions import override

from tests.fakes import Deployed, FakeAppConfigData
from tests.fakes.loopback import Loopback
from tests.register.conftest import BUCKET, Clock
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PutObjectOutputTypeDef
    from mypy_boto3_ssm import SSMClient

FRIEND, PARTNER = "222233334444", "333344445555"
IN_S3 = Location.parse(f"s3://{BUCKET}/ecr/trust.json")
IN_SSM = Location.parse("ssm:/ecr/trust")
IN_APPCONFIG = Location.parse("appconfig:registers/production/ecr")


def register(*accounts: str, **fields: str) -> bytes:
    return json.dumps({"version": 1, "trust": [{"account": one, **fields} for one in accounts]}).encode()


def trusted(trust: Trust) -> list[str]:
    """Return the accounts that a register trusts today."""
    return sorted(trust.circles(None)[Access.READ.rank].accounts)


@pytest.fixture
def reader(clock: Clock) -> RegisterReader:
    return RegisterReader(client_of, clock)


def put(s3: S3Client, body: bytes, encoding: str | None = None) -> PutObjectOutputTypeDef:
    if encoding is None:
        return s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=body)
    return s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=body, ContentEncoding=encoding)


def problem_of(held: Held[Trust]) -> str:
    assert trusted(held.value) == []
    assert (held.version, held.digest) == (None, None)
    assert held.problem is not None
    return f"{held.problem} | {held.detail}"


def test_an_object_in_s3_is_read_with_its_version(s3: S3Client, reader: RegisterReader) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    version = put(s3, register(FRIEND))["VersionId"]
    held = reader.current(IN_S3)
    assert trusted(held.value) == [FRIEND]
    assert held.is_current
    assert (held.version, held.digest) == (version, hashlib.sha256(register(FRIEND)).hexdigest())


def test_without_versions_of_the_bucket_the_etag_is_the_version(s3: S3Client, reader: RegisterReader) -> None:
    etag = put(s3, register(FRIEND))["ETag"]
    assert reader.current(IN_S3).version == etag


@pytest.mark.parametrize("encoding", [None, "gzip", "br"])
def test_a_gzipped_object_is_known_by_its_bytes(s3: S3Client, reader: RegisterReader, encoding: str | None) -> None:
    put(s3, gzip.compress(register(FRIEND)), encoding)
    held = reader.current(IN_S3)
    assert trusted(held.value) == [FRIEND]
    assert held.digest == hashlib.sha256(register(FRIEND)).hexdigest()


def test_an_object_that_claims_to_be_gzipped_and_is_not_is_read_as_it_is(s3: S3Client, reader: RegisterReader) -> None:
    put(s3, register(FRIEND), "gzip")
    assert trusted(reader.current(IN_S3).value) == [FRIEND]


@pytest.mark.parametrize(
    "body, reason",
    [
        (b"", "not JSON"),
        (b"version: 1\ntrust: []\n", "not JSON"),
        (register(FRIEND)[:-3], "not JSON"),
        (register(FRIEND) + b"{}", "not JSON"),
        (b'{"version": 1, "trust": [], "trust": [{"account": "222233334444"}]}', "`trust` appears twice"),
        (b'{"version": 1, "trust": NaN}', "not JSON"),
        (b"\xff\xfe{}", "not text in UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (gzip.compress(register(FRIEND), mtime=0)[:-8], "not a whole gzip stream"),
        (gzip.compress(register(FRIEND), mtime=0) + b"more", "not a whole gzip stream"),
        (gzip.compress(b" " * (4 * 1_048_576 + 1), mtime=0), "larger than 4,194,304 bytes"),
        (b" " * (4 * 1_048_576 + 1), "larger than 4,194,304 bytes"),
        (b'{"version": 2, "trust": []}', "not a version of the register"),
        (register("22223333444"), "trust[0].account"),
        (register(FRIEND, colour="red"), "unknown field"),
        (b"[]", "expected a register"),
        (b"null", "expected a register"),
    ],
)
def test_what_is_no_register_trusts_nobody(s3: S3Client, reader: RegisterReader, body: bytes, reason: str) -> None:
    put(s3, body)
    assert reason in problem_of(reader.current(IN_S3))


def test_an_empty_register_is_a_register(s3: S3Client, reader: RegisterReader) -> None:
    put(s3, register())
    assert reader.current(IN_S3).is_current


@pytest.mark.usefixtures("s3")
def test_a_missing_object_is_a_problem_and_no_empty_register(reader: RegisterReader) -> None:
    assert "NoSuchKey" in problem_of(reader.current(IN_S3))
    assert "NoSuchBucket" in problem_of(reader.current(Location.parse("s3://someone-elses/trust.json")))


class Refusing:
    """A client that answers every operation with the same error."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    def __call__(self, _service: str) -> Refusing:
        return self

    def get_object(self, **_: object) -> None:
        self.calls += 1
        raise self.error


@pytest.mark.parametrize(
    "error, reason",
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject"), "(AccessDenied)"),
        (ClientError({"Error": {"Code": "KMS.DisabledException", "Message": "no"}}, "GetObject"), "(an error)"),
        (ClientError({"Error": {"Code": "a\x1b[31m <b>", "Message": "no"}}, "GetObject"), "(an error)"),
        (ReadTimeoutError(endpoint_url="https://s3"), "(ReadTimeoutError)"),
    ],
)
def test_an_error_of_the_store_trusts_nobody(clock: Clock, error: Exception, reason: str) -> None:
    assert reason in problem_of(RegisterReader(Refusing(error), clock).current(IN_S3))


class Sending(BaseHTTPRequestHandler):
    """Sends a register, with headers that may differ from the content."""

    protocol_version = "HTTP/1.1"
    announced: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        body = register(FRIEND)
        self.send_response(200)
        for name, value in {"Content-Length": str(len(body)), "ETag": '"e"', **self.announced}.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Write nothing, because a test's output is not a server's log."""


@pytest.mark.parametrize(
    "announced, reason",
    [
        ({}, None),
        ({"Content-Length": str(len(register(FRIEND)) + 9)}, "IncompleteReadError"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "FlexibleChecksumError"),
    ],
)
def test_an_object_that_does_not_arrive_as_it_was_stored_trusts_nobody(
    clock: Clock, announced: dict[str, str], reason: str | None
) -> None:
    handler = type("Handler", (Sending,), {"announced": announced})
    session = botocore.session.get_session()
    with Loopback(handler) as server:
        s3 = session.create_client("s3", region_name="eu-central-1", endpoint_url=server.url)
        held = RegisterReader(lambda _: s3, clock).current(IN_S3)
    if reason is None:
        assert held.is_current
    else:
        assert f"({reason})" in problem_of(held)


class Answering:
    """A client with the same answer to every operation."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def __call__(self, _service: str) -> Answering:
        return self

    def anything(self, **_: object) -> object:
        return self.answer

    get_object = get_parameter = get_parameters = start_configuration_session = get_latest_configuration = anything


@pytest.mark.parametrize("answer", [{}, [], None, "", {"Parameter": None}, {"Parameter": {"Value": 5}}, {"Body": None}])
@pytest.mark.parametrize("location", [IN_S3, IN_SSM, IN_APPCONFIG], ids=str)
def test_an_answer_that_says_too_little_trusts_nobody(clock: Clock, location: Location, answer: object) -> None:
    assert problem_of(RegisterReader(Answering(answer), clock).current(location))


def test_a_register_is_looked_at_again_after_minutes(s3: S3Client, reader: RegisterReader, clock: Clock) -> None:
    put(s3, register(FRIEND))
    assert trusted(reader.current(IN_S3).value) == [FRIEND]
    put(s3, register(PARTNER))
    clock.passes(seconds=FRESH.total_seconds() - 1)
    assert trusted(reader.current(IN_S3).value) == [FRIEND]
    clock.passes(seconds=1)
    assert trusted(reader.current(IN_S3).value) == [PARTNER]


def test_a_register_can_be_looked_at_each_time(s3: S3Client, clock: Clock) -> None:
    reader = RegisterReader(client_of, clock, EACH_TIME)
    put(s3, register(FRIEND))
    first = reader.current(IN_S3).value
    assert reader.current(IN_S3).value is first
    put(s3, register(PARTNER))
    assert trusted(reader.current(IN_S3).value) == [PARTNER]
    put(s3, b"{")
    assert reader.current(IN_S3).stale
    put(s3, register(FRIEND))
    assert trusted(reader.current(IN_S3).value) == [FRIEND]


def test_a_clock_that_is_set_back_does_not_keep_a_register_for_ever(
    s3: S3Client, reader: RegisterReader, clock: Clock
) -> None:
    put(s3, register(FRIEND))
    reader.current(IN_S3)
    put(s3, register(PARTNER))
    clock.passes(days=-400)
    assert trusted(reader.current(IN_S3).value) == [PARTNER]


def test_a_version_of_a_time_yet_to_come_does_not_count_once_the_store_fails(
    s3: S3Client, reader: RegisterReader, clock: Clock
) -> None:
    put(s3, register(FRIEND))
    reader.current(IN_S3)
    put(s3, b"{")
    clock.passes(days=-400)
    assert trusted(reader.current(IN_S3).value) == []


def test_the_same_register_stays_the_same_object(s3: S3Client, reader: RegisterReader, clock: Clock) -> None:
    """Verdicts are cached by the identity of the register."""
    put(s3, register(FRIEND))
    first = reader.current(IN_S3).value
    clock.passes(hours=1)
    put(s3, register(FRIEND))
    assert reader.current(IN_S3).value is first


def test_a_failure_is_tried_again_sooner_and_not_at_every_event(clock: Clock) -> None:
    store = Refusing(ReadTimeoutError(endpoint_url="https://s3"))
    reader = RegisterReader(store, clock)
    for _ in range(10):
        reader.current(IN_S3)
    assert store.calls == 1
    clock.passes(seconds=RETRY.total_seconds())
    reader.current(IN_S3)
    assert store.calls == 2


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": 1, "trust": [{"account": "x"}]}', None])
def test_the_last_good_version_counts_for_a_stated_time(
    s3: S3Client, reader: RegisterReader, clock: Clock, damage: bytes | None
) -> None:
    good = put(s3, register(FRIEND))["ETag"]
    reader.current(IN_S3)
    if damage is None:
        s3.delete_object(Bucket=BUCKET, Key="ecr/trust.json")
    else:
        put(s3, damage)
    clock.passes(hours=1)
    held = reader.current(IN_S3)
    assert (trusted(held.value), held.version, held.problem) == ([FRIEND], good, None)
    assert held.stale is not None
    assert "its version of 2026-11-27T12:00Z counts" in held.stale
    assert not held.is_current
    clock.passes(seconds=KEPT.total_seconds())
    assert problem_of(reader.current(IN_S3))


def test_a_register_need_not_be_kept_at_all(s3: S3Client, reader: RegisterReader, clock: Clock) -> None:
    put(s3, register(FRIEND))
    reader.current(IN_S3)
    put(s3, b"{")
    clock.passes(hours=1)
    assert problem_of(reader.current(IN_S3, kept=0 * KEPT))


def test_a_register_that_can_be_read_again_is_current(s3: S3Client, reader: RegisterReader, clock: Clock) -> None:
    put(s3, b"{")
    assert problem_of(reader.current(IN_S3))
    put(s3, register(FRIEND))
    clock.passes(seconds=RETRY.total_seconds())
    held = reader.current(IN_S3)
    assert held.is_current
    assert trusted(held.value) == [FRIEND]


def test_last_days_end_although_nothing_is_read_anew(s3: S3Client, reader: RegisterReader, clock: Clock) -> None:
    put(s3, register(FRIEND, expires="2026-11-27"))
    clock.passes(hours=11, minutes=58)
    assert trusted(reader.current(IN_S3).value) == [FRIEND]
    clock.passes(minutes=3)
    assert trusted(reader.current(IN_S3).value) == []


def test_last_days_end_in_the_last_good_version_too(s3: S3Client, reader: RegisterReader, clock: Clock) -> None:
    put(s3, register(FRIEND, expires="2026-11-27"))
    reader.current(IN_S3)
    put(s3, b"{")
    clock.passes(hours=13)
    held = reader.current(IN_S3)
    assert held.stale
    assert trusted(held.value) == []


def test_a_register_in_a_parameter(ssm: SSMClient, reader: RegisterReader) -> None:
    ssm.put_parameter(Name="/ecr/trust", Type="String", Value=register(FRIEND).decode())
    held = reader.current(IN_SSM)
    assert (trusted(held.value), held.version) == ([FRIEND], "1")


def test_a_byte_order_mark_is_no_part_of_a_register(ssm: SSMClient, s3: S3Client, reader: RegisterReader) -> None:
    ssm.put_parameter(Name="/ecr/trust", Type="String", Value="\ufeff" + register(FRIEND).decode())
    put(s3, "\ufeff".encode() + register(PARTNER))
    assert trusted(reader.current(IN_SSM).value) == [FRIEND]
    assert trusted(reader.current(IN_S3).value) == [PARTNER]


def test_a_secure_parameter_is_decrypted(ssm: SSMClient, reader: RegisterReader) -> None:
    ssm.put_parameter(Name="/ecr/trust", Type="SecureString", Value=register(FRIEND).decode())
    assert trusted(reader.current(IN_SSM).value) == [FRIEND]


def test_a_gzipped_parameter(ssm: SSMClient, reader: RegisterReader) -> None:
    text = base64.b64encode(gzip.compress(register(FRIEND))).decode()
    ssm.put_parameter(Name="/ecr/trust", Type="String", Value=text)
    assert trusted(reader.current(IN_SSM).value) == [FRIEND]


def in_parts(ssm: SSMClient, text: str, size: int = 20) -> list[str]:
    """Write a base64 text in parts as the documentation describes, and return their names."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    names = [f"/ecr/trust/{digest[:16]}/{number}" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        ssm.put_parameter(Name=name, Type="String", Value=part)
    head = json.dumps({"parts": len(parts), "sha256": digest})
    ssm.put_parameter(Name="/ecr/trust", Type="String", Value=head, Overwrite=True)
    return names


def test_a_register_in_parts(ssm: SSMClient, reader: RegisterReader) -> None:
    many = [f"{number:012}" for number in range(100)]
    names = in_parts(ssm, base64.b64encode(gzip.compress(register(*many))).decode())
    assert len(names) > 10
    assert trusted(reader.current(IN_SSM).value) == many


def test_a_part_that_is_missing_is_a_problem(ssm: SSMClient, reader: RegisterReader) -> None:
    names = in_parts(ssm, base64.b64encode(gzip.compress(register(FRIEND))).decode())
    ssm.delete_parameter(Name=names[1])
    assert f"`{names[1]}` is missing" in problem_of(reader.current(IN_SSM))


def test_a_part_that_was_changed_is_a_problem(ssm: SSMClient, reader: RegisterReader) -> None:
    names = in_parts(ssm, base64.b64encode(gzip.compress(register(FRIEND))).decode())
    ssm.put_parameter(Name=names[-1], Type="String", Value="AAAA", Overwrite=True)
    assert "not those that were published" in problem_of(reader.current(IN_SSM))


@pytest.mark.parametrize(
    "text",
    [
        '{"parts": 1}',
        '{"parts": 0, "sha256": "' + "0" * 64 + '"}',
        '{"parts": 1000000, "sha256": "' + "0" * 64 + '"}',
        '{"parts": true, "sha256": "' + "0" * 64 + '"}',
        '{"parts": 1, "sha256": "../../other"}',
        '{"parts": 1, "parts": 1}',
        '{"sha256": 1, "parts": 1}',
        "not base64!",
        "H4sIAAAA",
    ],
)
def test_a_parameter_that_holds_no_register_trusts_nobody(ssm: SSMClient, reader: RegisterReader, text: str) -> None:
    ssm.put_parameter(Name="/ecr/trust", Type="String", Value=text)
    assert problem_of(reader.current(IN_SSM))


def test_a_missing_parameter_is_a_problem(reader: RegisterReader) -> None:
    assert "ParameterNotFound" in problem_of(reader.current(IN_SSM))


MEMBERS = Location.parse(f"s3://{BUCKET}/ecr/members.json")
OF_MEMBERS = json.dumps({"version": 1, "trust": [{"organization": "self", "members": True}]}).encode()


def put_members(s3: S3Client, **fields: object) -> None:
    listed = {
        "version": 1,
        "organization": "o-a1b2c3d4e5",
        "listed": "2026-11-27T06:00:00Z",
        "accounts": [{"account": FRIEND}],
    }
    s3.put_object(Bucket=BUCKET, Key="ecr/members.json", Body=json.dumps(listed | fields).encode())


def covers(trust: Trust) -> bool:
    """Return whether trust covers a policy that names the member."""
    known = trust.naming(f"arn:aws:iam::{FRIEND}:root", "o-a1b2c3d4e5")
    return FRIEND in known.circles("o-a1b2c3d4e5")[0].accounts


def test_members_are_read_beside_a_register_that_asks_for_them(s3: S3Client, reader: RegisterReader) -> None:
    put(s3, OF_MEMBERS)
    put_members(s3)
    held = reader.current(IN_S3, members=MEMBERS)
    assert held.is_current
    assert covers(held.value)
    assert reader.current(IN_S3, members=MEMBERS).value is held.value
    assert not covers(reader.current(IN_S3).value)


def test_members_are_not_read_for_a_register_that_asks_for_none(s3: S3Client, reader: RegisterReader) -> None:
    put(s3, register(FRIEND))
    assert reader.current(IN_S3, members=MEMBERS).is_current


@pytest.mark.parametrize(
    "fields, reason",
    [
        (None, sentence("register.list_members_cannot")),
        ({"organization": "x"}, sentence("register.list_members_cannot_not")),
        ({"listed": "0001-01-01T00:00:00+14:00"}, sentence("register.list_members_cannot_not")),
        ({"listed": "2026-11-19T06:00:00Z"}, sentence("register.list_members_cannot_too")),
        ({"listed": "2027-11-19T06:00:00Z"}, sentence("register.list_members_cannot_future")),
    ],
)
def test_a_list_that_is_of_no_use_covers_nobody_and_rings(
    s3: S3Client, reader: RegisterReader, fields: dict[str, object] | None, reason: str
) -> None:
    put(s3, OF_MEMBERS)
    if fields is not None:
        put_members(s3, **fields)
    held = reader.current(IN_S3, members=MEMBERS)
    assert not covers(held.value)
    assert (held.problem, held.unlisted, held.lacks) == (None, reason, reason)
    assert not held.is_current
    assert str(MEMBERS) in str(held.detail)


def test_the_last_good_list_counts_for_a_while(s3: S3Client, reader: RegisterReader, clock: Clock) -> None:
    put(s3, OF_MEMBERS)
    put_members(s3)
    reader.current(IN_S3, members=MEMBERS)
    s3.delete_object(Bucket=BUCKET, Key="ecr/members.json")
    clock.passes(hours=23)
    held = reader.current(IN_S3, members=MEMBERS)
    assert covers(held.value)
    assert sentence("register.list_members_cannot_read") in str(held.stale)
    clock.passes(hours=2)
    assert not covers(reader.current(IN_S3, members=MEMBERS).value)


def test_a_list_grows_too_old_while_it_is_kept(s3: S3Client, reader: RegisterReader, clock: Clock) -> None:
    put(s3, OF_MEMBERS)
    put_members(s3)
    assert covers(reader.current(IN_S3, members=MEMBERS).value)
    clock.passes(days=8)
    assert "it is too old" in str(reader.current(IN_S3, members=MEMBERS).unlisted)


@pytest.mark.parametrize("label", [None, "2026-11"])
def test_what_is_deployed_by_appconfig(appconfig: FakeAppConfigData, reader: RegisterReader, label: str | None) -> None:
    appconfig.deployed["registers", "production", "ecr"] = Deployed(register(FRIEND), label)
    held = reader.current(IN_APPCONFIG)
    assert (trusted(held.value), held.version) == ([FRIEND], label)


def test_a_new_deployment_is_seen_and_the_same_one_is_no_empty_register(
    appconfig: FakeAppConfigData, reader: RegisterReader, clock: Clock
) -> None:
    appconfig.deployed["registers", "production", "ecr"] = Deployed(register(FRIEND))
    for _ in range(3):
        assert trusted(reader.current(IN_APPCONFIG).value) == [FRIEND]
        clock.passes(seconds=FRESH.total_seconds())
    appconfig.deployed["registers", "production", "ecr"] = Deployed(register(PARTNER))
    assert trusted(reader.current(IN_APPCONFIG).value) == [PARTNER]


def test_appconfig_without_a_deployment_is_a_problem(appconfig: FakeAppConfigData, reader: RegisterReader) -> None:
    assert "ResourceNotFoundException" in problem_of(reader.current(IN_APPCONFIG))
    appconfig.deployed["registers", "production", "ecr"] = Deployed(b"")
    clock_free = RegisterReader(client_of, Clock())
    assert "AppConfig holds nothing" in problem_of(clock_free.current(IN_APPCONFIG))
