"""JSON, for programs: every policy with the fields of a batch answer, and all that was not judged."""

from __future__ import annotations

from dataclasses import asdict

from ...gate.findings import Finding, Report
from ..json_text import written


def render(report: Report) -> str:
    """Return `report` as one JSON object."""
    answer = {
        "policies": [_policy(finding) for finding in report.findings],
        "errors": [{"file": one.file, "line": one.line, "reason": one.message} for one in report.errors],
        "unjudged": [asdict(one) for one in report.unjudged],
        **report.provenance.to_json(),
        "skipped": [{"file": one.file, "reason": one.reason} for one in report.skipped],
    }
    return written(answer)


def _policy(finding: Finding) -> dict[str, object]:
    at, found = finding.at, finding.found
    return {
        "file": at.file,
        "line": at.line,
        "column": at.column,
        "resource": found.resource,
        "kind": found.kind.value,
        **finding.verdict.to_json(),
        **({} if finding.under_rcps is None else {"under_rcp": finding.under_rcps.to_json()}),
    }
