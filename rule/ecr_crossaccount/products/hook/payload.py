"""Fetches the content of a change set: a file that CloudFormation stores in its own bucket, with a presigned URL.

The URL is a credential while it is valid, so it is in no message and in no line of the log.
"""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable
from contextlib import closing
from urllib.parse import SplitResult, urlsplit

from ...documents.principals import partition_of
from ...sources.formats.cloudformation.template import suffix_of
from .request import RequestError

LARGEST = 16 * 1_048_576
"""Bytes: two templates of 1 MB, and the preview of up to 500 resources."""
SECONDS = 10.0
"""The time limit for the whole file. CloudFormation waits 30 seconds for the answer."""

_CHUNK = 65_536
_HTTPS = 443
# The endpoints of S3, including those of older Regions only. Nobody else can register a name below them.
# https://docs.aws.amazon.com/general/latest/gr/s3.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#VirtualHostingBackwardsCompatibility
_BUCKET = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*"
_HOST = re.compile(
    rf"{_BUCKET}(?:"
    r"s3(?:-fips)?(?:\.dualstack)?\.(?P<region>[a-z]{2,5}(?:-[a-z]+){1,3}-[0-9]{1,2})\.(?P<suffix>[a-z0-9.-]+)"
    r"|s3(?:-fips)?-(?P<older>[a-z]{2}(?:-[a-z]+){1,2}-[0-9])\.amazonaws\.com"
    r"|s3(?:-external-1)?\.amazonaws\.com)"
)

Connect = Callable[[str], http.client.HTTPConnection]
"""Returns a connection to a host."""


def over_https(host: str) -> http.client.HTTPConnection:
    """Return a connection to a host whose certificate is verified."""
    return http.client.HTTPSConnection(host, timeout=SECONDS / 2)


def fetched(url: str, connect: Connect = over_https) -> bytes:
    """Return the file behind a presigned URL of S3. Raises RequestError."""
    place = _place(url)
    end = time.monotonic() + SECONDS
    try:
        with closing(connect(str(place.hostname))) as connection:
            # A redirect is not followed, because its host has not been checked.
            connection.request("GET", f"{place.path}?{place.query}", headers={"Accept-Encoding": "identity"})
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise RequestError(f"S3 answers {answer.status} for the payload")
            return _read(answer, end)
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        raise RequestError(f"the payload cannot be fetched: {type(error).__name__}") from None


def _place(url: str) -> SplitResult:
    try:
        place = urlsplit(url)
        port = place.port
    except ValueError:
        raise RequestError("the payload's URL is not valid") from None
    host = place.hostname or ""
    is_s3 = _is_s3(host) and place.netloc.lower() in (host, f"{host}:{_HTTPS}")
    if place.scheme != "https" or not is_s3 or port not in (None, _HTTPS):
        raise RequestError("the payload's URL does not lead to S3 over HTTPS")
    return place


def _is_s3(host: str) -> bool:
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    region = found["region"]
    return region is None or found["suffix"] == suffix_of(partition_of(region))


def _read(answer: http.client.HTTPResponse, end: float) -> bytes:
    parts, size = [], 0
    while chunk := answer.read1(_CHUNK):  # does not wait for a full chunk, so that the time limit holds
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise RequestError(f"the payload is larger than {LARGEST:,} bytes")
        if time.monotonic() > end:
            raise RequestError(f"the payload took longer than {SECONDS:.0f} seconds")
    if answer.length:
        raise RequestError("the payload ends early")
    return b"".join(parts)
