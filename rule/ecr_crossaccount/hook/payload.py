"""What a change set would do: a file that CloudFormation puts into a bucket of its own, and names by a presigned URL.

The URL is a credential for the time that it holds: no message and no line of the log has it.
"""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable
from contextlib import closing
from urllib.parse import SplitResult, urlsplit

from .request import RequestError

LARGEST = 16 * 1_048_576
"""Bytes: two templates of 1 MB, and what a change makes of up to 500 resources."""
SECONDS = 10.0
"""For all of it; CloudFormation waits 30 seconds for the answer."""

_CHUNK = 65_536
_HTTPS = 443
# https://docs.aws.amazon.com/general/latest/gr/s3.html
_HOST = re.compile(r"(?:[a-z0-9][a-z0-9.-]*\.)?s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?")

Connect = Callable[[str], http.client.HTTPConnection]
"""Makes a connection to a host."""


def over_https(host: str) -> http.client.HTTPConnection:
    """Return a connection to a host whose certificate is verified."""
    return http.client.HTTPSConnection(host, timeout=SECONDS / 2)


def fetched(url: str, connect: Connect = over_https) -> bytes:
    """Return the file behind a presigned URL of S3. Raises RequestError."""
    place = _place(url)
    end = time.monotonic() + SECONDS
    try:
        with closing(connect(str(place.hostname))) as connection:
            # A redirect is not followed: it would lead to a host that nobody has looked at.
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
        raise RequestError("the payload's URL is none") from None
    host = place.hostname or ""
    is_s3 = _HOST.fullmatch(host) is not None and place.netloc.lower() in (host, f"{host}:{_HTTPS}")
    if place.scheme != "https" or not is_s3 or port not in (None, _HTTPS):
        raise RequestError("the payload's URL does not lead to S3 over HTTPS")
    return place


def _read(answer: http.client.HTTPResponse, end: float) -> bytes:
    parts, size = [], 0
    while chunk := answer.read(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise RequestError(f"the payload is larger than {LARGEST:,} bytes")
        if time.monotonic() > end:
            raise RequestError(f"the payload took longer than {SECONDS:.0f} seconds")
    if answer.length:
        raise RequestError("the payload ends early")
    return b"".join(parts)
