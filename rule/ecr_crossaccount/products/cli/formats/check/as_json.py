"""JSON, for programs: every policy with the fields of a batch answer, and everything that was not judged."""

from __future__ import annotations

from typing import cast

from .....documents.document import Document
from .....judgement.values.verdict import Verdict
from .....questions.change.recorded import Record
from .....sources.check.accepted import with_accepted
from .....sources.check.findings import Finding, Report
from .....sources.check.results import Result, results_of
from ...base.json_text import written


def render(report: Report) -> str:
    """Return `report` as one JSON object."""
    record = Record()
    results = list(results_of(report))
    answer = {
        "notes": [one.placed for one in with_accepted(results, report.remarks)],
        "accepted": [_accepted(one) for one in results if one.accepted],
        "policies": [{**_policy(finding), "state": record.written(finding.state)} for finding in report.findings],
        "recorded": record.to_json(),
        "errors": [{"file": one.file, "line": one.line, "reason": one.reason} for one in report.errors],
        "unjudged": [one.to_json() for one in report.unjudged],
        **report.provenance.to_json(),
        "skipped": [{"file": one.file, "reason": one.reason} for one in report.skipped],
    }
    return written(answer)


def _accepted(result: Result) -> dict[str, object]:
    """Return a finding that does not count. `until`: the last day of its suppression, None if a baseline has it."""
    return {
        "file": result.at.file,
        "line": result.at.line,
        "column": result.at.column,
        "resource": result.finding.found.resource,
        "severity": result.severity.name,
        "rule": result.rule.id,
        "until": None if result.suppression is None else str(result.suppression.until),
        "accepted": result.accepted,
        "reason": result.message,
    }


def _placed(finding: Finding, verdict: Verdict) -> dict[str, object]:
    """Return a verdict. Statements of the registry policy have their place in its file."""
    fields = verdict.to_json()
    for name, said in (("grants", verdict.grants), ("undecided", verdict.undecided)):
        listed = cast("list[dict[str, object]]", fields[name])
        places = (_place(finding, one.statement, one.document) for one in said)
        fields[name] = [one | place for one, place in zip(listed, places, strict=True)]
    return fields


def _place(finding: Finding, statement: int | None, document: Document) -> dict[str, object]:
    stated = finding.stated_in(statement, document)
    if stated is None:
        return {}
    place = {"file": stated.at.file, "line": stated.at.line, "column": stated.at.column}
    return {"statement": stated.statement, "place": {**place, "resource": stated.registry.found.resource}}


def _policy(finding: Finding) -> dict[str, object]:
    at, found = finding.at, finding.found
    return {
        "file": at.file,
        "line": at.line,
        "column": at.column,
        **({} if at.file == found.at.file else {"declared_in": found.at.file}),
        "resource": found.resource,
        "kind": found.kind.value,
        **_placed(finding, finding.verdict),
        **({} if finding.under_rcps is None else {"under_rcp": _placed(finding, finding.under_rcps)}),
    }
