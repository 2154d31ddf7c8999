"""A check and a comparison in Markdown, for a comment on a pull or merge request.

Foreign text is in code spans, where Markdown has no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Sized

from ....documents.problems import count_of
from ....judgement.values.verdict import NO_ACCESS, Grant, Severity
from ....sources.check.differences import Comparison
from ....sources.check.findings import Report
from ....sources.check.provenance import Provenance
from ....sources.check.results import Result, accepted_in, faults_of, results_of
from ....sources.check.rules import Rule
from ..base.documentation import link
from ..base.program import visible
from .diff import WORDS, Told, Way, left_of, summary, told_of
from .text import access_in_words, who

_MARKUP = re.compile(r"[!-,.:-@\[-`{-~]")
"""The ASCII punctuation except `-` and `/`."""

_LONGEST = 600
"""The most characters of one text."""


def code(text: str) -> str:
    """Return `text` as inert code: every mark is an entity, which neither Markdown nor a table interprets.

    Backticks are not enough, because a table ends its cells inside them. A mention inside `<code>` notifies no one.
    """
    return f"<code>{inert(text)}</code>"


def inert(text: str) -> str:
    """Return `text` as prose with its marks as entities."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", cut(visible(text)))


def cut(text: str) -> str:
    """Return a text, shortened if it is longer than anyone would read."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


MARKS = {
    Severity.CRITICAL: "🟥 CRITICAL",
    Severity.HIGH: "🟧 HIGH",
    Severity.MEDIUM: "🟨 MEDIUM",
    Severity.LOW: "🟦 LOW",
}
"""The label of each severity."""
_MOST = 50
"""The most results that are shown. A comment has at most 65,536 characters, and no reader needs more."""


def check_as_markdown(report: Report) -> str:
    """Return `report` as a heading, a table of the results, and each result in detail."""
    return "\n".join(_check_lines(report)) + "\n"


def _check_lines(report: Report) -> Iterator[str]:
    every = sorted(results_of(report), key=lambda one: -one.severity)
    results = [one for one in every if one.accepted is None]
    suppressed = [one for one in every if one.suppression]
    yield f"### {_check_headline(report, results, accepted_in(every))}"
    yield from _section("", [code(remark.placed) for remark in report.remarks], _MOST)
    if results:
        yield from ("", "| severity | where | resource | who gets what | rule |", "| --- | --- | --- | --- | --- |")
        yield from (_check_row(result) for result in results[:_MOST])
        yield from _details(_check_details(results[:_MOST]))
    if len(results) > _MOST:
        yield from ("", f"… and {len(results) - _MOST} more.")
    yield from _section("Suppressed", [_suppression_line(result) for result in suppressed], _MOST)
    if len(suppressed) > _MOST:
        yield from ("", f"… and {len(suppressed) - _MOST} more.")
    yield from _check_rest(report)


def _check_rest(report: Report) -> Iterator[str]:
    unread = [f"{code(fault.first.where)}: {code(fault.message)}" for fault in faults_of(report)]
    yield from _section("Not read", unread, _MOST)
    left = [f"{code(f'{one.file}:{one.line}')} {code(one.resource)}: {code(one.reason)}" for one in report.left]
    yield from _section("Found and not judged", left, _MOST)
    excluded = sum(bool(skipped.excluded_by) for skipped in report.skipped)
    absent = len(report.left) - len(report.unjudged)
    for what, count in (("skipped", len(report.skipped) - excluded - absent), ("excluded", excluded)):
        if count:
            yield from ("", f"{count} {what}.")
    yield from _provenance_lines(report.provenance, report.findings)


def _section(title: str, lines: Sequence[str], most: int) -> Iterator[str]:
    if lines:
        yield from ("", f"**{title}:**", "") if title else ("",)
        yield from (f"- {line}" for line in lines[:most])


def _provenance_lines(provenance: Provenance, about: Sized) -> Iterator[str]:
    """Yield which trust decided a report, unless it is about nothing, and the settings that can loosen it."""
    if about:
        yield from ("", f"Trust: {code(provenance.trust)}.")
    if provenance.beside_the_code:
        yield from ("", f"Settings can loosen this result: {code(provenance.beside_the_code)}")


def _suppression_line(result: Result) -> str:
    where = f"{code(f'{result.at.file}:{result.at.line}')} {code(result.finding.found.resource)}"
    return f"{MARKS[result.severity]} {where}: {_what(result)}, {code(str(result.suppression))}"


def _check_headline(report: Report, results: Sequence[Result], accepted: str) -> str:
    bad, total = len({id(result.finding) for result in results}), len(report.findings)
    unread = f", {len(report.errors)} not read" if report.errors else ""
    unread += f", {len(report.left)} found and not judged" if report.left else ""
    unread += f", {accepted}" if accepted else ""
    if bad:
        return f"❌ ECR access from outside: {bad} of {total} policies non-compliant{unread}"
    mark = "✅" if total and not (unread or report.remarks) else "⚠️"
    # With accepted findings there is access, so only their number follows that of the policies.
    outcome = "" if accepted else f", {NO_ACCESS if total else 'nothing was judged'}"
    return f"{mark} ECR access from outside: {count_of(total, 'policy', 'policies')}{outcome}{unread}"


def _check_row(result: Result) -> str:
    where, resource = code(f"{result.at.file}:{result.at.line}"), code(result.finding.found.resource)
    cells = (MARKS[result.severity], where, resource, _what(result), _link_rule(result.rule))
    return f"| {' | '.join(cells)} |"


def _link_rule(rule: Rule) -> str:
    page = link(rule)
    return f"[{rule.id}]({page})" if page.startswith("http") else rule.id


def _what(result: Result) -> str:
    if result.grant is None:
        return result.rule.title
    grant = result.grant
    return f"{code(who(grant.kind, grant.grantee))} gets {access_in_words(grant.access)}"


def _check_details(results: Sequence[Result]) -> Iterator[list[str]]:
    for result in results:
        yield [f"{result.at}: {result.rule.id}, {link(result.rule)}", result.message, *_witness_lines(result.grant)]


def _witness_lines(grant: Grant | None) -> list[str]:
    return [] if grant is None else [f"witness: {grant.witness.principal} may call {grant.witness.action}"]


def _details(each: Iterable[list[str]]) -> Iterator[str]:
    yield from ("", "<details><summary>Why, and the request that proves it</summary>")
    for lines in each:
        yield from ("", *block(lines))
    yield from ("", "</details>")


def block(lines: Sequence[str]) -> list[str]:
    """Return lines as a block of code, even if they contain backticks."""
    shown = [cut(visible(line)) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, 1 + longest)
    return [f"{fence}text", *shown, fence]


_MOST_CHARACTERS = 60_000
MARK = "<!-- ecr-crossaccount diff -->"
"""The first line. A program that posts a comment finds its earlier one by it."""


def diff_as_markdown(found: Comparison) -> str:
    """Return a comparison as a heading, a table of the access opened and closed, and the reasons in detail."""
    every = sorted((told for one in found.compared for told in told_of(one)), key=_order)
    forms = ("\n".join(_diff_lines(found, every, most)) + "\n" for most in (_MOST, _MOST // 4))
    fitting = (text for text in forms if len(text) <= _MOST_CHARACTERS)
    return next(fitting, "\n".join(_diff_lines(found, every, 0)) + "\n")


def _order(told: Told) -> tuple[int, int]:
    return list(Way).index(told.way) if told.way is not Way.CLOSED else len(Way), -told.severity


def _diff_lines(found: Comparison, every: Sequence[Told], most: int) -> Iterator[str]:
    yield MARK
    yield f"### {_diff_headline(found, every)}"
    yield ""
    yield f"From {code(found.names[0])} to {code(found.names[1])}: {summary(found)}."
    yield from _section("", [code(remark.placed) for remark in found.remarks], most or 1)
    shown = every[:most]
    if shown:
        yield from ("", "| change | severity | where | resource | who |", "| --- | --- | --- | --- | --- |")
        yield from (_diff_row(told) for told in shown)
        yield from _details(_diff_details(shown))
    if len(every) > len(shown):
        yield from ("", f"… and {len(every) - len(shown)} more.")
    yield from _diff_rest(found, most or 1)


def _diff_headline(found: Comparison, every: Sequence[Told]) -> str:
    ways = {told.way for told in every}
    if Way.OPENED in ways:
        return "❌ ECR access from outside: this change opens something"
    if Way.UNDECIDED in ways or found.unknown or found.errors or not found.compared:
        return "⚠️ ECR access from outside: it is not certain that this change opens nothing"
    mark, also = ("⚠️", ", but it also changes what decides this result") if found.remarks else ("✅", "")
    if Way.TRUSTED in ways:
        return f"{mark} ECR access from outside: this change opens nothing that its own register does not trust{also}"
    if Way.CLOSED in ways:
        return f"{mark} ECR access from outside: this change only closes{also}"
    return f"{mark} ECR access from outside: this change opens and closes nothing{also}"


def _diff_row(told: Told) -> str:
    where = code(f"{told.at.file}:{told.at.line}")
    cells = (WORDS[told.way], MARKS[told.severity], where, code(told.resource), _who(told))
    return f"| {' | '.join(cells)} |"


def _who(told: Told) -> str:
    if told.change is None:
        return "cannot be determined"
    grant = told.change.grant
    verb = "loses" if told.way is Way.CLOSED else "gets"
    return f"{code(who(grant.kind, grant.grantee))} {verb} {access_in_words(grant.access)}"


def _diff_details(shown: Sequence[Told]) -> Iterator[list[str]]:
    for told in shown:
        change = told.change
        otherwise = [change.otherwise] if change and change.otherwise else []
        witness = _witness_lines(change.grant if change else None)
        yield [f"{told.way.value} {told.at}: {told.of.pair.found.resource}", told.reason, *otherwise, *witness]


def _diff_rest(found: Comparison, most: int) -> Iterator[str]:
    unread = [
        f"{'' if one.file == name else f'{code(name)} '}{code(one.where)}: {code(one.reason)}"
        for name, one in found.errors
    ]
    yield from _section("Not read", unread, most)
    left = [f"{code(name)} {code(file)}: {code(reason)}" for name, file, reason in left_of(found)]
    yield from _section("Found and not compared", left, most)
    notes = [f"{code(one.pair.found.resource)}: {code(note)}" for one in found.compared for note in one.notes]
    yield from _section("Notes", notes, most)
    yield from _provenance_lines(found.provenance, found.compared)
