"""A check for programs: JSON, CSV, one line for each result, and the reports of build servers.

- Workflow commands, which GitHub Actions shows beside the lines of a pull request:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
- GitLab's code quality report, which a merge request shows beside the lines that it changes:
https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
- JUnit's XML: a test case for each policy, which fails if the policy has findings

The reports of an audit share its CSV: the columns about a policy, and cells that no spreadsheet reads as a formula.
"""

from __future__ import annotations

import csv
import io
import operator
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import cast
from xml.etree import ElementTree as ET

from ....documents.document import Document
from ....judgement.values.verdict import Compliance, Severity, Verdict
from ....questions.change.recorded import Record
from ....sources.check.findings import Finding, Report
from ....sources.check.results import Fault, Result, faults_of, results_in, results_of, with_accepted
from ....sources.files.values.nodes import Place
from ....sources.found.found import Skipped, Unjudged, Unread
from ..base.documentation import link
from ..base.json_text import render_json
from ..base.program import PROGRAM, visible
from .check_text import summary
from .text import what_is_left

JUDGED = (
    "kind",
    "compliance",
    "severity",
    "rule",
    "document",
    "statement",
    "sid",
    "grantee",
    "public",
    "access",
    "actions",
    "reason",
    "witness",
    "accepted",
    "help",
    "under_rcp",
)
"""The columns about a policy and what is wrong with it. The columns about its place precede them."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - a spreadsheet reads these too
"""The first characters of a formula: https://owasp.org/www-community/attacks/CSV_Injection."""

Row = dict[str, object]


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return rows under a header. A column that a row does not have is empty."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return buffer.getvalue()


def row_without_result(finding: Finding) -> Row:
    """Return the columns of a policy, without its place: its result, and what remains under resource control policies.

    The last is empty if no such policies were given.
    """
    under = {} if finding.under_rcps is None else {"under_rcp": what_is_left(finding.under_rcps)}
    return {"kind": finding.found.kind.value, "compliance": finding.verdict.compliance.value, **under}


def row_of(result: Result) -> Row:
    """Return the columns of a result, without its place."""
    row: Row = {
        **row_without_result(result.finding),
        "severity": result.severity.name,
        "rule": result.rule.id,
        "document": result.document.value,
        "statement": "" if result.own_statement is None else result.own_statement,
        "reason": result.message,
        "accepted": result.accepted or "",
        "help": link(result.rule),
    }
    grant = result.grant
    if grant is not None:
        row |= {
            "sid": grant.sid or "",
            "grantee": grant.grantee,
            "public": "yes" if grant.public else "no",
            "access": " ".join(one.value for one in grant.access),
            "actions": " ".join(grant.actions),
            "witness": f"{grant.witness.principal} {grant.witness.action}",
        }
    return row


def _cell(value: object) -> str:
    """Return a cell that a spreadsheet reads as text. A leading apostrophe marks text that would be a formula."""
    text = visible(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULAS) else text


def relative(file: str) -> str:
    """Return a file relative to the working folder, if it is in that folder. `./a` becomes `a`."""
    path = PurePath(file)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return path.as_posix()


def line_of(result: Result) -> str:
    """Return a line with the place, severity, rule, message and link of a result."""
    rule = result.rule
    return visible(f"{result.at}: {result.label} {rule.id}: {result.told} ({link(rule)})")


_COLUMNS = ("file", "line", "column", "resource", *JUDGED)


def as_csv(report: Report) -> str:
    """Return `report` as rows under a header."""
    return table(_COLUMNS, _rows(report))


def _rows(report: Report) -> Iterator[Row]:
    for remark in with_accepted(list(results_of(report)), report.remarks):
        yield {**remark.at.to_json(), "compliance": "NOTE", "reason": remark.message}
    for finding in report.findings:
        resource = finding.found.resource
        if finding.verdict.compliance is Compliance.COMPLIANT:
            yield {**finding.found.at.to_json(), "resource": resource, **row_without_result(finding)}
        for result in results_in(finding):
            yield {**result.at.to_json(), "resource": resource, **row_of(result)}
    for error in report.errors:
        yield {"file": error.file, "line": error.line or "", "compliance": "UNREAD", "reason": error.reason}
    for one in report.unjudged:
        yield {**one.to_json(), "compliance": "UNJUDGED"}
    for skipped in report.skipped:
        yield {"file": skipped.file, "compliance": "SKIPPED", "reason": skipped.reason}


def as_json(report: Report) -> str:
    """Return `report` as one JSON object."""
    record = Record()
    results = list(results_of(report))
    answer = {
        "notes": [remark.placed for remark in with_accepted(results, report.remarks)],
        "accepted": [_accepted_json(result) for result in results if result.accepted],
        "policies": [{**_policy(finding), "state": record.write_state(finding.state)} for finding in report.findings],
        "recorded": record.to_json(),
        "errors": [{"file": error.file, "line": error.line, "reason": error.reason} for error in report.errors],
        "unjudged": [one.to_json() for one in report.unjudged],
        **report.provenance.to_json(),
        "skipped": [{"file": skipped.file, "reason": skipped.reason} for skipped in report.skipped],
    }
    return render_json(answer)


def _accepted_json(result: Result) -> dict[str, object]:
    """Return a finding that does not count. `until`: the last day of its suppression, None if a baseline has it."""
    return {
        **result.at.to_json(),
        "resource": result.finding.found.resource,
        "severity": result.severity.name,
        "rule": result.rule.id,
        "until": None if result.suppression is None else str(result.suppression.until),
        "accepted": result.accepted,
        "reason": result.message,
    }


