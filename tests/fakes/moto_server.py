"""Moto over HTTP on this machine, for clients in other processes and for requests by URL."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from io import BytesIO
from typing import Any

from moto.cloudformation import parsing
from moto.ecr.responses import ECRResponse
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.server import ThreadedMotoServer
from werkzeug.exceptions import InternalServerError
from werkzeug.test import run_wsgi_app

from tests.fakes.at_hand import Reply, Request, at_hand


def answer_what_moto_does_not() -> None:
    """Let ECR answer that there are no creation templates and caches. moto does not have them, and would fail."""
    ECRResponse.describe_repository_creation_templates = lambda _: '{"repositoryCreationTemplates": []}'  # type: ignore[attr-defined] # it is new
    ECRResponse.describe_pull_through_cache_rules = lambda _: '{"pullThroughCacheRules": []}'  # type: ignore[attr-defined] # it is new


def update_as_cloudformation_does() -> None:
    """Let an update of a stack change what depends on its parameters, and only resources that exist.

    moto misses a parameter that the list form of `Fn::Sub` names. It fails on a resource whose condition is false, and
    forgets one that it cannot update.
    """
    update, references = parsing.parse_and_update_resource, parsing.get_references_from_template
    if update.__module__ != parsing.__name__:
        return  # patched before

    def update_if_it_is_there(logical_id: str, written: Any, resources: Any, **where: str) -> Any:  # noqa: ANN401 - moto's
        known = resources[logical_id]
        return known if known is None else update(logical_id, written, resources, **where) or known

    def every_reference(template: Any) -> Any:  # noqa: ANN401 - moto's
        return [*references(template), *_NAMED.findall(json.dumps(template))]

    parsing.parse_and_update_resource = update_if_it_is_there  # type: ignore[assignment] # without types
    parsing.get_references_from_template = every_reference


_NAMED = re.compile(r"\$\{([A-Za-z0-9]+)\}")


@contextmanager
def moto_server() -> Iterator[int]:
    """Serve an empty AWS, and yield its port on 127.0.0.1."""
    answer_what_moto_does_not()
    update_as_cloudformation_does()
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
