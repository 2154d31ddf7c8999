"""The function's calls and the possible faults of each, as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.events import event
from tests.faults.gateway import Answer, Break, Exchange

_XML = "text/xml"
_GARBAGE = b"<html><body>It works!</body></html>"


def _error(code: str, status: int = 400) -> Break:
    """Return AWS's own error, in the protocol of the operation."""

    def fault(exchange: Exchange, _: Callable[[], Answer]) -> Answer:
        if exchange.operation == "AssumeRole":
            body = f"<ErrorResponse><Error><Code>{code}</Code><Message>as asked</Message></Error></ErrorResponse>"
            return Answer(status, body.encode(), _XML)
        return Answer(status, json.dumps({"__type": code, "message": "as asked"}).encode())

    return fault


def _says(status: int, body: bytes) -> Break:
    return lambda *_: Answer(status, body, "text/html")


def _hold(*_: object) -> Answer:
    return Answer(200, b"", held=True)


def _reset(exchange: Exchange, _: Callable[[], Answer]) -> None:
    exchange.reset()


def _cut(exchange: Exchange, send_on: Callable[[], Answer]) -> None:
    """Announce an answer and send half of it."""
    answer = send_on()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer.body)}\r\n\r\n"
    exchange.connection.sendall(head.encode() + answer.body[: len(answer.body) // 2])
    exchange.connection.shutdown(2)


@dataclass(frozen=True, slots=True)
class Fault:
    """`errors` are the exceptions if the fault persists."""

    name: str
    breaks: Break
    errors: str


TRANSIENT = (
    Fault("throttled", _error("ThrottlingException"), "ThrottlingException"),
    Fault("server error", _error("InternalFailure", 500), "InternalFailure"),
    Fault("time-out", _hold, "Read timeout"),
    Fault("reset", _reset, "Connection (was closed|reset|aborted)|Could not connect"),
)
LASTING = (
    Fault("access denied", _error("AccessDeniedException"), "AccessDeniedException"),
    Fault("expired token", _error("ExpiredTokenException"), "ExpiredTokenException"),
    Fault("not JSON", _says(200, _GARBAGE), "it is not JSON|is missing"),
    Fault("cut short", _cut, "it is not (JSON|XML)"),
)
ODD = (
    Fault("unavailable, in HTML", _says(503, _GARBAGE), "503"),
    Fault("an error that is not an object", _says(500, b"[]"), "500|Unknown"),
)
"""Errors in a form that is not AWS's."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an operation during an event. `number` counts the operation's calls, and `page` is the page.

    `about` is the repository of the call, in a sweep that continues without it.
    """

    operation: str
    event: str
    number: int = 1
    page: str = "only"
    role: str | None = None
    about: str | None = None

    def message(self) -> dict[str, object]:
        """Return the event that leads to the call."""
        return event(self.event, trustedOrganizations="self", **({"ExecutionRoleName": self.role} if self.role else {}))

    def __str__(self) -> str:
        return f"{self.operation}-{self.event}-{self.page}"


CALLS = (
    Call("AssumeRole", "change-policy-text", role="ecr-reader"),
    Call("DescribeOrganization", "change-policy-text"),
    Call("DescribeOrganization", "scheduled"),
    Call("GetRegistryPolicy", "change-policy-text"),
    Call("GetRegistryPolicy", "scheduled"),
    Call("GetRepositoryPolicy", "change-unrecorded"),
    Call("ListTagsForResource", "change-unrecorded"),
    Call("GetResourceConfigHistory", "oversized"),
    Call("PutEvaluations", "change-policy-text"),
    Call("DescribeRepositories", "scheduled", 1, "first"),
    Call("DescribeRepositories", "scheduled", 2, "middle"),
    Call("DescribeRepositories", "scheduled", 3, "last"),
    Call("GetRepositoryPolicy", "scheduled", page="first", about="a-first"),
    Call("GetRepositoryPolicy", "scheduled", page="middle", about="m-middle"),
    Call("GetRepositoryPolicy", "scheduled", page="last", about="z-last"),
    Call("ListTagsForResource", "scheduled", page="middle", about="m-middle"),
    Call("GetComplianceDetailsByConfigRule", "scheduled", 1, "first"),
    Call("GetComplianceDetailsByConfigRule", "scheduled", 2, "middle"),
    Call("GetComplianceDetailsByConfigRule", "scheduled", 3, "last"),
    Call("PutEvaluations", "scheduled", 1, "first"),
    Call("PutEvaluations", "scheduled", 2, "middle"),
    Call("PutEvaluations", "scheduled", 4, "last"),
)

ASIDE = (
    Call("DescribeConfigurationRecorderStatus", "scheduled"),
    Call("DescribeConfigurationRecorders", "scheduled"),
    Call("SelectResourceConfig", "scheduled", 1, "first"),
    Call("SelectResourceConfig", "scheduled", 2, "middle"),
    Call("SelectResourceConfig", "scheduled", 3, "last"),
)
"""Calls that a sweep can do without. Config's inventory saves calls to ECR, which has the same policies."""

FINDINGS = (
    Call("BatchImportFindings", "scheduled"),
    Call("BatchImportFindings", "change-policy-text"),
)
"""The calls that send findings to Security Hub, if it is switched on."""
EARLIER_FINDINGS = (
    Call("GetFindings", "scheduled"),
    Call("GetFindings", "change-policy-text"),
)
"""The calls that read the findings that Security Hub has. None is needed to send findings."""
EXCEPTIONS = Call("DescribeRemediationExceptions", "scheduled")
"""The call at the end of a sweep with delivered results, if AWS Config remediates by itself."""
