"""Handles one request of the hook, from the event to the answer."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ..access.verdict import NO_ACCESS
from ..config_rule import log
from ..gate.findings import Finding
from ..gate.results import Result, results_in
from .answer import (
    LONGEST_IN_CLOUD_CONTROL,
    LONGEST_IN_STACK,
    NAME,
    Answer,
    ErrorCode,
    HookAnnotation,
    Status,
    counted,
    said_of,
)
from .fences import REGISTRY_POLICY, missed
from .judging import DeploymentContext, check_type, findings_of, is_open
from .known import is_known
from .payload import fetched
from .request import Action, Json, Request, RequestError, Resource, is_in_stack, token_of
from .settings import Fails, Settings
from .trusted import Trusted

if TYPE_CHECKING:
    from .changes import Change, ChangeSet

Fetch: TypeAlias = Callable[[str], bytes]

_REGISTER = f"{NAME}-register"
_NOBODY = f"what is created or changed here gives {NO_ACCESS}"
_LONGEST_LOGGED = log.LONGEST - 10_000
"""Characters of an answer in the log. An alarm reads the line, so it must be complete."""
_LAST_FRAMES = 20
_IDENTITY = ("RepositoryName", "Prefix", "EcrRepositoryPrefix", "AppliedFor")
"""The properties that say which repositories a resource applies to."""


def evaluate(event: Json, settings: Settings, trusted: Trusted, fetch: Fetch = fetched) -> dict[str, object]:
    """Answer a request. If it cannot be read, the answer is an error, and never that the operation may continue.

    `fetch` returns the content of a change set's URL.
    """
    try:
        answer = answer_to(Request.parse(event), settings, trusted, fetch)
    except RequestError as error:
        answer = _cannot_say(f"the request cannot be judged: {error}")
    return _told_to(event, answer, trusted.provenance)


def not_judged(event: object, reason: str) -> dict[str, object]:
    """Answer a request that could not be judged. It may be anything."""
    told = _cannot_say(f"the request cannot be judged: {reason}")
    return _told_to(event if isinstance(event, Mapping) else {}, told, {})


def failed(event: object, error: Exception) -> dict[str, object]:
    """Answer a request in which an error occurred that nobody foresaw.

    The error's own message is not repeated: it may have a presigned URL in it.
    """
    name = type(error).__name__
    traced = "".join(traceback.format_tb(error.__traceback__)[-_LAST_FRAMES:])
    log.error("hook failed", error=name, traceback=f"{traced}{name}")
    return not_judged(event, f"an internal error ({name}); the log has more")


def _told_to(event: Json, answer: Answer, provenance: Json) -> dict[str, object]:
    longest = LONGEST_IN_STACK if is_in_stack(event) else LONGEST_IN_CLOUD_CONTROL
    told = answer.to_json(token_of(event), longest=longest)
    said = [one.to_json() for one in answer.said]
    tell = log.error if answer.code is ErrorCode.INTERNAL_FAILURE else log.info
    tell("hook answered", answer=_logged(told, said), **provenance)
    return told


def _logged(told: dict[str, object], said: Sequence[Json]) -> Json:
    """Return the answer for the log. If it is too long for a line, leaves out the remedies, or all annotations."""
    brief = [{name: one[name] for name in one if name != "remediationMessage"} for one in said]
    for fields in (told, told | {"annotations": brief}):
        if len(json.dumps(fields)) <= _LONGEST_LOGGED:
            return fields
    return told | {"annotations": len(said)}


def answer_to(request: Request, settings: Settings, trusted: Trusted, fetch: Fetch) -> Answer:
    """Judge the result of a request. Raises RequestError if it cannot be judged."""
    place = DeploymentContext(request.account, settings.region, settings.organization, trusted.trust)
    about = request.about
    if isinstance(about, Resource):
        return _answer([_of_resource(request.action, about, place)], (), settings, trusted)
    from .changes import ChangeSet  # noqa: PLC0415 - a single resource needs no reader of YAML

    change_set = ChangeSet.parse(fetch(about.url), place, resources_are_judged=settings.judges_resources)
    parts = [_of_change(change_set, one, place) for one in change_set.changes]
    return _answer(parts, change_set.unseen, settings, trusted)


def _of_resource(action: Action, about: Resource, place: DeploymentContext) -> Part:
    check_type(about.kind)
    return _part(action, about, place, lambda: findings_of(about.kind, about.name, about.properties, place))


def _of_change(change_set: ChangeSet, one: Change, place: DeploymentContext) -> Part:
    resource = Resource(one.kind, one.name, one.properties or {}, one.previous)
    return _part(one.action, resource, place, partial(change_set.findings, one, place))


@dataclass(frozen=True, slots=True)
class Part:
    """The results for one resource, and its state `before`, or None if unknown.

    `fence` is a sentence about removed Denies, or None.
    """

    results: tuple[Result, ...]
    before: Finding | None
    fence: str | None = None

    def known(self) -> list[Result]:
        """Return the results that were already there before the change."""
        return [one for one in self.results if is_known(one, self.before)]


def _part(
    action: Action, resource: Resource, place: DeploymentContext, judge: Callable[[], tuple[Finding, ...]]
) -> Part:
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
    """Yield every policy that the resource may have after the change, or None if it is deleted."""
    if not findings:
        yield None
    for found in (one.found for one in findings):
        yield from found.forms


def _before(resource: Resource, place: DeploymentContext) -> Finding | None:
    """Return the resource before the change, or None if that is unknown or cannot be read."""
    if resource.previous is None or _applies_to_more(resource.properties, resource.previous):
        return None
    try:
        if any(is_open(one.get(name)) for one in (resource.properties, resource.previous) for name in _IDENTITY):
            return None  # it may be a different resource now
        return next(iter(findings_of(resource.kind, resource.name, resource.previous, place)), None)
    except RequestError:
        return None


def _applies_to_more(new: Json, old: Json) -> bool:
    """Return whether a creation template will apply to repositories that it did not apply to before."""
    after, before = new.get("AppliedFor"), old.get("AppliedFor")
    if after == before:
        return False
    return not (isinstance(after, list) and isinstance(before, list) and all(one in before for one in after))


def _answer(parts: Sequence[Part], unseen: Sequence[str], settings: Settings, trusted: Trusted) -> Answer:
    wrong = sorted((one for part in parts for one in part.results), key=_badness)
    known = [one for part in parts for one in part.known()] if settings.fails is Fails.NEW else []
    results = [one for one in wrong if one not in known]
    fences = [part.fence for part in parts if part.fence is not None]
    fenced = tuple(HookAnnotation(Status.FAILED, one, f"{NAME}-fence", "MEDIUM") for one in fences)
    failed = (*said_of(results, settings.docs), *fenced)
    said = (*failed, *said_of(known, settings.docs, Status.SKIPPED), *_not_judged(unseen))
    said += _of_register(None if failed else trusted.problem, trusted.stale)
    if failed and trusted.problem is not None:
        unread = HookAnnotation(Status.FAILED, trusted.problem, _REGISTER)
        return Answer(ErrorCode.INTERNAL_FAILURE, f"{trusted.problem}; {_told(results, fences)}", (unread, *said))
    if failed:
        return Answer(ErrorCode.NON_COMPLIANT, _told(results, fences), said)
    but = f"; not judged here: {'; '.join(counted(unseen))}" if unseen else ""
    if known:
        told = _told(known, [])
        return Answer(None, f"nothing new: the policy before the change gave that already: {told}{but}", said)
    return Answer(None, f"{_NOBODY}{but}", said if unseen else (HookAnnotation(Status.PASSED, _NOBODY), *said))


def _not_judged(unseen: Sequence[str]) -> tuple[HookAnnotation, ...]:
    return tuple(HookAnnotation(Status.SKIPPED, f"not judged here: {one}", f"{NAME}-unseen") for one in counted(unseen))


def _of_register(*reasons: str | None) -> tuple[HookAnnotation, ...]:
    return tuple(HookAnnotation(Status.SKIPPED, one, _REGISTER) for one in reasons if one is not None)


def _badness(result: Result) -> int:
    return -result.severity


def _told(results: list[Result], fences: list[str]) -> str:
    worst, *others = [*(f"{one.severity.name}: {one.message}" for one in results), *fences]
    return f"{worst}; and {len(others)} more" if others else worst


def _cannot_say(reason: str) -> Answer:
    return Answer(ErrorCode.INTERNAL_FAILURE, reason, (HookAnnotation(Status.FAILED, reason),))
