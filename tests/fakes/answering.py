"""How every fake for HTTP receives a request and answers it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from io import BytesIO

from typing_extensions import override

from tests.fakes.at_hand import Reply, Request

_UNANSWERED = Reply(0, {}, b"")


class Answering(BaseHTTPRequestHandler):
    """A handler that keeps its connection, sends an answer in one packet, and writes no log."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet, because a second would wait 40 ms for the first one's receipt
    at_hand: Reply | None = None
    """The answer to a request of this process."""

    @classmethod
    def asked(cls, request: Request) -> Reply:
        """Answer a request of this process, which has no connection."""
        handler = cls.__new__(cls)
        handler.command, handler.path, handler.headers = request.method, request.target, request.headers
        handler.rfile = BytesIO(request.body)
        handler.at_hand = _UNANSWERED
        getattr(handler, f"do_{request.method}")()
        assert handler.at_hand is not _UNANSWERED, f"{cls.__qualname__} has not answered"
        return handler.at_hand

    def respond(self) -> None:
        """Answer a request with any method."""
        raise NotImplementedError

    def do_POST(self) -> None:
        self.respond()

    do_GET = do_PUT = do_HEAD = do_DELETE = do_PATCH = do_POST  # noqa: N815 - named by the standard library

    def body(self) -> bytes:
        """Return the body of the request. It can be read only once."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Answer the request."""
        if self.at_hand is not None:
            self.at_hand = Reply(status, headers, body)
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, status: int, answer: object, content_type: str, headers: Mapping[str, str]) -> None:
        """Answer the request with JSON."""
        self.send(status, {"Content-Type": content_type, **headers}, json.dumps(answer).encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Write nothing, because a test's output is not a server's log."""
