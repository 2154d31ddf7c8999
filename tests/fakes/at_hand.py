"""The short way to a server in this process: the client calls the server's function, without a socket.

The server still listens, for other processes and for requests by URL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPMessage
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from urllib3 import HTTPResponse


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request. `target` is the path with the query."""

    method: str
    target: str
    headers: HTTPMessage
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a client."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class OverHttpError(Exception):
    """Raised by a server for a request that it answers over HTTP only."""


Server = Callable[[Request], Reply]

_SERVERS: dict[int, Server] = {}
"""The servers in this process, by port."""


@contextmanager
def at_hand(port: int, server: Server) -> Iterator[None]:
    """Let clients of this process find the server at a port."""
    _SERVERS[port] = server
    try:
        yield
    finally:
        del _SERVERS[port]


def server_at(port: int | None) -> Server | None:
    """Return the server at a port, or None if it must be called over HTTP."""
    return None if port is None else _SERVERS.get(port)


def message(headers: Mapping[str, str | bytes]) -> HTTPMessage:
    """Return headers as a server reads them."""
    found = HTTPMessage()
    for name, value in headers.items():
        found[name] = value.decode("latin-1") if isinstance(value, bytes) else value
    return found


def share() -> None:
    """Let botocore use the short way if there is one, from now on."""
    session: Any = URLLib3Session
    by_http = session.send

    def send(self: Any, request: AWSPreparedRequest) -> AWSResponse:  # noqa: ANN401 - botocore's session
        address = urlsplit(request.url)
        server = server_at(address.port) if address.scheme == "http" else None
        if server is not None:
            with suppress(OverHttpError):
                return _asked(server, request, self)
        answer: AWSResponse = by_http(self, request)
        return answer

    session.send = send


def _asked(server: Server, request: Any, session: Any) -> AWSResponse:  # noqa: ANN401 - of botocore
    headers = message(request.headers)
    body = _bytes(request.body)
    del headers["Transfer-Encoding"], headers["Content-Length"]
    headers["Content-Length"] = str(len(body))
    if "Host" not in headers:
        headers["Host"] = urlsplit(request.url).netloc
    # The path as urllib3 writes it.
    target = session._get_request_target(request.url, None)  # noqa: SLF001 - botocore has no public name for it
    reply = server(Request(request.method, target, headers, body))
    sent = b"" if request.method == "HEAD" else reply.body
    raw: Any = HTTPResponse(BytesIO(sent), reply.headers, reply.status, preload_content=False, decode_content=False)
    answer = AWSResponse(request.url, reply.status, raw.headers, raw)
    if not request.stream_output:
        _ = answer.content
    return answer


def _bytes(body: Any) -> bytes:  # noqa: ANN401 - the type depends on botocore
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else bytes(body.read())
