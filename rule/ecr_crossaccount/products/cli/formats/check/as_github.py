"""Workflow commands. GitHub Actions shows them beside the lines of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from .....judgement.values.verdict import Severity
from .....sources.check.accepted import with_accepted
from .....sources.check.findings import Report
from .....sources.check.results import faults_of, results_of
from .....sources.files.values.places import Place
from ...base.documentation import link
from ...base.visible import visible
from .names import relative

_COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def render(report: Report) -> str:
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
