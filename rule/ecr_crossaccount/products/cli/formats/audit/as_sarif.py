"""SARIF 2.1.0 of existing repositories. They have no file and line, so the location is the ARN, which is a URI.

products/cli/formats/sarif.py has the parts that `check` uses too.
"""

from __future__ import annotations

from urllib.parse import quote

from .....sources.check.results import Result, faults_of, results_of
from ....audit.findings import findings_of
from ....audit.report import AuditReport
from ....audit.second_opinion import Disagreement
from ...base.visible import visible
from ..sarif import Json, log, notification, result_of
from .opinion import in_words, whom

_RUN = "ecr-crossaccount/audit/"
"""Keeps the findings of an audit apart from those of `check`, if both are uploaded to the same place."""


def render(report: AuditReport) -> str:
    """Return `report` as one SARIF log."""
    found = findings_of(report)
    results = [result_of(one, _at(one)) for one in results_of(found)]
    notifications = [
        notification("error", [_location(one.file) for one in fault.errors if one.file], fault.message)
        for fault in faults_of(found)
    ]
    notifications += [_beyond(one) for one in report.beyond]
    return log(results, notifications, read=not found.errors, automationDetails={"id": _RUN})


def _beyond(one: Disagreement) -> Json:
    """Return a notification of access that only a second opinion sees. It is not the result of a rule."""
    said = f"IAM Access Analyzer sees access of {whom(one)} that nothing explains: {in_words(one.theirs)}"
    return {"level": "warning", "message": {"text": said}, "locations": [_location(one.arn)]}


def _at(result: Result) -> Json:
    found = result.finding.found
    logical = {"name": visible(found.resource), "fullyQualifiedName": visible(found.at.file), "kind": "resource"}
    return {**_location(found.at.file), "logicalLocations": [logical]}


def _location(arn: str) -> Json:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(arn, safe=":/*", errors="surrogatepass")}}}
