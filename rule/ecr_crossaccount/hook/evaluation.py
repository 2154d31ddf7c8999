"""One request of the hook, from the event to the answer."""

from __future__ import annotations

from dataclasses import replace

from ..config_rule import log
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
from .known import is_known
from .request import Action, Json, Request, RequestError, Resource, is_in_stack, token_of
from .settings import Fails, Settings
from .trusted import Trusted

_REGISTER = f"{NAME}-register"
_NOBODY = "nobody outside gets in who is not trusted"


def evaluate(event: Json, settings: Settings, trusted: Trusted) -> dict[str, object]:
    """Answer a request. What cannot be read is an answer too, and never that the operation may go on."""
    try:
        answer = answer_to(Request.parse(event), settings, trusted)
    except RequestError as error:
        answer = _cannot_say(f"the request cannot be judged: {error}")
    longest = LONGEST_IN_STACK if is_in_stack(event) else LONGEST_IN_CLOUD_CONTROL
    told = answer.to_json(token_of(event), longest=longest)
    tell = log.error if answer.code is ErrorCode.INTERNAL_FAILURE else log.info
    tell("hook answered", answer=told, **trusted.provenance)
    return told


def answer_to(request: Request, settings: Settings, trusted: Trusted) -> Answer:
    """Judge what a request would make. Raises RequestError where nobody can."""
    resource = request.resource
    place = Place(request.account, settings.region, settings.organization, trusted.trust)
    fence = None if resource.kind != REGISTRY_POLICY else missed(resource, request.action, place)
    if fence is not None:
        return Answer(ErrorCode.NON_COMPLIANT, fence, (Said(Status.FAILED, fence, f"{NAME}-fence", "MEDIUM"),))
    if request.action is Action.DELETE:
        return _passed(f"{resource.name}: what is deleted lets nobody in")
    findings = findings_of(resource.kind, resource.name, resource.properties, place)
    results = sorted((one for finding in findings for one in results_in(finding)), key=_badness)
    known = _known(resource, results, place) if settings.fails is Fails.NEW else []
    return _answer([one for one in results if one not in known], known, settings, trusted)


def _known(resource: Resource, results: list[Result], place: Place) -> list[Result]:
    """Return what was wrong before the change already."""
    if resource.previous is None:
        return []
    try:
        before = findings_of(resource.kind, resource.name, resource.previous, place)
    except RequestError:
        return []
    return [one for one in results if is_known(one, before[0] if before else None)]


def _answer(results: list[Result], known: list[Result], settings: Settings, trusted: Trusted) -> Answer:
    said = (*said_of(results, settings.docs), *said_of(known, settings.docs, Status.SKIPPED), *_stale(trusted))
    if not results and not known:
        passed = _passed(_NOBODY)
        return replace(passed, said=(*passed.said, *said))
    if not results:
        return Answer(None, f"nothing new: the policy before the change gave that already: {_told(known)}", said)
    if trusted.problem is not None:
        unread = Said(Status.FAILED, trusted.problem, _REGISTER)
        return Answer(ErrorCode.INTERNAL_FAILURE, f"{trusted.problem}; {_told(results)}", (unread, *said))
    return Answer(ErrorCode.NON_COMPLIANT, _told(results), said)


def _stale(trusted: Trusted) -> tuple[Said, ...]:
    return () if trusted.stale is None else (Said(Status.SKIPPED, trusted.stale, _REGISTER),)


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
