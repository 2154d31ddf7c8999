"""The report: the questions that only AWS can answer, then the comparisons, the run, and what is left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ecr_crossaccount.products.cli.base.program import version
from ecr_crossaccount.products.cli.formats.markdown import code, inert

from .cases import Case
from .questions import BY_HAND
from .record import Agreement, Comparison, Question, Record
from .run import status

Json = dict[str, Any]

OUTCOMES = {0: "all agrees", 1: "something DIFFERS", 2: "not everything was answered", 3: "something is LEFT BEHIND"}
"""The outcome of a run, by its exit status."""
_MARKS = {
    Agreement.AGREES: "✅",
    Agreement.EXPLAINED: "☑️",
    Agreement.DIFFERS: "❌",
    Agreement.RECORDED: "📝",
    Agreement.NOT_COMPARED: "⏭️",
    Agreement.NOT_ANSWERED: "⚠️",
}


def to_json(record: Record, cases: Sequence[Case], mask: Callable[[str], str]) -> str:
    """Return the report for programs."""
    found = {
        "version": 1,
        "ecr-crossaccount": version(),
        "commit": record.commit,
        "outcome": OUTCOMES[status(record)],
        "account": record.sandbox.account,
        "region": record.sandbox.region,
        "started": record.started.isoformat(),
        "ended": record.ended.isoformat() if record.ended else None,
        "interrupted": record.interrupted,
        "questions": [_question(record, one) for one in record.questions],
        "by_hand": [{"question": asked, "how": how} for asked, how in BY_HAND.items()],
        "comparisons": [
            {
                "case": one.case,
                "with": one.subject,
                "ours": one.ours,
                "seen": one.seen,
                "agreement": one.agreement.value,
                "why": one.why,
            }
            for one in record.comparisons.values()
        ],
        "cases": [{"name": one.name, "shows": one.shows, "policy": record.policies.get(one.name)} for one in cases],
        "steps": [{"name": one.name, "seconds": one.seconds, "problem": one.problem} for one in record.steps],
        "removed": record.removed,
        "left": record.left,
    }
    return json.dumps(_masked(found, mask), indent=2, ensure_ascii=False) + "\n"


def _question(record: Record, question: Question) -> Json:
    answer = record.answer(question)
    return {
        "question": question.text,
        "seen": answer.seen,
        "assumed": question.assumed,
        "agreement": answer.agreement.value,
    }


def to_markdown(record: Record, cases: Sequence[Case], mask: Callable[[str], str]) -> str:
    """Return the report for people, in a form for an issue."""
    return "\n".join(_lines(record, cases, mask)) + "\n"


def _lines(record: Record, cases: Sequence[Case], mask: Callable[[str], str]) -> Iterator[str]:
    sandbox = record.sandbox
    yield f"# Acceptance: {OUTCOMES[status(record)]}"
    ended = f" to {record.ended:%H:%M:%S}" if record.ended else ", not ended"
    made = f"ecr-crossaccount {version()}, commit {record.commit}"
    where = f"{made}. Account {inert(mask(sandbox.account))}, {sandbox.region}"
    yield from ("", f"{where}, {record.started:%Y-%m-%d %H:%M:%S}{ended} UTC.{_interrupted(record)}")
    yield from ("", "## What only AWS can answer", "", "| question | seen | assumed | |", "| --- | --- | --- | --- |")
    for question in record.questions:
        answer = record.answer(question)
        cells = (question.text, mask(answer.seen), question.assumed)
        yield f"| {' | '.join(map(inert, cells))} | {_marked(answer.agreement)} |"
    yield from ("", "## Left to a person", "")
    yield from (f"- {inert(asked)} {inert(how)}" for asked, how in BY_HAND.items())
    yield from _left(record, mask)
    yield from ("", "## What was compared", "", "| case | with | engine | seen | |", "| --- | --- | --- | --- | --- |")
    found = sorted(record.comparisons.values(), key=lambda one: _ORDER.index(one.agreement))
    yield from (_row(one, mask) for one in found)
    yield from ("", "## The run", "", "| step | seconds | |", "| --- | --- | --- |")
    for step in record.steps:
        yield f"| {inert(step.name)} | {step.seconds:.0f} | {inert(mask(step.problem)) if step.problem else '✅'} |"
    yield from ("", "## The policies", "")
    for case in cases:
        policy = record.policies.get(case.name)
        yield f"- {inert(case.name)}: {inert(case.shows)}. {code(mask(policy)) if policy else 'No policy.'}"


def _interrupted(record: Record) -> str:
    return " The run was interrupted." if record.interrupted else ""


def _left(record: Record, mask: Callable[[str], str]) -> Iterator[str]:
    if record.left:
        yield from ("", "## Left behind", "", "Remove it with `make acceptance ARGS=--tear-down`, or by hand:", "")
        yield from (f"- {inert(mask(one))}" for one in record.left)


def _row(found: Comparison, mask: Callable[[str], str]) -> str:
    cells = (found.case, found.subject, mask(found.ours), mask(found.seen))
    why = f": {inert(mask(found.why))}" if found.why else ""
    return f"| {' | '.join(map(inert, cells))} | {_marked(found.agreement)}{why} |"


def _marked(agreement: Agreement) -> str:
    return f"{_MARKS[agreement]} {agreement.value}"


_ORDER = (
    Agreement.DIFFERS,
    Agreement.NOT_ANSWERED,
    Agreement.EXPLAINED,
    Agreement.NOT_COMPARED,
    Agreement.RECORDED,
    Agreement.AGREES,
)
"""The order of results. Those that need attention are first."""


def _masked(value: object, mask: Callable[[str], str]) -> object:
    match value:
        case str():
            return mask(value)
        case list():
            return [_masked(one, mask) for one in value]
        case dict():
            return {name: _masked(one, mask) for name, one in value.items()}
        case _:
            return value
