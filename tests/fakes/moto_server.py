"""Moto over HTTP on this machine, for clients in other processes and for requests by URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from io import BytesIO
from typing import Any

from moto.ecr.responses import ECRResponse
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.server import ThreadedMotoServer
from werkzeug.exceptions import InternalServerError
from werkzeug.test import run_wsgi_app

from tests.fakes.at_hand import Reply, Request, at_hand
from tests.fakes.ecr import write_as_ecr_does


def answer_as_aws_does() -> None:
    """Let moto's ECR write as ECR does, and answer that there are no creation templates and caches."""
    write_as_ecr_does()
    ECRResponse.describe_repository_creation_templates = lambda _: '{"repositoryCreationTemplates": []}'  # type: ignore[attr-defined] # it is new
    ECRResponse.describe_pull_through_cache_rules = lambda _: '{"pullThroughCacheRules": []}'  # type: ignore[attr-defined] # it is new


@contextmanager
def moto_server() -> Iterator[int]:
    """Serve an empty AWS, and yield its port on 127.0.0.1."""
    answer_as_aws_does()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    try:
        # moto's state belongs to the process, so an earlier server may have left something.
        empty(port)
        with at_hand(port, _answering(server._server)):  # noqa: SLF001 - moto has no public name for it
            yield port
    finally:
        server.stop()


def _answering(server: Any) -> Callable[[Request], Reply]:  # noqa: ANN401 - of werkzeug
    """Return a function that answers as a server does, without a server."""

    def answer(request: Request) -> Reply:
        handler = MotoRequestHandler.__new__(MotoRequestHandler)
        handler.server, handler.client_address = server, ("127.0.0.1", 0)
        handler.command, handler.path, handler.headers = request.method, request.target, request.headers
        handler.request_version, handler.rfile, handler.connection = "HTTP/1.1", BytesIO(request.body), None
        environ = handler.make_environ()
        try:
            parts, status, headers = run_wsgi_app(server.app, environ, buffered=True)
        except Exception:  # noqa: BLE001 - as werkzeug's server answers it
            parts, status, headers = run_wsgi_app(InternalServerError(), environ, buffered=True)
        return Reply(int(status.split()[0]), dict(headers), b"".join(parts))

    return answer


def empty(port: int) -> None:
    """Remove everything from moto."""
    with closing(HTTPConnection("127.0.0.1", port)) as connection:  # without the proxy of the environment
        connection.request("POST", "/moto-api/reset")
        assert connection.getresponse().status == HTTPStatus.OK
