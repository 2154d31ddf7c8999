"""A check and a comparison in Markdown, for a comment on a pull or merge request.

Foreign text is in code spans, where Markdown has no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from ....documents.problems import count_of
from ....judgement.values.verdict import NO_ACCESS, Severity
from ....sources.check.differences import Comparison
from ....sources.check.findings import Report
from ....sources.check.results import Result, accepted_in, faults_of, results_of
from ....sources.check.rules import Rule
from ..base.documentation import link
from ..base.program import visible
from .diff import WORDS, Told, Way, left_of, summary, told_of
from .text import who

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
    if report.remarks:
        yield ""
        yield from (f"- {code(remark.placed)}" for remark in report.remarks[:_MOST])
    if results:
        yield from ("", "| severity | where | resource | who gets what | rule |", "| --- | --- | --- | --- | --- |")
        yield from (_check_row(result) for result in results[:_MOST])
        yield from _check_details(results[:_MOST])
    if len(results) > _MOST:
        yield from ("", f"… and {len(results) - _MOST} more.")
    if suppressed:
        yield from ("", "**Suppressed:**", "")
        yield from (_suppression_line(result) for result in suppressed[:_MOST])
    if len(suppressed) > _MOST:
        yield from ("", f"… and {len(suppressed) - _MOST} more.")
    yield from _check_rest(report)


def _check_rest(report: Report) -> Iterator[str]:
    """Yield unread, unjudged and excluded files, and the settings that can loosen the result."""
    if report.errors:
        yield from ("", "**Not read:**", "")
        for fault in faults_of(report)[:_MOST]:
            yield f"- {code(fault.first.where)}: {code(fault.message)}"
    if report.left:
        yield from ("", "**Found and not judged:**", "")
        for one in report.left[:_MOST]:
            yield f"- {code(f'{one.file}:{one.line}')} {code(one.resource)}: {code(one.reason)}"
    excluded = sum(bool(skipped.excluded_by) for skipped in report.skipped)
    absent = len(report.left) - len(report.unjudged)
    for what, count in (("skipped", len(report.skipped) - excluded - absent), ("excluded", excluded)):
        if count:
            yield from ("", f"{count} {what}.")
    if report.findings:
        yield from ("", f"Trust: {code(report.provenance.trust)}.")
    if report.provenance.beside_the_code:
        yield from ("", f"Settings can loosen this result: {code(report.provenance.beside_the_code)}")


def _suppression_line(result: Result) -> str:
    where = f"{code(f'{result.at.file}:{result.at.line}')} {code(result.finding.found.resource)}"
    return f"- {MARKS[result.severity]} {where}: {_what(result)}, {code(str(result.suppression))}"


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
    where = f"{result.at.file}:{result.at.line}"
    resource = result.finding.found.resource
    cells = (MARKS[result.severity], code(where), code(resource), _what(result), _link_rule(result.rule))
    return f"| {' | '.join(cells)} |"


def _link_rule(rule: Rule) -> str:
    """Return a rule with a link to its page, if the page has a web address."""
    page = link(rule)
    return f"[{rule.id}]({page})" if page.startswith("http") else rule.id


def _what(result: Result) -> str:
    if result.grant is None:
        return result.rule.title
    access = ", ".join(one.value for one in result.grant.access)
    return f"{code(who(result.grant.kind, result.grant.grantee))} gets {access}"


def _check_details(results: Sequence[Result]) -> Iterator[str]:
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
    if found.remarks:
        yield ""
        yield from (f"- {code(remark.placed)}" for remark in found.remarks[: most or 1])
    shown = every[:most]
    if shown:
        yield from ("", "| change | severity | where | resource | who |", "| --- | --- | --- | --- | --- |")
        yield from (_diff_row(told) for told in shown)
        yield from _diff_details(shown)
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
    severity = MARKS[told.severity]
    cells = (WORDS[told.way], severity, where, code(told.resource), _who(told))
    return f"| {' | '.join(cells)} |"


def _who(told: Told) -> str:
    if told.change is None:
        return "cannot be determined"
    grant = told.change.grant
    access = ", ".join(one.value for one in grant.access)
    verb = "loses" if told.way is Way.CLOSED else "gets"
    return f"{code(who(grant.kind, grant.grantee))} {verb} {access}"


def _diff_details(shown: Sequence[Told]) -> Iterator[str]:
    yield from ("", "<details><summary>Why, and the request that proves it</summary>")
    for told in shown:
        lines = [f"{told.way.value} {told.at.file}:{told.at.line}:{told.at.column}: {told.of.pair.found.resource}"]
        lines.append(told.reason)
        if told.change is not None:
            witness = told.change.grant.witness
            lines += [told.change.otherwise] if told.change.otherwise else []
            lines.append(f"witness: {witness.principal} may call {witness.action}")
        yield from ("", *block(lines))
    yield from ("", "</details>")


def _diff_rest(found: Comparison, most: int) -> Iterator[str]:
    """Yield the errors, the items that were not compared, the notes, and the settings that can loosen the result."""
    if found.errors:
        yield from ("", "**Not read:**", "")
        for name, error in found.errors[:most]:
            state = "" if error.file == name else f"{code(name)} "
            yield f"- {state}{code(error.where)}: {code(error.reason)}"
    if found.unknown:
        yield from ("", "**Found and not compared:**", "")
        for name, file, reason in islice(left_of(found), most):
            yield f"- {code(name)} {code(file)}: {code(reason)}"
    notes = [(one.pair.found.resource, note) for one in found.compared for note in one.notes]
    if notes:
        yield from ("", "**Notes:**", "")
        yield from (f"- {code(resource)}: {code(note)}" for resource, note in notes[:most])
    if found.compared:
        yield from ("", f"Trust: {code(found.provenance.trust)}.")
    if found.provenance.beside_the_code:
        yield from ("", f"Settings can loosen this result: {code(found.provenance.beside_the_code)}")
