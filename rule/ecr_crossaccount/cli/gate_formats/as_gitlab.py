"""GitLab's code quality report, which a merge request shows beside the lines that it changes.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from ...access.verdict import Severity
from ...gate.findings import Report
from ...gate.found import Unjudged, Unread
from ...gate.results import Result, results_of
from ..json_text import written
from ..visible import visible
from .names import relative

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


def render(report: Report) -> str:
    """Return `report` as one list; what could not be read or was not judged is an entry too."""
    counted = (one for one in results_of(report) if one.accepted is None)
    listed = [*map(_result, counted), *map(_unread, report.errors), *map(_unjudged, report.unjudged)]
    return written(listed)


def _result(result: Result) -> dict[str, object]:
    return {
        "description": visible(result.message),
        "check_name": result.rule.id,
        "fingerprint": result.fingerprint,
        "severity": _SEVERITIES[result.severity],
        "location": {"path": relative(result.at.file), "lines": {"begin": result.at.line}},
    }


def _unread(error: Unread) -> dict[str, object]:
    path = relative(error.file)
    return {
        "description": f"not judged: {visible(error.reason)}",
        "check_name": "unread",
        "fingerprint": f"unread {visible(path)}",
        "severity": _SEVERITIES[Severity.HIGH],
        "location": {"path": path, "lines": {"begin": error.line or 1}},
    }


def _unjudged(one: Unjudged) -> dict[str, object]:
    path, resource, reason = relative(one.file), visible(one.resource), visible(one.reason)
    return {
        "description": f"not judged: {resource}: {reason}",
        "check_name": "unjudged",
        "fingerprint": f"unjudged {visible(path)} {resource} {reason}",
        "severity": "info",
        "location": {"path": path, "lines": {"begin": one.line}},
    }
