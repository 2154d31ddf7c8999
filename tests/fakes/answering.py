"""How every fake that speaks HTTP takes a request and answers it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler

from typing_extensions import override


class Answering(BaseHTTPRequestHandler):
    """A handler that keeps its connection, sends an answer in one piece, and writes no log."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece: its second packet would wait 40 ms for the first one's receipt

    def respond(self) -> None:
        """Answer a request, whatever its method."""
        raise NotImplementedError

    def do_POST(self) -> None:
        self.respond()

    do_GET = do_PUT = do_HEAD = do_DELETE = do_PATCH = do_POST  # noqa: N815 - named by the standard library

    def body(self) -> bytes:
        """Return the body of the request, once."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Answer the request."""
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
        """A test's output is not a server's log."""
