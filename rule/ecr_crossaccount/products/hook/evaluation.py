"""Handles one request of the hook, from the event to the answer."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from ...judgement.kinds.table import ROWS, ResourceKind
from ...judgement.patterns.automaton import Budget
from ...judgement.values.verdict import NO_ACCESS
from ...questions.change.compare import OF_MANY_STEPS
from ...sources.aws import log
from ...sources.check.findings import Finding
from ...sources.check.results import Result
from ...sources.formats.cloudformation.resources import TYPES
from ...sources.found.context import Context
from ...sources.register.lists import TrustNow
from .answer import (
    LONGEST_IN_CLOUD_CONTROL,
    LONGEST_IN_STACK,
    NAME,
    ErrorCode,
    HookAnnotation,
    HookAnswer,
    Status,
    limit_texts,
    said_of,
)
from .judging import Comparing, Part, ReadRegistry, check_type, findings_of, is_open, registry_policy
from .request import Action, Json, Request, RequestError, Resource, fetch_payload, is_in_stack, token_of
from .settings import Fails, Settings

Fetch: TypeAlias = Callable[[str], bytes]

_REGISTER = f"{NAME}-register"
_NOBODY = f"what is created or changed here gives {NO_ACCESS}"
_LONGEST_LOGGED = log.LONGEST - 10_000
"""Characters of an answer in the log. An alarm reads the line, so it must be complete."""
_LAST_FRAMES = 20
_REGISTRY_POLICY = ROWS[ResourceKind.REGISTRY].template.type


def evaluate(
    event: Json,
    settings: Settings,
    trusted: TrustNow,
    fetch: Fetch = fetch_payload,
    registry: ReadRegistry = registry_policy,
) -> dict[str, object]:
    """Answer a request. If it cannot be read, the answer is an error, and never that the operation may continue.

    `fetch` returns the content of a change set's URL, and `registry` the registry policy of an account.
    """
    try:
        answer = answer_to(Request.parse(event), settings, trusted, fetch, registry)
    except RequestError as error:
        answer = _cannot_say(f"the request cannot be judged: {error}")
    return _told_to(event, answer, trusted.held.provenance if trusted.held else {})


def not_judged(event: object, reason: str) -> dict[str, object]:
    """Answer a request that could not be judged. It may be anything."""
    told = _cannot_say(f"the request cannot be judged: {reason}")
    return _told_to(event if isinstance(event, Mapping) else {}, told, {})


def answer_failure(event: object, error: Exception) -> dict[str, object]:
    """Answer a request in which an error occurred that nobody foresaw.

    The error's own message is not repeated: it may have a presigned URL in it.
    """
    name = type(error).__name__
    traced = "".join(traceback.format_tb(error.__traceback__)[-_LAST_FRAMES:])
    log.error("hook failed", error=name, traceback=f"{traced}{name}")
    return not_judged(event, f"an internal error ({name}); the log has more")


def _told_to(event: Json, answer: HookAnswer, provenance: Json) -> dict[str, object]:
    longest = LONGEST_IN_STACK if is_in_stack(event) else LONGEST_IN_CLOUD_CONTROL
    told = answer.to_json(token_of(event), longest=longest)
    said = [annotation.to_json() for annotation in answer.said]
    tell = log.error if answer.code is ErrorCode.INTERNAL_FAILURE else log.info
    tell("hook answered", answer=_log_of(told, said), **provenance)
    return told


def _log_of(told: dict[str, object], said: Sequence[Json]) -> Json:
    """Return the answer for the log. If it is too long for a line, leaves out the remedies, or all annotations."""
    brief = [{name: one[name] for name in one if name != "remediationMessage"} for one in said]
    for fields in (told, told | {"annotations": brief}):
        if len(json.dumps(fields)) <= _LONGEST_LOGGED:
            return fields
    return told | {"annotations": len(said)}


def answer_to(
    request: Request, settings: Settings, trusted: TrustNow, fetch: Fetch, registry: ReadRegistry
) -> HookAnswer:
    """Judge the result of a request. Raises RequestError if it cannot be judged."""
    comparing = Comparing(Budget(OF_MANY_STEPS), registry)
    trust = trusted.trust
    place = Context(request.account, settings.region, settings.organization, trust, today=trust.today)
    about = request.about
    if isinstance(about, Resource):
        check_type(about.kind)
        judge = partial(findings_of, about.kind, about.name, about.properties or {}, place)
        return _answer([_part(about, place, judge, comparing)], (), settings, trusted)
    from .changes import ChangeSet  # noqa: PLC0415 - a single resource needs no reader of YAML

    change_set = ChangeSet.parse(fetch(about), place, resources_are_judged=settings.judges_resources)
    judges = [(one, partial(change_set.findings, one, place)) for one in change_set.changes]
    parts = [_part(one, place, judge, comparing) for one, judge in judges]
    return _answer(parts, change_set.unseen, settings, trusted)


def _part(resource: Resource, place: Context, judge: Callable[[], tuple[Finding, ...]], comparing: Comparing) -> Part:
    findings = () if resource.action is Action.DELETE else judge()
    before = None if resource.action is Action.CREATE else _finding_before(resource, place)
    if before is None and resource.kind == _REGISTRY_POLICY and resource.action is not Action.CREATE:
        raise RequestError(f"nothing says what {resource.name} denies before the change")
    return comparing.part(resource.name, before, findings)


def _finding_before(resource: Resource, place: Context) -> Finding | None:
    """Return the resource before the change, or None if that is unknown, cannot be read, or is another resource."""
    new, old = resource.properties or {}, resource.previous
    field = TYPES.get(resource.kind)
    if old is None or field is None:
        return None
    named = tuple(filter(None, (field.name, field.prefix)))
    if new and any(new.get(name) != old.get(name) for name in filter(None, (*named, field.replaces))):
        return None
    try:
        if any(is_open(one.get(name)) for one in (new, old) for name in filter(None, (*named, field.uses))):
            return None  # it may be a different resource now
        return next(iter(findings_of(resource.kind, resource.name, old, place)), None)
    except RequestError:
        return None


def _answer(parts: Sequence[Part], unseen: Sequence[str], settings: Settings, trusted: TrustNow) -> HookAnswer:
    found = _answer_of(parts, unseen, settings, trusted)
    return replace(found, message=f"{found.message}; trust: {trusted.told}")


def _answer_of(parts: Sequence[Part], unseen: Sequence[str], settings: Settings, trusted: TrustNow) -> HookAnswer:
    wrong = sorted((result for part in parts for result in part.results), key=lambda one: -one.severity)
    known = [result for part in parts for result in part.known] if settings.fails is Fails.NEW else []
    results = [result for result in wrong if result not in known]
    fences = [text for part in parts for text in part.beyond]
    fenced = tuple(HookAnnotation(Status.FAILED, fence, f"{NAME}-fence", "MEDIUM") for fence in fences)
    failed = (*said_of(results, settings.docs), *fenced)
    said = (*failed, *said_of(known, settings.docs, Status.SKIPPED), *_not_judged(unseen))
    lacks, stale = (trusted.held.lacks, trusted.held.stale) if trusted.held else (None, None)
    said += _of_register(None if failed else lacks, stale)
    if failed and lacks is not None:
        unread = HookAnnotation(Status.FAILED, lacks, _REGISTER)
        return HookAnswer(ErrorCode.INTERNAL_FAILURE, f"{lacks}; {_text(results, fences)}", (unread, *said))
    if failed:
        return HookAnswer(ErrorCode.NON_COMPLIANT, _text(results, fences), said)
    but = f"; not judged here: {'; '.join(limit_texts(unseen))}" if unseen else ""
    if known:
        told = _text(known, [])
        return HookAnswer(None, f"nothing new: the policy before the change gave that already: {told}{but}", said)
    return HookAnswer(None, f"{_NOBODY}{but}", said if unseen else (HookAnnotation(Status.PASSED, _NOBODY), *said))


def _not_judged(unseen: Sequence[str]) -> tuple[HookAnnotation, ...]:
    return tuple(
        HookAnnotation(Status.SKIPPED, f"not judged here: {text}", f"{NAME}-unseen") for text in limit_texts(unseen)
    )


def _of_register(*reasons: str | None) -> tuple[HookAnnotation, ...]:
    return tuple(HookAnnotation(Status.SKIPPED, reason, _REGISTER) for reason in reasons if reason is not None)


def _text(results: list[Result], fences: list[str]) -> str:
    worst, *others = [*(f"{result.severity.name}: {result.message}" for result in results), *fences]
    return f"{worst}; and {len(others)} more" if others else worst


def _cannot_say(reason: str) -> HookAnswer:
    return HookAnswer(ErrorCode.INTERNAL_FAILURE, reason, (HookAnnotation(Status.FAILED, reason),))
