"""A server on 127.0.0.1 for the duration of a `with` block."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from typing_extensions import override

from tests.fakes.answering import Answering
from tests.fakes.at_hand import at_hand


class _Server(ThreadingHTTPServer):
    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Write nothing about a client that has gone: standard error belongs to the test that runs by then."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # whatever the server has


class Loopback:
    """Serves requests in its own thread. A client that still waits at the end does not delay it."""

    def __init__(self, handler: Callable[..., BaseHTTPRequestHandler]) -> None:
        self._server = _Server(("127.0.0.1", 0), handler)
        self._handler = handler
        self._short_way = ExitStack()
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def close(self) -> None:
        """Stop listening, for a fake that is called without HTTP, before it has begun to serve."""
        self._server.server_close()

    def __enter__(self) -> Self:
        if isinstance(self._handler, type) and issubclass(self._handler, Answering):
            self._short_way.enter_context(at_hand(self._server.server_port, self._handler.asked))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._short_way.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
