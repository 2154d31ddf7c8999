"""A server on 127.0.0.1 that replaces AWS and can be told to fail.

Calls of the operation that fails go over HTTP, because a fault may be the connection's. Others take the short way.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Self
from urllib.parse import parse_qs

from typing_extensions import override

from tests.fakes import at_hand
from tests.fakes.loopback import Loopback
from tests.fakes.rest_json import rest_json

HELD = "x-held"
"""The header that represents a missing answer. The reader must behave as after a timeout."""

_FINDINGS = "/findings"
"""The first part of the paths for Security Hub's findings."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the function. With `held`, it gets none, see `HELD`."""

    status: int
    body: bytes
    kind: str = "application/x-amz-json-1.1"
    held: bool = False


Break = Callable[["Exchange", Callable[[], Answer]], Answer | None]
"""A fault: returns the answer to a request, given AWS's answer, or None for no answer."""


Aws = Callable[[str, bytes], Answer]
"""Answers an operation with a request body."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request."""

    operation: str
    body: bytes
    connection: socket.socket

    def reset(self) -> None:
        """Close the connection so that the other side sees a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


@dataclass(slots=True)
class _Plan:
    fault: Break
    about: bytes
    first: int
    last: int
    seen: int = 0

    def concerns(self, exchange: Exchange) -> bool:
        """Count a call, and return whether it must fail."""
        self.seen += self.about in exchange.body
        return self.about in exchange.body and self.first <= self.seen <= self.last


class Gateway(Loopback):
    """Answers like `aws`, except for faults. Many tests share it, and each of them calls `reset`."""

    def __init__(self) -> None:
        super().__init__(_handler_of(self))
        self._lock = threading.Lock()
        self.reset(lambda operation, _: Answer(500, operation.encode()))

    @override
    def __enter__(self) -> Self:
        super().__enter__()
        self._short_way.enter_context(at_hand.at_hand(self._server.server_port, self._at_hand))
        return self

    def reset(self, aws: Aws) -> None:
        """Remove all state."""
        self.aws = aws
        self.calls: list[str] = []
        self._plans: dict[str, _Plan] = {}

    def breaks(self, operation: str, fault: Break, *, about: str = "", first: int = 1, times: int = 1_000) -> None:
        """Let that many calls of an operation fail, starting with the `first`.

        With `about`, only those about that name.
        """
        self._plans[operation] = _Plan(fault, about.encode(), first, first + times - 1)

    def heal(self) -> None:
        """Let no more calls fail."""
        self._plans.clear()

    def _at_hand(self, request: at_hand.Request) -> at_hand.Reply:
        operation, body = _asked(request.method, request.target, request.headers, request.body)
        if operation in self._plans:
            raise at_hand.OverHttpError
        with self._lock:
            self.calls.append(operation)
        answer = self.aws(operation, body)
        return at_hand.Reply(answer.status, {"Content-Type": answer.kind}, answer.body)

    def answer(self, exchange: Exchange) -> Answer | None:
        with self._lock:
            self.calls.append(exchange.operation)
            plan = self._plans.get(exchange.operation)
            fails = plan is not None and plan.concerns(exchange)

        def usual() -> Answer:
            return self.aws(exchange.operation, exchange.body)

        return plan.fault(exchange, usual) if plan is not None and fails else usual()


def _asked(method: str, path: str, headers: Message, body: bytes) -> tuple[str, bytes]:
    """Return the operation of a request, and the body in JSON or of a query."""
    operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
    if not operation and path != "/":
        service = "securityhub" if path.startswith(_FINDINGS) else "accessanalyzer"
        operation, request = rest_json(service).request(method, path, body)
        return operation, json.dumps(request).encode()
    return operation or parse_qs(body.decode())["Action"][0], body


def _handler_of(gateway: Gateway) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # the second packet of an answer would wait 40 ms for the first one's receipt

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = gateway.answer(Exchange(*_asked(self.command, self.path, self.headers, body), self.connection))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            if answer.held:
                self.send_header(HELD, "")
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST  # noqa: N815 - named by the standard library

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):
                """Ignore a closed connection, which is what the test is about."""

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                """Ignore a closed connection, as above."""

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Write nothing, because a test's output is not a server's log."""

    return Handler
