"""JUnit's XML, for build servers: a test case for each policy, which fails if the policy has findings."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from .....sources.check.accepted import with_accepted
from .....sources.check.findings import Finding, Report
from .....sources.check.results import Result, faults_of, results_in
from .....sources.found.found import Skipped, Unjudged, Unread
from ...base.program import PROGRAM
from ...base.visible import visible
from .names import line_of


def render(report: Report) -> str:
    """Return `report` as one suite."""
    faults, left_out = faults_of(report), len(report.skipped) + len(report.unjudged) + bool(report.nothing)
    every = [list(results_in(finding)) for finding in report.findings]
    remarks = list(with_accepted([one for results in every for one in results], report.remarks))
    failing = [any(one.accepted is None for one in results) for results in every]
    suppressed = [any(one.suppression for one in results) for results in every]
    left_out += len(remarks)
    counts = {
        "tests": str(len(report.findings) + len(faults) + left_out),
        "failures": str(sum(failing)),
        "errors": str(len(faults)),
        "skipped": str(left_out + sum(map(operator.gt, suppressed, failing))),
    }
    suites = ET.Element("testsuites", {"name": PROGRAM, **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": PROGRAM, **counts})
    for remark in remarks:
        _other(suite, "skipped", Skipped(remark.at.file, remark.message), "every finding counts")
    for finding, results in zip(report.findings, every, strict=True):
        _case(suite, finding, results)
    for fault in faults:
        _other(suite, "error", Unread(fault.first.file, None, fault.message), "is read")
    if report.nothing:
        _other(suite, "skipped", Skipped(PROGRAM, report.nothing), "a policy is judged")
    for unjudged in report.unjudged:
        _other(suite, "skipped", unjudged, f"{unjudged.resource} is judged")
    for skipped in report.skipped:
        _other(suite, "skipped", skipped, "is read")
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _case(suite: ET.Element, finding: Finding, results: Sequence[Result]) -> None:
    found = finding.found
    case = ET.SubElement(suite, "testcase", _names(found.at.file, f"{found.resource} ({found.kind.value})"))
    case.attrib |= {"file": visible(found.at.file), "line": str(finding.at.line)}
    new = [one for one in results if not one.is_known]
    if not new:
        return
    worst = max(new, key=lambda one: (one.suppression is None, one.severity))
    attributes = {"type": worst.severity.name, "message": visible(worst.told)}
    element = ET.SubElement(case, "skipped" if worst.suppression else "failure", attributes)
    element.text = "\n".join(line_of(one) for one in new)


def _other(suite: ET.Element, kind: str, one: Unread | Unjudged | Skipped, name: str) -> None:
    case = ET.SubElement(suite, "testcase", _names(one.file, name))
    ET.SubElement(case, kind, {"message": visible(one.reason)})


def _names(file: str, name: str) -> dict[str, str]:
    return {"classname": visible(file), "name": visible(name)}
