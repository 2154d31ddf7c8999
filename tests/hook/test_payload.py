"""Fetching the content of a change set: only from S3 over HTTPS, and only up to a limit."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import botocore
import pytest
from ecr_crossaccount.products.hook import request
from ecr_crossaccount.products.hook.request import RequestError, fetch_payload, over_https

from tests.wording import sentence

BUCKET = "https://prod-hooks.s3.eu-central-1.amazonaws.com"
DONE = threading.Event()
"""Set when a client has seen enough of a slow answer."""
SIGNED = "X-Amz-Signature=0123456789abcdef"


class Store(BaseHTTPRequestHandler):
    """A bucket with a few objects."""

    def do_GET(self) -> None:
        name, _, query = self.path.partition("?")
        if query != SIGNED:
            self.send_error(403)
        elif name == "/moved":
            self.send_response(307)
            self.send_header("Location", f"{BUCKET}/payload?{SIGNED}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            body = b"x" * 2000 if name == "/large" else b'{"template": ""}'
            self.send_response(206 if name == "/part" else 200)
            self.send_header("Content-Length", str(len(body) + (10 if name == "/short" else 0)))
            self.end_headers()
            self.wfile.write(body[:1])
            self.wfile.flush()
            slow = name == "/slow" and not DONE.wait(timeout=60)
            with suppress(ConnectionError):  # a client that has waited long enough is gone
                self.wfile.write(b"" if slow else body[1:])

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def from_port(port: int, url: str) -> bytes:
    hosts: list[str] = []

    def connect(host: str) -> http.client.HTTPConnection:
        hosts.append(host)
        return http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    found = fetch_payload(url, connect)
    assert hosts == ["prod-hooks.s3.eu-central-1.amazonaws.com"]
    return found


def test_a_payload_is_fetched_with_its_signature(port: int) -> None:
    assert from_port(port, f"{BUCKET}/payload?{SIGNED}") == b'{"template": ""}'
    assert from_port(port, f"{BUCKET}:443/payload?{SIGNED}") == b'{"template": ""}'


@pytest.mark.parametrize(
    "name, told",
    [
        ("payload?X-Amz-Signature=other", "S3 answers 403 for the payload"),
        (f"moved?{SIGNED}", "S3 answers 307 for the payload"),
        (f"short?{SIGNED}", "the payload ends early"),
        (f"part?{SIGNED}", "S3 answers 206 for the payload"),
    ],
)
def test_what_is_no_whole_payload_is_an_error(port: int, name: str, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        from_port(port, f"{BUCKET}/{name}")


def test_a_payload_that_is_too_large_is_an_error(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "LARGEST", 1000)
    with pytest.raises(RequestError, match="larger than 1,000 bytes"):
        from_port(port, f"{BUCKET}/large?{SIGNED}")


def test_a_payload_that_takes_too_long_is_an_error(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "SECONDS", -1.0)
    with pytest.raises(RequestError, match="took longer than"):
        from_port(port, f"{BUCKET}/payload?{SIGNED}")


def test_the_time_counts_while_bytes_come_one_by_one(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "SECONDS", -1.0)
    with pytest.raises(RequestError, match="took longer than"):  # after its first byte, not at the end
        from_port(port, f"{BUCKET}/slow?{SIGNED}")
    assert not DONE.is_set()
    DONE.set()


def test_no_connection_is_an_error_without_the_url() -> None:
    def refuse(_host: str) -> http.client.HTTPConnection:
        raise ConnectionRefusedError(f"{BUCKET}/payload?{SIGNED}")

    with pytest.raises(RequestError) as raised:
        fetch_payload(f"{BUCKET}/payload?{SIGNED}", refuse)
    assert str(raised.value) == sentence("request.payload_cannot_fetched")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "payload",
        f"http://prod-hooks.s3.eu-central-1.amazonaws.com/payload?{SIGNED}",
        "file:///etc/passwd",
        "https://example.com/payload",
        "https://s3.eu-central-1.amazonaws.com.example.com/payload",
        "https://s3.amazonaws.com@example.com/payload",
        "https://user:word@s3.amazonaws.com/payload",
        "https://s3.amazonaws.com:8443/payload",
        "https://169.254.169.254/latest/meta-data",
        "https://lambda.eu-central-1.amazonaws.com/",
        "https://evils3.amazonaws.com/payload",
        "https://s3.amazonaws.com:x/payload",
        "https://[::1/payload",
        "https://s3.amazonaws.com\\@example.com/payload",
        "https://s3-x.eu-central-1.elb.amazonaws.com/payload",
        "https://s3.eu-central-1.elb.amazonaws.com/payload",
        "https://s3.x.eu-central-1.elb.amazonaws.com/payload",
        "https://s3-1234567890.eu-central-1.elb.amazonaws.com/payload",
        "https://s3.ec2-203-0-113-1.compute-1.amazonaws.com/payload",
        "https://s3.abc123.execute-api.eu-central-1.amazonaws.com/payload",
        "https://bucket.s3-website.eu-central-1.amazonaws.com/payload",
        "https://bucket.s3-website-us-east-1.amazonaws.com/payload",
        "https://bucket.s3-accelerate.amazonaws.com/payload",
        "https://name-111122223333.s3-accesspoint.eu-central-1.amazonaws.com/payload",
        "https://name-111122223333.s3-object-lambda.eu-central-1.amazonaws.com/payload",
        "https://111122223333.s3-control.eu-central-1.amazonaws.com/payload",
        "https://bucket.vpce-1a2b3c4d.s3.us-east-1.vpce.amazonaws.com/payload",
        "https://bucket.s3.cn-north-1.amazonaws.com/payload",
        "https://bucket.s3.eu-central-1.amazonaws.com.cn/payload",
        "https://bucket.s3.eusc-de-east-1.amazonaws.com/payload",
        "https://s3-cn-north-1.amazonaws.com.cn/payload",
        "https://s3.amazonaws.com.cn/payload",
        "https://s3.eu-central-1.api.aws/payload",
        "https://-.s3.eu-central-1.amazonaws.com/payload",
        "https://..s3.eu-central-1.amazonaws.com/payload",
        "https://s3.eu-central-1.amazonaws.com./payload",
    ],
)
def test_only_s3_is_asked(url: str) -> None:
    def connect(host: str) -> http.client.HTTPConnection:
        raise AssertionError(host)

    with pytest.raises(RequestError, match="the payload's URL"):
        fetch_payload(url, connect)


@pytest.mark.parametrize(
    "host",
    [
        "s3.amazonaws.com",
        "s3.eu-central-1.amazonaws.com",
        "s3-eu-west-1.amazonaws.com",
        "bucket.with.dots.s3.dualstack.eu-west-1.amazonaws.com",
        "bucket.s3.cn-north-1.amazonaws.com.cn",
    ],
)
def test_every_form_of_an_address_of_s3_is_known(host: str) -> None:
    asked: list[str] = []

    def connect(host: str) -> http.client.HTTPConnection:
        asked.append(host)
        raise TimeoutError

    with pytest.raises(RequestError, match="TimeoutError"):
        fetch_payload(f"https://{host}/payload?{SIGNED}", connect)
    assert asked == [host]


def endpoints() -> list[str]:
    """Return every endpoint of S3 that the AWS SDK has, in every partition."""
    data = Path(botocore.__file__).with_name("data") / "endpoints.json"
    found = set()
    for partition in json.loads(data.read_text(encoding="utf-8"))["partitions"]:
        for region, one in partition["services"].get("s3", {}).get("endpoints", {}).items():
            hosts = [one.get("hostname", f"s3.{region}.{partition['dnsSuffix']}")]
            found |= {*hosts, *(variant["hostname"] for variant in one.get("variants", []))}
    return sorted(found)


def test_every_endpoint_of_s3_is_known() -> None:
    hosts = endpoints()
    assert len(hosts) > 100
    for host in [*hosts, *(f"a-bucket.of.{host}" for host in hosts)]:
        with pytest.raises(RequestError, match="TimeoutError"):
            fetch_payload(f"https://{host}/payload?{SIGNED}", refusing)


def refusing(_host: str) -> http.client.HTTPConnection:
    raise TimeoutError


def test_certificates_are_verified() -> None:
    connection = over_https("s3.amazonaws.com")
    assert isinstance(connection, http.client.HTTPSConnection)
    context = connection._context  # type: ignore[attr-defined]  # noqa: SLF001 - http.client tells no other way
    assert (context.check_hostname, context.verify_mode.name) == (True, "CERT_REQUIRED")


def test_an_address_that_cannot_be_sent_is_an_error(port: int) -> None:
    with pytest.raises(RequestError, match="cannot be fetched: UnicodeEncodeError"):
        from_port(port, f"{BUCKET}/\u00e9?{SIGNED}")
