"""A fake of AppConfig's data plane over HTTP: the deployed configurations of one environment, by profile.

Point botocore at it with `AWS_ENDPOINT_URL_APPCONFIGDATA`. Requests are checked against botocore's model. It enforces
these rules:

- A profile that does not exist is not found.
- A token is valid for one call, and an unknown token is refused.
- A session with the latest version gets an empty answer.

https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_appconfigdata_GetLatestConfiguration.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any

from typing_extensions import override

from tests.fakes.loopback import Loopback
from tests.fakes.models import ServiceError
from tests.fakes.rest_json import rest_json

from .answering import Answering

Profile = tuple[str, str, str]
_MODEL = rest_json("appconfigdata")


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployed configuration. `label` is None if its version has none."""

    content: bytes
    label: str | None = None


class FakeAppConfigData(Loopback):
    """`deployed` is by application, environment and profile, as requested. `refusal` is an error code for all calls."""

    def __init__(self) -> None:
        self.deployed: dict[Profile, Deployed] = {}
        self.refusal: str | None = None
        self.calls: list[str] = []
        self._tokens: dict[str, tuple[Profile, Deployed | None]] = {}
        self._numbers = count(1)
        super().__init__(_handler_of(self))

    def answer(self, operation: str, asked: dict[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of an answer. Raises ServiceError."""
        self.calls.append(operation)
        if self.refusal:
            raise ServiceError(self.refusal, "as asked")
        if operation == "StartConfigurationSession":
            token = {"InitialConfigurationToken": self._session(asked)}
            return 201, {"Content-Type": "application/json"}, json.dumps(token).encode()
        following, found = self._latest(asked["ConfigurationToken"])
        headers = {"Next-Poll-Configuration-Token": following, "Next-Poll-Interval-In-Seconds": "60"}
        if found.label:
            headers["Version-Label"] = found.label
        return 200, {"Content-Type": "application/json", **headers}, found.content

    def _session(self, asked: dict[str, Any]) -> str:
        names = ("ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier")
        profile = tuple(str(asked[name]) for name in names)
        if profile not in self.deployed:
            raise ServiceError("ResourceNotFoundException", "no such profile", 404)
        return self._token((profile[0], profile[1], profile[2]), None)

    def _latest(self, token: str) -> tuple[str, Deployed]:
        if token not in self._tokens:
            raise ServiceError("BadRequestException", "the token is unknown, or was used before")
        profile, known = self._tokens.pop(token)
        found = self.deployed[profile]
        return self._token(profile, found), Deployed(b"") if found == known else found

    def _token(self, profile: Profile, known: Deployed | None) -> str:
        token = f"token-{next(self._numbers)}"
        self._tokens[token] = (profile, known)
        return token


def _handler_of(fake: FakeAppConfigData) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(Answering):
        @override
        def respond(self) -> None:
            try:
                self.send(*fake.answer(*_MODEL.request(self.command, self.path, self.body())))
            except ServiceError as error:
                told = {"message": str(error)}
                self.send_json(error.status, told, "application/json", {"x-amzn-ErrorType": error.code})

    return Handler
