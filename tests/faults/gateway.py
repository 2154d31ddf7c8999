"""A server in AWS's place, on 127.0.0.1, that can be told to fail."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

from typing_extensions import override

from tests.fakes.loopback import Loopback
from tests.fakes.rest_json import rest_json

HELD = "x-held"
"""The header of what stands for no answer at all: whoever reads it is to behave as if time had been up."""

_FINDINGS = "/findings/import"
"""Where Security Hub takes findings."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent to the function. `held`: it gets none, see `HELD`."""

    status: int
    body: bytes
    kind: str = "application/x-amz-json-1.1"
    held: bool = False


Break = Callable[["Exchange", Callable[[], Answer]], Answer | None]
"""A fault: how to answer a request, given what AWS would answer; None where it is not answered at all."""


Aws = Callable[[str, bytes], Answer]
"""What answers an operation and the body of its request."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request on its way."""

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
        """Count a call, and tell whether it is one of those that fail."""
        self.seen += self.about in exchange.body
        return self.about in exchange.body and self.first <= self.seen <= self.last


class Gateway(Loopback):
    """Answers as `aws` does, but for what it is told to break; one for many tests, each of which calls `reset`."""

    def __init__(self) -> None:
        super().__init__(_handler_of(self))
        self._lock = threading.Lock()
        self.reset(lambda operation, _: Answer(500, operation.encode()))

    def reset(self, aws: Aws) -> None:
        """Forget everything."""
        self.aws = aws
        self.calls: list[str] = []
        self._plans: dict[str, _Plan] = {}

    def breaks(self, operation: str, fault: Break, *, about: str = "", first: int = 1, times: int = 1_000) -> None:
        """Let so many calls of an operation fail, from the `first` on; only those `about` a name, if one is given."""
        self._plans[operation] = _Plan(fault, about.encode(), first, first + times - 1)

    def heal(self) -> None:
        """Let nothing fail any more."""
        self._plans.clear()

    def answer(self, exchange: Exchange) -> Answer | None:
        with self._lock:
            self.calls.append(exchange.operation)
            plan = self._plans.get(exchange.operation)
            fails = plan is not None and plan.concerns(exchange)

        def usual() -> Answer:
            return self.aws(exchange.operation, exchange.body)

        return plan.fault(exchange, usual) if plan is not None and fails else usual()


def _handler_of(gateway: Gateway) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # the second packet of an answer would wait 40 ms for the first one's receipt

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            if not operation and self.path != "/":
                service = "securityhub" if self.path == _FINDINGS else "accessanalyzer"
                operation, request = rest_json(service).request(self.command, self.path, body)
                body = json.dumps(request).encode()
            operation = operation or parse_qs(body.decode())["Action"][0]
            answer = gateway.answer(Exchange(operation, body, self.connection))
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
                """The other side has hung up, or we have: that is what is tried out."""

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                """Likewise."""

        @override
        def log_message(self, format: str, *args: object) -> None:
            """A test's output is not a server's log."""

    return Handler