def _verdict_json(finding: Finding, verdict: Verdict) -> dict[str, object]:
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
    place = {**stated.at.to_json(), "resource": stated.registry.found.resource}
    return {"statement": stated.statement, "place": place}


def _policy(finding: Finding) -> dict[str, object]:
    at, found = finding.at, finding.found
    return {
        **at.to_json(),
        **({} if at.file == found.at.file else {"declared_in": found.at.file}),
        "resource": found.resource,
        "kind": found.kind.value,
        **_verdict_json(finding, finding.verdict),
        **({} if finding.under_rcps is None else {"under_rcp": _verdict_json(finding, finding.under_rcps)}),
    }


def as_lines(report: Report) -> str:
    """Return the results that no baseline has, the resources that were not judged, the remarks, and the last line."""
    new = (line_of(result) for result in results_of(report) if not result.is_known)
    left = (
        visible(f"{one.file}:{one.line}:{one.column}: UNJUDGED {one.resource}: {one.reason}") for one in report.left
    )
    remarks = (visible(f"note: {remark.placed}") for remark in report.remarks)
    return "".join(f"{line}\n" for line in (*new, *left, *remarks, summary(report).plain))


_COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def as_github(report: Report) -> str:
    """Return `report` as one command a line. GitHub shows the first ten of each level in a step."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    every = list(results_of(report))
    for remark in with_accepted(every, report.remarks):
        yield _command("warning", remark.at, "Not all findings count", remark.message)
    new = (one for one in every if not one.is_known)
    for result in sorted(new, key=lambda one: (-one.severity, one.suppression is not None)):
        rule = result.rule
        message = f"{result.told} ({rule.id}, {link(rule)})"
        level = "warning" if result.suppression else _COMMANDS[result.severity]
        yield _command(level, result.at, f"{result.label}: {rule.title}", message)
    for fault in faults_of(report):
        yield _command("error", Place(fault.first.file, fault.first.line or 1), "Not judged", fault.message)
    if report.nothing:
        yield f"::warning title=Not judged::{report.nothing}"
    for one in report.left:
        yield _command("notice", Place(one.file, one.line, one.column), "Not judged", f"{one.resource}: {one.reason}")


def _command(name: str, at: Place, title: str, message: str) -> str:
    properties = {"file": relative(at.file), "line": str(at.line), "col": str(at.column), "title": title}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}"


def _data(text: str) -> str:
    """Return a message that cannot end its line, so that it cannot start another command."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


def as_gitlab(report: Report) -> str:
    """Return `report` as one list, with entries for unread files and unjudged resources."""
    every = list(results_of(report))
    new = (result for result in every if not result.is_known)
    remarks = (_issue("note", "info", one.at, one.message) for one in with_accepted(every, report.remarks))
    unread, left = map(_unread, faults_of(report)), map(_unjudged_issue, report.left)
    return render_json([*remarks, *map(_result, new), *unread, *left])


def _issue(check: str, severity: str, at: Place, description: str, fingerprint: str = "") -> dict[str, object]:
    """Return an entry. Without a fingerprint, its file and its text tell it from the others."""
    path = relative(at.file)
    return {
        "description": visible(description),
        "check_name": check,
        "fingerprint": fingerprint or visible(f"{check} {path} {description}"),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": at.line}},
    }


def _result(result: Result) -> dict[str, object]:
    suppressed = f"{result.label}: " if result.suppression else ""
    severity = "info" if suppressed else _SEVERITIES[result.severity]
    # A fingerprint of its own: a suppression that a merge request adds is new to GitLab.
    fingerprint = f"{'suppressed ' if suppressed else ''}{result.fingerprint}"
    description = f"{suppressed}{result.told} ({link(result.rule)})"
    return _issue(result.rule.id, severity, result.at, description, fingerprint)


def _unread(fault: Fault) -> dict[str, object]:
    at = Place(fault.first.file, fault.first.line or 1)
    own = f"unread {visible(relative(at.file))}"
    return _issue("unread", _SEVERITIES[Severity.HIGH], at, f"not judged: {fault.message}", own)


def _unjudged_issue(one: Unjudged) -> dict[str, object]:
    path, resource, reason = relative(one.file), one.resource, one.reason
    own = visible(f"unjudged {path} {resource} {reason}")
    return _issue("unjudged", "info", Place(one.file, one.line), f"not judged: {resource}: {reason}", own)


def as_junit(report: Report) -> str:
    """Return `report` as one suite."""
    faults, left_out = faults_of(report), len(report.skipped) + len(report.unjudged) + bool(report.nothing)
    every = [list(results_in(finding)) for finding in report.findings]
    remarks = list(with_accepted([result for results in every for result in results], report.remarks))
    failing = [any(result.accepted is None for result in results) for results in every]
    suppressed = [any(result.suppression for result in results) for results in every]
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
    new = [result for result in results if not result.is_known]
    if not new:
        return
    worst = max(new, key=lambda one: (one.suppression is None, one.severity))
    attributes = {"type": worst.severity.name, "message": visible(worst.told)}
    element = ET.SubElement(case, "skipped" if worst.suppression else "failure", attributes)
    element.text = "\n".join(line_of(result) for result in new)


def _other(suite: ET.Element, kind: str, one: Unread | Unjudged | Skipped, name: str) -> None:
    case = ET.SubElement(suite, "testcase", _names(one.file, name))
    ET.SubElement(case, kind, {"message": visible(one.reason)})


def _names(file: str, name: str) -> dict[str, str]:
    return {"classname": visible(file), "name": visible(name)}
