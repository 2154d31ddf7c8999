"""moto over HTTP on 127.0.0.1, with a share of the calls refused, as AWS does when it throttles.

`python -m benchmarks.limited_moto` prints its address. After PUT /refused/0.3, it refuses three calls in ten.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

from tests.fakes.limits import Luck
from tests.fakes.moto_server import answer_as_aws_does

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

REFUSED = "/refused/"
_BODY = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
_SEED = 10


class Limited:
    """An application that refuses a share of its requests."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._takes: Callable[[], bool] = lambda: True

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path: str = environ["PATH_INFO"]
        if path.startswith(REFUSED):
            self._takes = Luck(float(path.removeprefix(REFUSED)), _SEED).takes
            start_response("200 OK", [("Content-Length", "0")])
            return []
        if self._takes():
            return self._application(environ, start_response)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(_BODY)))]
        start_response("400 Bad Request", headers)
        return [_BODY]


if __name__ == "__main__":
    answer_as_aws_does()
    run_simple("127.0.0.1", 0, Limited(DomainDispatcherApplication(create_backend_app)), threaded=True)
    sys.exit(0)
