"""A fake of AWS Lambda's Invoke over HTTP: functions by name, and their answers.

Point boto3 at it with `AWS_ENDPOINT_URL_LAMBDA`. It enforces these rules of
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html:

- A function that does not exist is not found.
- The payload is JSON of at most 6 MB.
- An error of the function is an answer with status 200 and a header for the error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote

from typing_extensions import override

from tests.fakes.loopback import Loopback

from .answering import Answering

Json = Mapping[str, Any]
Function = Callable[[Json], object]
"""A function that returns its answer or raises an exception."""

_INVOKE = re.compile(r"/2015-03-31/functions/([^/?]+)/invocations")
_LARGEST = 6 * 1024 * 1024


class FakeFunctions(Loopback):
    """The functions of one account and Region, and the requests to each."""

    def __init__(self, **functions: Function) -> None:
        self.functions = functions
        self.asked: list[dict[str, Any]] = []
        super().__init__(_handler_of(self))

    def invoke(self, name: str, payload: bytes) -> tuple[int, Json, bytes]:
        """Return status, headers and body of an invocation."""
        if name not in self.functions:
            return _refused(404, "ResourceNotFoundException", f"Function not found: {name}")
        if len(payload) > _LARGEST:
            return _refused(413, "RequestTooLargeException", "6291456 byte limit")
        try:
            request = json.loads(payload)
        except ValueError:
            return _refused(400, "InvalidRequestContentException", "Could not parse request body into json")
        self.asked.append(request)
        try:
            return 200, {}, json.dumps(self.functions[name](request)).encode()
        except Exception as error:  # noqa: BLE001 - AWS Lambda answers with any error
            told = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return 200, {"X-Amz-Function-Error": "Unhandled"}, json.dumps(told).encode()


def _refused(status: int, code: str, message: str) -> tuple[int, Json, bytes]:
    return status, {"x-amzn-ErrorType": code}, json.dumps({"Message": message}).encode()


def _handler_of(service: FakeFunctions) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(Answering):
        @override
        def respond(self) -> None:
            found = _INVOKE.fullmatch(unquote(self.path))
            waited_for = self.headers.get("X-Amz-Invocation-Type", "RequestResponse") == "RequestResponse"
            if found is None or not waited_for:
                answer = _refused(400, "InvalidParameterValueException", "this fake only invokes, and waits")
            else:
                answer = service.invoke(found[1], self.body())
            self.send(*answer)

    return Handler
