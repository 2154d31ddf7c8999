"""One request of the hook, from the event to the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

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
from .judging import Place, check_type, findings_of
from .known import is_known
from .payload import fetched
from .request import Action, Json, Request, RequestError, Resource, is_in_stack, token_of
from .settings import Fails, Settings
from .trusted import Trusted

Fetch: TypeAlias = Callable[[str], bytes]

_REGISTER = f"{NAME}-register"
_NOBODY = "nobody outside gets in who is not trusted"


def evaluate(event: Json, settings: Settings, trusted: Trusted, fetch: Fetch = fetched) -> dict[str, object]:
    """Answer a request. What cannot be read is an answer too, and never that the operation may go on.

    `fetch` returns what is behind the URL of a change set.
    """
    try:
        answer = answer_to(Request.parse(event), settings, trusted, fetch)
    except RequestError as error:
        answer = _cannot_say(f"the request cannot be judged: {error}")
    longest = LONGEST_IN_STACK if is_in_stack(event) else LONGEST_IN_CLOUD_CONTROL
    told = answer.to_json(token_of(event), longest=longest)
    tell = log.error if answer.code is ErrorCode.INTERNAL_FAILURE else log.info
    tell("hook answered", answer=told, **trusted.provenance)
    return told


def answer_to(request: Request, settings: Settings, trusted: Trusted, fetch: Fetch) -> Answer:
    """Judge what a request would make. Raises RequestError where nobody can."""
    place = Place(request.account, settings.region, settings.organization, trusted.trust)
    parts = tuple(_parts(request, place, fetch))
    results = sorted((one for part in parts for one in part.results), key=_badness)
    known = [one for part in parts for one in part.known()] if settings.fails is Fails.NEW else []
    fences = [part.fence for part in parts if part.fence is not None]
    return _answer([one for one in results if one not in known], known, fences, settings, trusted)


def _parts(request: Request, place: Place, fetch: Fetch) -> Iterator[Part]:
    about = request.about
    if isinstance(about, Resource):
        check_type(about.kind)
        yield _part(request.action, about, place, lambda: findings_of(about.kind, about.name, about.properties, place))
        return
    from .changes import ChangeSet  # noqa: PLC0415 - a resource alone needs no reader of YAML

    change_set = ChangeSet.parse(fetch(about.url), place)
    for one in change_set.changes:
        resource = Resource(one.kind, one.name, one.properties or {}, one.previous)
        yield _part(one.action, resource, place, partial(change_set.findings, one, place))


@dataclass(frozen=True, slots=True)
class Part:
    """What is wrong with one resource; `before`: what it was, None where nobody knows; `fence`: whom no Deny stops."""

    results: tuple[Result, ...]
    before: Finding | None
    fence: str | None = None

    def known(self) -> list[Result]:
        """Return what was wrong before the change already."""
        return [one for one in self.results if is_known(one, self.before)]


def _part(action: Action, resource: Resource, place: Place, judge: Callable[[], tuple[Finding, ...]]) -> Part:
    findings = () if action is Action.DELETE else judge()
    is_registry = resource.kind == REGISTRY_POLICY
    before = _before(resource, place) if action is not Action.CREATE else None
    fence = None
    if is_registry and action is not Action.CREATE:
        if before is None:
            raise RequestError(f"nothing says what {resource.name} denies before the change")
        fence = next(
            filter(None, (missed(resource.name, before.found.policy, new, place) for new in _forms(findings))), None
        )
    return Part(tuple(one for finding in findings for one in results_in(finding)), before, fence)


def _forms(findings: tuple[Finding, ...]) -> Iterator[object]:
    """Yield everything that a policy may be after the change; None where it is deleted."""
    if not findings:
        yield None
    for found in (one.found for one in findings):
        yield from (found.policy, *(one.policy for one in found.otherwise))


def _before(resource: Resource, place: Place) -> Finding | None:
    """Return what a resource was before the change; None where nobody says it, or it cannot be read."""
    if resource.previous is None or _applies_to_more(resource.properties, resource.previous):
        return None
    try:
        return next(iter(findings_of(resource.kind, resource.name, resource.previous, place)), None)
    except RequestError:
        return None


def _applies_to_more(new: Json, old: Json) -> bool:
    """Tell whether a creation template will make repositories that it did not make before."""
    after, before = new.get("AppliedFor"), old.get("AppliedFor")
    if after == before:
        return False
    return not (isinstance(after, list) and isinstance(before, list) and all(one in before for one in after))


def _answer(
    results: list[Result], known: list[Result], fences: list[str], settings: Settings, trusted: Trusted
) -> Answer:
    fenced = tuple(Said(Status.FAILED, one, f"{NAME}-fence", "MEDIUM") for one in fences)
    failed = (*said_of(results, settings.docs), *fenced)
    said = (*failed, *said_of(known, settings.docs, Status.SKIPPED), *_stale(trusted))
    if failed and trusted.problem is not None:
        unread = Said(Status.FAILED, trusted.problem, _REGISTER)
        return Answer(ErrorCode.INTERNAL_FAILURE, f"{trusted.problem}; {_told(results, fences)}", (unread, *said))
    if failed:
        return Answer(ErrorCode.NON_COMPLIANT, _told(results, fences), said)
    if known:
        return Answer(None, f"nothing new: the policy before the change gave that already: {_told(known, [])}", said)
    return Answer(None, _NOBODY, (Said(Status.PASSED, _NOBODY), *said))


def _stale(trusted: Trusted) -> tuple[Said, ...]:
    return () if trusted.stale is None else (Said(Status.SKIPPED, trusted.stale, _REGISTER),)


def _badness(result: Result) -> int:
    return -result.severity


def _told(results: list[Result], fences: list[str]) -> str:
    worst, *others = [*(f"{one.severity.name}: {one.message}" for one in results), *fences]
    return f"{worst}; and {len(others)} more" if others else worst


def _cannot_say(reason: str) -> Answer:
    return Answer(ErrorCode.INTERNAL_FAILURE, reason, (Said(Status.FAILED, reason),))
