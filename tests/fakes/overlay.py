"""A server before moto that answers some operations, and passes the others on to moto.

The request's signature has the service and the access key of the caller.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler

from typing_extensions import override

from tests.fakes import at_hand
from tests.fakes.loopback import Loopback

from .answering import Answering

_SIGNED = re.compile(r"Credential=(?P<key>[^/]+)/[0-9]{8}/[a-z0-9-]+/(?P<service>[a-z0-9-]+)/aws4_request")
_NOT_PASSED_ON = frozenset({"host", "content-length", "connection", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Request:
    """A call. `service` is the signing name, and `key` the caller's access key id. Headers are in lower case."""

    service: str
    key: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """The operation of a JSON protocol, or "" for other protocols."""
        return self.headers.get("x-amz-target", "").rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Response:
    """An answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Forward = Callable[[Request], Response]
Own = Callable[[Request, Forward], Response]
"""Answers the calls of a service, itself or with moto's answer."""


class Overlay(Loopback):
    """Answers with `own`, by the service's signing name, and passes everything else on to moto at `port`."""

    def __init__(self, port: int, own: Mapping[str, Own]) -> None:
        self._port, self._own = port, own
        super().__init__(_handler_of(self))

    @property
    @override
    def url(self) -> str:
        """The address with a name and not a number, because moto takes a bucket's name from the host."""
        return super().url.replace("127.0.0.1", "localhost")

    def answer(self, request: Request) -> Response:
        own = self._own.get(request.service)
        return own(request, self.forward) if own is not None else self.forward(request)

    def forward(self, request: Request) -> Response:
        """Return moto's answer."""
        server = at_hand.server_at(self._port)
        if server is not None:
            return self._at_hand(server, request)
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {"Host": f"localhost:{self._port}", **request.headers, "content-length": str(len(request.body))}
            connection.request(request.method, request.path, request.body, headers)
            answer = connection.getresponse()
            kept = {name: text for name, text in answer.getheaders() if name.lower() not in _NOT_PASSED_ON}
            return Response(answer.status, answer.read(), kept)
        finally:
            connection.close()

    def _at_hand(self, server: at_hand.Server, request: Request) -> Response:
        headers = {"Host": f"localhost:{self._port}", **request.headers, "content-length": str(len(request.body))}
        asked = at_hand.Request(request.method, request.path, at_hand.message(headers), request.body)
        answer = server(asked)
        kept = {name: text for name, text in answer.headers.items() if name.lower() not in _NOT_PASSED_ON}
        return Response(answer.status, answer.body, kept)


def _handler_of(service: Overlay) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(Answering):
        @override
        def respond(self) -> None:
            signed = _SIGNED.search(self.headers.get("Authorization", ""))
            headers = {name.lower(): text for name, text in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
            answer = service.answer(
                Request(
                    signed["service"] if signed else "",
                    signed["key"] if signed else "",
                    self.command,
                    self.path,
                    headers,
                    self.body(),
                )
            )
            self.send(answer.status, answer.headers, answer.body)

    return Handler
