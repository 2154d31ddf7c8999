"""GitLab's code quality report, which a merge request shows beside the lines that it changes.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from .....judgement.values.verdict import Severity
from .....sources.check.accepted import with_accepted
from .....sources.check.findings import Report
from .....sources.check.results import Fault, Result, faults_of, results_of
from .....sources.files.remarks import Remark
from .....sources.found.found import Unjudged
from ...base.documentation import link
from ...base.json_text import written
from ...base.visible import visible
from .names import relative

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


def render(report: Report) -> str:
    """Return `report` as one list, with entries for unread files and unjudged resources."""
    every = list(results_of(report))
    new = (one for one in every if not one.is_known)
    listed = [*map(_remark, with_accepted(every, report.remarks)), *map(_result, new), *map(_unread, faults_of(report))]
    return written([*listed, *map(_unjudged, report.left)])


def _remark(one: Remark) -> dict[str, object]:
    path = relative(one.at.file)
    return {
        "description": visible(one.message),
        "check_name": "note",
        "fingerprint": f"note {visible(path)} {visible(one.message)}",
        "severity": "info",
        "location": {"path": path, "lines": {"begin": one.at.line}},
    }


def _result(result: Result) -> dict[str, object]:
    suppressed = f"{result.label}: " if result.suppression else ""
    return {
        "description": visible(f"{suppressed}{result.told} ({link(result.rule)})"),
        "check_name": result.rule.id,
        # A fingerprint of its own: a suppression that a merge request adds is new to GitLab.
        "fingerprint": f"{'suppressed ' if suppressed else ''}{result.fingerprint}",
        "severity": "info" if suppressed else _SEVERITIES[result.severity],
        "location": {"path": relative(result.at.file), "lines": {"begin": result.at.line}},
    }


def _unread(fault: Fault) -> dict[str, object]:
    path = relative(fault.first.file)
    return {
        "description": f"not judged: {visible(fault.message)}",
        "check_name": "unread",
        "fingerprint": f"unread {visible(path)}",
        "severity": _SEVERITIES[Severity.HIGH],
        "location": {"path": path, "lines": {"begin": fault.first.line or 1}},
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
