"""Text, for a person: where it stands, who gets in, why, and the ways out; a line for each policy that is well."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

from ...access.verdict import Compliance, Grant, Severity
from ...gate.findings import Finding, Report
from ...gate.found import Place
from ..formats.page import SEVERITIES, Page, console
from ..formats.words import statement_of, statements_of, who, witness_in_words
from ..visible import visible
from ..way_out import way_out
from .excerpt import Excerpts


def render(report: Report) -> str:
    """Return `report` without colour, for a file or a pipe."""
    buffer = io.StringIO()
    _show(report, Page(console(buffer)))
    return buffer.getvalue()


def show(report: Report) -> None:
    """Write `report` to standard output, in colour on a terminal."""
    _show(report, Page())


def _show(report: Report, page: Page) -> None:
    excerpts = Excerpts()
    for finding in report.findings:
        if finding.verdict.compliance is Compliance.COMPLIANT:
            page.line(_headline(finding, finding.found.at, "COMPLIANT", "green"))
            _notes(page, finding)
        else:
            _show_finding(page, finding, excerpts)
    for skipped in report.skipped:
        page.line(f"{'skipped':10}{visible(skipped.file)}: {visible(skipped.reason)}")
    page.line(_summary(report))


def _show_finding(page: Page, finding: Finding, excerpts: Excerpts) -> None:
    verdict = finding.verdict
    for number, grants in groupby(sorted(verdict.grants, key=_statement), key=_statement):
        _show_statement(page, finding, number, list(grants), excerpts)
    for one in verdict.undecided:
        at = finding.place_of(one.statement)
        page.line(_headline(finding, at, "UNDECIDED", SEVERITIES[Severity.MEDIUM]))
        _excerpt(page, at, excerpts)
        page.labelled("because", visible(one.reason))
        page.line()
    for fault in verdict.invalid:
        page.line(_headline(finding, finding.found.at, "INVALID", SEVERITIES[Severity.MEDIUM]))
        page.labelled("because", f"{visible(fault.at)}: {visible(fault.reason)}")
        page.line()
    _notes(page, finding)


def _statement(grant: Grant) -> int:
    return grant.statement


def _show_statement(page: Page, finding: Finding, number: int, grants: Sequence[Grant], excerpts: Excerpts) -> None:
    at = finding.place_of(number)
    worst = max(grant.severity for grant in grants)
    page.line(_headline(finding, at, worst.name, SEVERITIES[worst]))
    _excerpt(page, at, excerpts)
    for grant in grants:
        access = ", ".join(one.value for one in grant.access)
        page.line()
        headline = Text(visible(who(grant.kind, grant.grantee)), "bold").append(f" gets {access}")
        page.labelled(grant.severity.name, headline, style=SEVERITIES[grant.severity])
        page.labelled("because", visible(grant.reason))
        page.labelled("witness", visible(witness_in_words(grant, finding.found.policy)))
    page.line()
    _ways_out(page, finding, number, grants)
    page.line()


def _ways_out(page: Page, finding: Finding, number: int, grants: Sequence[Grant]) -> None:
    document = finding.found.policy
    statement = statement_of(document, number) if number < len(statements_of(document)) else None
    ways = way_out(grants, statement, finding.repository)
    page.labelled("way out", f"remove: {ways.remove}")
    for advice in ways.tighten:
        page.labelled("", f"tighten: {visible(advice)}")
    if ways.entries:
        page.labelled("", "keep: document it in the trust register (--trust)")
    for line in ways.entries:
        page.labelled("", Text(f"  {visible(line)}", "green"))


def _headline(finding: Finding, at: Place, word: str, style: str) -> Text:
    where = f"{at.file}:{at.line}:{at.column}"
    text = Text(word, style).append(" " * max(10 - len(word), 1))
    text.append(visible(where), "bold" if style != "green" else "")
    return text.append(f"  {visible(finding.found.resource)} ({finding.found.kind.value})")


def _excerpt(page: Page, at: Place, excerpts: Excerpts) -> None:
    for line in excerpts.around(at):
        page.verbatim(Text(f"{line.number:6} | ", "blue").append(line.text, "default"))
        if line.caret is not None:
            page.verbatim(Text(" " * 6 + " | ", "blue").append(" " * cell_len(line.caret) + "^", "bold red"))


def _notes(page: Page, finding: Finding) -> None:
    for note in finding.verdict.notes:
        page.labelled("note", visible(note))


def _summary(report: Report) -> Text:
    counts = Counter(finding.verdict.compliance for finding in report.findings)
    total, bad = len(report.findings), counts[Compliance.NON_COMPLIANT]
    text = Text(f"{total} {'policy' if total == 1 else 'policies'}: {total - bad} compliant, ")
    text.append(f"{bad} non-compliant", "bold red" if bad else "")
    for what, some in (("unread", report.errors), ("skipped", report.skipped)):
        if some:
            text.append(f", {len(some)} {what}")
    return text
