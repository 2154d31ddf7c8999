"""Handles one request of the hook: the settings of its stack, the evaluation, and the answer.

The settings say where the hook runs, its organization, what fails, and the trust: lists and the register. An answer is
success, or a failure with a reason and a remedy, within AWS's limits.
https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Annotation.html
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ...documents.pattern import holes_in
from ...judgement.annotation import shorten
from ...judgement.kinds.table import EXCHANGES, ROWS, ResourceKind
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.patterns.automaton import Budget
from ...judgement.values.verdict import NO_ACCESS
from ...memo import by_value
from ...questions.change.compare import OF_MANY_STEPS
from ...questions.plan.outcome import Action as Planned
from ...sources.aws import log
from ...sources.check.findings import Finding
from ...sources.check.results import Result
from ...sources.formats.cloudformation.resources import TYPES
from ...sources.found.context import Context
from ...sources.register.lists import TRUST_MEMBERS, TRUST_REGISTER, TrustNow, TrustSource
from .judging import Comparing, Part, ReadRegistry, check_type, findings_of, is_open, registry_policy
from .request import Action, Json, Request, RequestError, Resource, fetch_payload, is_in_stack, token_of

if TYPE_CHECKING:
    from ...sources.register.memory import Store


class Fails(StrEnum):
    """The grants that fail a deployment: all, or only those that the previous policy did not give."""

    ALL = "all"
    NEW = "new"


@by_value
class Settings:
    """The settings for every request.

    - `organization`: the organization of `self`.
    - `lists`: the trust in the stack's own parameters.
    - `register`: where the trust register is, or "" if there is none.
    - `keep`: how long the last good version of the register counts.
    - `members`: where the list of the organization's accounts is, or "" if there is none.
    - `docs`: where the documentation is published, or "".
    - `judges_resources`: whether the hook is called for the resources of stacks, and not only for change sets and the
      Cloud Control API.
    - `table`: the table that remembers the register, or "". It has the function's name.
    """

    region: str
    organization: str | None = None
    fails: Fails = Fails.ALL
    lists: Mapping[str, object] = field(default_factory=dict)
    docs: str = ""
    register: str = ""
    keep: timedelta = timedelta(hours=24)
    members: str = ""
    judges_resources: bool = False
    table: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the function's environment.

        Raises KeyError or ValueError, because an incomplete function must not answer.
        """
        return cls(
            environment["AWS_REGION"],
            environment.get("ORGANIZATION") or None,
            Fails(environment.get("HOOK_FAILS", Fails.ALL)),
            json.loads(environment.get("RULE_PARAMETERS", "{}")),
            environment.get("ECR_CROSSACCOUNT_DOCS_URL", "").rstrip("/"),
            environment.get("TRUST_REGISTER", ""),
            timedelta(hours=int(environment.get("TRUST_REGISTER_KEEP_HOURS", "24"))),
            environment.get("TRUST_MEMBERS", ""),
            "RESOURCE" in [text.strip() for text in environment.get("HOOK_OPERATIONS", "").split(",")],
            environment.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        )


def source_of(settings: Settings, clock: Callable[[], datetime]) -> TrustSource:
    """Return the source of the trust in the settings. `clock` returns the time in UTC."""
    places = {TRUST_REGISTER: settings.register, TRUST_MEMBERS: settings.members}
    return TrustSource({**settings.lists, **places}, clock, partial(_store, settings.table), kept=settings.keep)


def _store(table: str) -> Store | None:
    from ...sources.aws.clients import client_of  # noqa: PLC0415 - without a register, the SDK is not imported
    from ...sources.register.memory import InTable  # noqa: PLC0415

    return InTable(client_of, table) if table else None


def trust_now(source: TrustSource) -> TrustNow:
    """Return the current trust, and log what is wrong with its register."""
    found = source.now()
    held = found.held
    if held is not None and not held.is_current:
        log.warning(str(held.lacks or held.stale), register=str(held.location), reason=held.detail)
    return found


LONGEST_IN_STACK = 4096
LONGEST_IN_CLOUD_CONTROL = 1024
LONGEST_NAME = 1024
LONGEST_TEXT = 16_384
LONGEST_LINK = 5120
MOST_SHOWN = 20
"""The most annotations in an answer. More are not read, and AWS does not document a limit."""

