"""A service of the protocol REST-JSON 1 with botocore's model: reads requests, and checks answers.

https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.loaders import create_loader
from botocore.model import OperationModel, ServiceModel
from typing_extensions import override

from tests.fakes.config_service import Service
from tests.fakes.models import ServiceError, assert_answer, problems_of_request

from .answering import Answering

Json = dict[str, Any]

_FIELD = re.compile(r"\\\{(\w+)\\\}")
_READ: Mapping[str, Callable[[str], object]] = {"integer": int, "long": int, "boolean": lambda text: text == "true"}


@cache
def rest_json(service: str) -> RestJson:
    """Return a service by its name in boto3, for instance `accessanalyzer`."""
    # Not from a session, which would read the environment of the importing process.
    return RestJson(ServiceModel(create_loader().load_service_model(service, "service-2"), service))


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: re.Pattern[str]
    operation: str


class RestJson:
    """The operations of one service."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._routes = [_route(model.operation_model(name)) for name in model.operation_names]

    def request(self, method: str, target: str, body: bytes) -> tuple[str, Json]:
        """Return the operation and the parameters of an HTTP request. Raises ServiceError if they are invalid."""
        parts = urlsplit(target)
        for route in self._routes:
            found = route.path.fullmatch(parts.path)
            if found is not None and route.method == method:
                path = {name: unquote(text) for name, text in found.groupdict().items()}
                query = {name: texts[0] for name, texts in parse_qs(parts.query, keep_blank_values=True).items()}
                operation = self._model.operation_model(route.operation)
                return route.operation, _parameters(operation, path | query, body)
        raise ServiceError("UnknownOperationException", f"no operation `{method} {parts.path}`", 404)

    def check(self, operation: str, answer: Json) -> None:
        """Raise AssertionError if the service could not have given this answer, because the fake would be wrong."""
        assert_answer(self._model.operation_model(operation), answer)


def _route(operation: OperationModel) -> _Route:
    uri = operation.http["requestUri"].partition("?")[0]
    path = re.compile(_FIELD.sub(r"(?P<\1>[^/]+)", re.escape(uri)))
    return _Route(operation.http["method"], path, operation.name)


def _parameters(operation: OperationModel, texts: Mapping[str, str], body: bytes) -> Json:
    shape = operation.input_shape
    assert shape is not None
    named = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
    found: Json = json.loads(body) if body else {}
    for text, value in texts.items():
        name, member = named[text]
        found[name] = _READ.get(member.type_name, str)(value)
    problems = problems_of_request(operation.service_model.service_name, operation.name, found)
    if problems:
        raise ServiceError("ValidationException", "; ".join(problems))
    return found


def handler_of(service: Service, model: RestJson) -> Callable[..., BaseHTTPRequestHandler]:
    """Serve a service. Its ServiceErrors become AWS's error answers."""

    class Handler(Answering):
        @override
        def respond(self) -> None:
            try:
                operation, request = model.request(self.command, self.path, self.body())
                answer = service.answer(operation, request)
                model.check(operation, answer)
                self.send_json(200, answer, "application/json", {})
            except ServiceError as error:
                told = {"message": str(error)}
                self.send_json(error.status, told, "application/json", {"x-amzn-ErrorType": error.code})

    return Handler
