"""One request of the hook, from the event to the answer."""

from __future__ import annotations

from collections.abc import Iterable

from ..access.trust import Trust
from ..config_rule import log
from ..gate.findings import Finding
from ..gate.results import Result, results_in
from .answer import (
    LONGEST_IN_CLOUD_CONTROL,
    LONGEST_IN_STACK,
    NAME,
    Answer,
    ErrorCode,
    Said,
    Status,
    said_of,
)
from .fences import REGISTRY_POLICY, missed
from .judging import Place, findings_of
from .request import Action, Json, Request, RequestError, is_in_stack, token_of
from .settings import Settings

_NOBODY = "nobody outside gets in who is not trusted"


def evaluate(event: Json, settings: Settings, trust: Trust, problem: str | None = None) -> dict[str, object]:
    """Answer a request; `problem`: why the register could not be read, by which somebody might be trusted.

    What cannot be read is an answer too, and never that the operation may go on.
    """
    try:
        answer = answer_to(Request.parse(event), settings, trust, problem)
    except RequestError as error:
        answer = _cannot_say(f"the request cannot be judged: {error}")
    longest = LONGEST_IN_STACK if is_in_stack(event) else LONGEST_IN_CLOUD_CONTROL
    told = answer.to_json(token_of(event), longest=longest)
    tell = log.error if answer.code is ErrorCode.INTERNAL_FAILURE else log.info
    tell("hook answered", answer=told)
    return told


def answer_to(request: Request, settings: Settings, trust: Trust, problem: str | None) -> Answer:
    """Judge what a request would make. Raises RequestError where nobody can."""
    resource = request.resource
    place = Place(request.account, settings.region, settings.organization, trust)
    fence = None if resource.kind != REGISTRY_POLICY else missed(resource, request.action, place)
    if fence is not None:
        return Answer(ErrorCode.NON_COMPLIANT, fence, (Said(Status.FAILED, fence, f"{NAME}-fence", "MEDIUM"),))
    if request.action is Action.DELETE:
        return _passed(f"{resource.name}: what is deleted lets nobody in")
    findings = findings_of(resource.kind, resource.name, resource.properties, place)
    return _answer(findings, settings, problem)


def _answer(findings: Iterable[Finding], settings: Settings, problem: str | None) -> Answer:
    results = sorted((one for finding in findings for one in results_in(finding)), key=_badness)
    if not results:
        return _passed(_NOBODY)
    said = said_of(results, settings.docs)
    if problem is not None:
        unread = Said(Status.FAILED, problem, f"{NAME}-register")
        return Answer(ErrorCode.INTERNAL_FAILURE, f"{problem}; {_told(results)}", (unread, *said))
    return Answer(ErrorCode.NON_COMPLIANT, _told(results), said)


def _passed(reason: str) -> Answer:
    return Answer(None, reason, (Said(Status.PASSED, reason),))


def _badness(result: Result) -> int:
    return -result.severity


def _told(results: list[Result]) -> str:
    worst, *others = results
    more = f"; and {len(others)} more" if others else ""
    return f"{worst.severity.name}: {worst.message}{more}"


def _cannot_say(reason: str) -> Answer:
    return Answer(ErrorCode.INTERNAL_FAILURE, reason, (Said(Status.FAILED, reason),))