NAME = "ecr-crossaccount"
"""The name of annotations that are not findings."""

_ELSEWHERE = "remove that registry, if it is not needed there"

Answer = dict[str, object]


class Status(StrEnum):
    """The result that an annotation is about."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class ErrorCode(StrEnum):
    """Why an operation must stop: it was judged, or it could not be judged."""

    NON_COMPLIANT = "NonCompliant"
    INTERNAL_FAILURE = "InternalFailure"


@by_value
class HookAnnotation:
    """One remark about the operation. `severity` is "" if the remark has none."""

    status: Status
    text: str
    name: str = NAME
    severity: str = ""
    way_out: str = ""
    link: str = ""

    def to_json(self) -> Answer:
        """Return the remark as an annotation, without empty fields, because AWS requires at least one character."""
        fields = {
            "annotationName": shorten(self.name, LONGEST_NAME),
            "status": self.status.value,
            "statusMessage": shorten(self.text, LONGEST_TEXT),
            "remediationMessage": shorten(self.way_out, LONGEST_TEXT),
            "remediationLink": self.link if len(self.link) <= LONGEST_LINK else "",
            "severityLevel": self.severity,
        }
        return {name: value for name, value in fields.items() if value}


@by_value
class HookAnswer:
    """`code` is None if the operation may continue. `message` is what its caller reads first."""

    code: ErrorCode | None
    message: str
    said: tuple[HookAnnotation, ...] = ()

    def to_json(self, token: str | None, *, longest: int) -> Answer:
        """Return the answer to the request with that token."""
        return {
            "hookStatus": "SUCCESS" if self.code is None else "FAILED",
            **({} if self.code is None else {"errorCode": self.code.value}),
            "message": shorten(self.message, longest),
            **({} if token is None else {"clientRequestToken": token}),
            "annotations": [annotation.to_json() for annotation in self.said],
        }


def said_of(results: Sequence[Result], docs: str, status: Status = Status.FAILED) -> tuple[HookAnnotation, ...]:
    """Return annotations for the results, in order. `docs` is where the documentation is published, or ""."""
    shown, more = results[:MOST_SHOWN], len(results) - MOST_SHOWN
    ways_out = _ways_out(shown)
    said = tuple(_note(one, status, way, docs) for one, way in zip(shown, ways_out, strict=True))
    return (*said, HookAnnotation(status, f"and {more} more")) if more > 0 else said


def limit_texts(told: Sequence[str]) -> tuple[str, ...]:
    """Return the first texts, and how many more there are."""
    more = len(told) - MOST_SHOWN
    return (*told[:MOST_SHOWN], *([f"and {more} more"] if more > 0 else []))


def _ways_out(results: Sequence[Result]) -> Iterator[str]:
    """Yield the planned policy for each result, or "" if there is no plan. A repeated policy becomes a reference."""
    planned: dict[int, str] = {}
    for result in results:
        key = id(result.finding)
        if key in planned:
            yield (
                planned[key] and f"as above: the policy for {result.finding.found.resource} is in its first annotation"
            )
        else:
            planned[key] = _advice(result.finding)
            yield planned[key]


def _note(result: Result, status: Status, planned: str, docs: str) -> HookAnnotation:
    rule = result.rule
    prefer = _ELSEWHERE if result.finding.found.kind in EXCHANGES else f"prefer {rule.prefer}"
    way_out = planned or f"{prefer}; or add the principals that you mean to the register, with a reason and a last day"
    link = f"{docs}/findings.md#{rule.anchor}" if docs else ""
    return HookAnnotation(status, result.message, rule.id, result.severity.name, way_out, link)


def _advice(finding: Finding) -> str:
    """Return the narrowest policy that keeps trusted access, as advice, or "" if there is no plan."""
    found = finding.found
    if found.kind is not Kind.REPOSITORY or found.otherwise or any(holes_in(found.policy)):
        return ""
    planned = finding.plan()
    if planned.action is Planned.DELETE:
        return "remove the policy: it gives no access to anyone who is trusted"
    return "" if planned.text is None else f"make the policy {planned.text}"


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
