"""JUnit's XML, for build servers: a test case for each policy, which fails if the policy has findings."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from ...gate.findings import Finding, Report
from ...gate.found import Skipped, Unjudged, Unread
from ...gate.results import faults_of, results_in
from ..program import PROGRAM
from ..visible import visible
from .names import line_of


def render(report: Report) -> str:
    """Return `report` as one suite."""
    faults, left_out = faults_of(report), len(report.skipped) + len(report.unjudged) + bool(report.nothing)
    failures = sum(any(one.accepted is None for one in results_in(finding)) for finding in report.findings)
    counts = {
        "tests": str(len(report.findings) + len(faults) + left_out),
        "failures": str(failures),
        "errors": str(len(faults)),
        "skipped": str(left_out),
    }
    suites = ET.Element("testsuites", {"name": PROGRAM, **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": PROGRAM, **counts})
    for finding in report.findings:
        _case(suite, finding)
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


def _case(suite: ET.Element, finding: Finding) -> None:
    found = finding.found
    case = ET.SubElement(suite, "testcase", _names(found.at.file, f"{found.resource} ({found.kind.value})"))
    case.attrib |= {"file": visible(found.at.file), "line": str(finding.at.line)}
    results = [one for one in results_in(finding) if one.accepted is None]
    if not results:
        return
    worst = max(results, key=lambda one: one.severity)
    attributes = {"type": worst.severity.name, "message": visible(worst.message)}
    failure = ET.SubElement(case, "failure", attributes)
    failure.text = "\n".join(line_of(one) for one in results)


def _other(suite: ET.Element, kind: str, one: Unread | Unjudged | Skipped, name: str) -> None:
    case = ET.SubElement(suite, "testcase", _names(one.file, name))
    ET.SubElement(case, kind, {"message": visible(one.reason)})


def _names(file: str, name: str) -> dict[str, str]:
    return {"classname": visible(file), "name": visible(name)}
