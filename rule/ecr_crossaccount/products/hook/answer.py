"""The hook's answers: success, or a failure with a reason and a remedy, within AWS's limits.

https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Annotation.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...documents.pattern import holes_in
from ...judgement.annotation import shorten
from ...judgement.kinds.table import EXCHANGES
from ...judgement.kinds.table import ResourceKind as Kind
from ...questions.plan.outcome import Action as Planned
from ...sources.check.findings import Finding
from ...sources.check.results import Result

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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
