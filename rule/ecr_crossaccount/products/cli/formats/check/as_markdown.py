"""Markdown, for a comment on a pull request. Foreign text is in code spans, where Markdown has no meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .....judgement.values.verdict import NO_ACCESS, Severity
from .....sources.check.accepted import accepted_in
from .....sources.check.findings import Report
from .....sources.check.results import Result, faults_of, results_of
from .....sources.check.rules import Rule
from ...base.documentation import link
from ...base.visible import visible
from ..markdown import code, cut
from ..words import who

MARKS = {
    Severity.CRITICAL: "🟥 CRITICAL",
    Severity.HIGH: "🟧 HIGH",
    Severity.MEDIUM: "🟨 MEDIUM",
    Severity.LOW: "🟦 LOW",
}
"""The label of each severity."""
_MOST = 50
"""The most results that are shown. A comment has at most 65,536 characters, and no reader needs more."""


def render(report: Report) -> str:
    """Return `report` as a heading, a table of the results, and each result in detail."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    every = sorted(results_of(report), key=lambda one: -one.severity)
    results = [one for one in every if one.accepted is None]
    suppressed = [one for one in every if one.suppression]
    yield f"### {_headline(report, results, accepted_in(every))}"
    if report.remarks:
        yield ""
        yield from (f"- {code(one.placed)}" for one in report.remarks[:_MOST])
    if results:
        yield from ("", "| severity | where | resource | who gets what | rule |", "| --- | --- | --- | --- | --- |")
        yield from (_row(result) for result in results[:_MOST])
        yield from _details(results[:_MOST])
    if len(results) > _MOST:
        yield from ("", f"… and {len(results) - _MOST} more.")
    if suppressed:
        yield from ("", "**Suppressed:**", "")
        yield from (_suppressed(result) for result in suppressed[:_MOST])
    if len(suppressed) > _MOST:
        yield from ("", f"… and {len(suppressed) - _MOST} more.")
    yield from _around(report)


def _around(report: Report) -> Iterator[str]:
    """Yield unread, unjudged and excluded files, and the settings that can loosen the result."""
    if report.errors:
        yield from ("", "**Not read:**", "")
        for fault in faults_of(report)[:_MOST]:
            yield f"- {code(fault.first.where)}: {code(fault.message)}"
    if report.left:
        yield from ("", "**Found and not judged:**", "")
        for one in report.left[:_MOST]:
            yield f"- {code(f'{one.file}:{one.line}')} {code(one.resource)}: {code(one.reason)}"
    excluded = sum(bool(one.excluded_by) for one in report.skipped)
    absent = len(report.left) - len(report.unjudged)
    for what, count in (("skipped", len(report.skipped) - excluded - absent), ("excluded", excluded)):
        if count:
            yield from ("", f"{count} {what}.")
    if report.provenance.beside_the_code:
        yield from ("", f"Settings can loosen this result: {code(report.provenance.beside_the_code)}")


def _suppressed(result: Result) -> str:
    where = f"{code(f'{result.at.file}:{result.at.line}')} {code(result.finding.found.resource)}"
    return f"- {MARKS[result.severity]} {where}: {_what(result)}, {code(str(result.suppression))}"


def _headline(report: Report, results: Sequence[Result], accepted: str) -> str:
    bad, total = len({id(one.finding) for one in results}), len(report.findings)
    unread = f", {len(report.errors)} not read" if report.errors else ""
    unread += f", {len(report.left)} found and not judged" if report.left else ""
    unread += f", {accepted}" if accepted else ""
    if bad:
        return f"❌ ECR access from outside: {bad} of {total} policies non-compliant{unread}"
    mark = "✅" if total and not (unread or report.remarks) else "⚠️"
    # With accepted findings there is access, so only their number follows that of the policies.
    outcome = "" if accepted else f", {NO_ACCESS if total else 'nothing was judged'}"
    return f"{mark} ECR access from outside: {total} {'policy' if total == 1 else 'policies'}{outcome}{unread}"


def _row(result: Result) -> str:
    where = f"{result.at.file}:{result.at.line}"
    resource = result.finding.found.resource
    cells = (MARKS[result.severity], code(where), code(resource), _what(result), _linked(result.rule))
    return f"| {' | '.join(cells)} |"


def _linked(rule: Rule) -> str:
    """Return a rule with a link to its page, if the page has a web address."""
    page = link(rule)
    return f"[{rule.id}]({page})" if page.startswith("http") else rule.id


def _what(result: Result) -> str:
    if result.grant is None:
        return result.rule.title
    access = ", ".join(one.value for one in result.grant.access)
    return f"{code(who(result.grant.kind, result.grant.grantee))} gets {access}"


def _details(results: Sequence[Result]) -> Iterator[str]:
    yield from ("", "<details><summary>Why, and the request that proves it</summary>")
    for result in results:
        where = f"{result.at.file}:{result.at.line}:{result.at.column}"
        lines = [f"{where}: {result.rule.id}, {link(result.rule)}", result.message]
        if result.grant is not None:
            witness = result.grant.witness
            lines.append(f"witness: {witness.principal} may call {witness.action}")
        yield from ("", *block(lines))
    yield from ("", "</details>")


def block(lines: Sequence[str]) -> list[str]:
    """Return lines as a block of code, even if they contain backticks."""
    shown = [cut(visible(line)) for line in lines]
    fence = "`" * max(3, 1 + max(_longest_run(line) for line in shown))
    return [f"{fence}text", *shown, fence]


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
