"""A check as text for a person: the place, who has access, why, and how to close it.

A compliant policy is one line, and only if there is a note about it. The last line counts the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from ....documents.problems import count_of, first_of
from ....judgement.kinds.table import EXCHANGES
from ....judgement.values.verdict import Compliance, Grant, Settles
from ....sources.check.findings import Finding, Report
from ....sources.check.results import Result, accepted_in, results_in, results_of
from ....sources.check.rules import INVALID, UNDECIDED
from ....sources.files.files import file_text
from ....sources.files.values.nodes import Place
from ....sources.reading.files import STANDARD_INPUT, UnreadableError
from ..base.program import visible
from .text import SEVERITIES, Page, Text, group_items, statement_of, statements_of, witness_in_words
from .way_out import (
    CORRECT,
    KEEP,
    NOTHING,
    WayOut,
    show_rule,
    show_under_rcps,
    show_way_out,
    way_out,
    way_out_of_doubt,
    way_out_of_exchange,
    who_gets_what,
)

_BEFORE, _AFTER = 1, 6
"""The lines shown before a place, and from the place on."""

_WIDEST = 88
"""The most characters of a line. A longer line, such as a whole policy, is shown around the column."""

Reader = Callable[[str], list[str]]
"""Returns the lines of a file, or none if it cannot be read again."""


def _read(file: str) -> list[str]:
    if file == STANDARD_INPUT:
        return []
    try:
        return [line.removesuffix("\r") for line in file_text(file).removesuffix("\n").split("\n")]
    except UnreadableError:
        return []


def _is_outside(text: str, indent: int) -> bool:
    """Return whether a line is indented less than a column, so that it is outside of the block that begins there."""
    return bool(text.strip()) and len(text) - len(text.lstrip()) < indent


def _closes(text: str, indent: int) -> bool:
    return text[:indent].strip() == "" and text[indent : indent + 1] in ("}", "]")


def _plain(text: str) -> str:
    return visible(text.replace("\t", " "))


_MOST_EXCLUDED = 3
UNJUDGED = "found and not judged"
_TERRAFORM = (".tf", ".tofu", ".tf.json", ".tofu.json", ".hcl")
_OF_TERRAFORM = {Settles.VALUE: "check the plan: terraform show -json plan.bin | ecr-crossaccount check -"}
_WORDS = {UNDECIDED: "UNDECIDED", INVALID: "INVALID"}


def show(report: Report, page: Page) -> None:
    """Write `report` on a page."""
    read = cache(_read)
    for finding in report.findings:
        if finding.verdict.compliance is Compliance.COMPLIANT and finding.verdict.notes:
            page.line(_headline(finding, finding.found.at, "COMPLIANT", "green"))
        _show_finding(page, finding, read)
    for one in report.unjudged:
        page.aside("unjudged", f"{one.file}:{one.line}:{one.column}  {one.resource}: {one.reason}")
    for remark in report.remarks:
        page.aside("note", remark.placed)
    for skipped in (one for one in report.skipped if not one.excluded_by):
        page.line(f"{'skipped':10}{visible(skipped.file)}: {visible(skipped.reason)}")
    # A line for each of thousands of files would be too long.
    excluded = (skipped for skipped in report.skipped if skipped.excluded_by)
    for pattern, some in group_items(excluded, lambda one: one.excluded_by[0]):
        names = first_of([one.file for one in some], _MOST_EXCLUDED)
        page.line(f"{'excluded':10}{visible(f'`{pattern}`: {names}')}")
    page.trust(report.provenance, report.findings)
    page.line(summary(report))


def _show_finding(page: Page, finding: Finding, read: Reader) -> None:
    """Write the results and notes of a policy. If they take more than one line, they end with an empty line."""
    ended = True
    for results in _by_statement(list(results_in(finding))):
        if not ended:
            page.line()
        ended = not all(result.accepted for result in results)
        if ended:
            _show_results(page, finding, results, read)
        else:
            _show_accepted(page, finding, results)
    for note in finding.verdict.notes:
        page.field("note", visible(note))
    if finding.under_rcps is not None and finding.verdict.compliance is not Compliance.COMPLIANT:
        show_under_rcps(page, finding.under_rcps)
        ended = False
    if finding.verdict.notes or not ended:
        page.line()


def _by_statement(results: Sequence[Result]) -> Iterator[list[Result]]:
    """Yield the grants of each statement together, in the policy's order, then each other result alone."""
    grants = sorted(
        (result for result in results if result.grant), key=lambda one: (one.is_elsewhere, one.statement or 0)
    )
    yield from (some for _, some in group_items(grants, lambda one: (one.document, one.statement)))
    yield from ([result] for result in results if result.grant is None)


def _show_results(page: Page, finding: Finding, results: Sequence[Result], read: Reader) -> None:
    """Write the results of one statement: the place, who has access, why, and how to close it."""
    first = results[0]
    worst = max(one.severity for one in results)
    page.line(_headline(finding, first.at, _WORDS.get(first.rule, worst.name), SEVERITIES[worst]))
    if first.is_elsewhere:
        page.field("by", visible(first.by))
    stated = first.stated
    _excerpt(page, first.at if stated is None else stated.at, read)
    for result in results:
        page.line()
        _show_result(page, result)
    if first.grant is not None:
        page.line()
        show_way_out(page, _ways_out(first, [one.grant for one in results if one.grant]))
        if first.is_elsewhere and finding.found.kind not in EXCHANGES:
            page.field("", "do that in the registry policy: in the repository's own policy, only a Deny closes it")
    page.line()


def _show_accepted(page: Page, finding: Finding, results: Sequence[Result]) -> None:
    """Write in short the results that do not count because they are suppressed or in the baseline."""
    first = results[0]
    word = "SUPPRESSED" if first.suppression else "KNOWN"
    page.line(_headline(finding, first.at, word, "dim"))
    for result in results:
        page.field(_WORDS.get(result.rule, result.severity.name), _what(result), style="dim")


def _show_result(page: Page, result: Result) -> None:
    grant = result.grant
    if grant is None:
        show_rule(page, result.rule)
        page.field("because", visible(result.reason))
        page.field("way out", visible(_way_out_of_doubt(result)))
        return
    page.field(result.severity.name, _what(result), style=SEVERITIES[result.severity])
    show_rule(page, result.rule)
    page.field("because", visible(grant.reason))
    page.field("witness", visible(witness_in_words(grant, result.policy)))


def advice_on(result: Result) -> list[str]:
    """Return what you can do about a result."""
    if result.grant is None:
        return [_way_out_of_doubt(result)]
    ways = _ways_out(result, [result.grant])
    return [ways.remove, *ways.tighten, *([KEEP] if ways.entries else [])]


def _way_out_of_doubt(result: Result) -> str:
    if result.rule is INVALID:
        return CORRECT
    more = _OF_TERRAFORM if result.finding.found.at.file.endswith(_TERRAFORM) else NOTHING
    return way_out_of_doubt(result.settled_by, more)


def _what(result: Result) -> Text:
    return Text(visible(result.reason)) if result.grant is None else who_gets_what(result.grant)


def _ways_out(first: Result, grants: Sequence[Grant]) -> WayOut:
    finding, document = first.finding, first.policy
    if finding.found.kind in EXCHANGES:
        return way_out_of_exchange(grants, document, finding.repository)
    number = first.own_statement
    known = number is not None and number < len(statements_of(document))
    return way_out(grants, statement_of(document, number or 0) if known else None, finding.repository)


def _headline(finding: Finding, at: Place, word: str, style: str) -> Text:
    text = Text().append(word, style).append(" " * max(10 - len(word), 1)).append(visible(str(at)), "bold")
    return text.append(f"  {visible(finding.found.resource)} ({finding.found.kind.value})")


def _excerpt(page: Page, at: Place, read: Reader) -> None:
    """Write the lines around a place. Nothing if the file cannot be read again."""
    lines, indent = read(at.file), at.column - 1
    if not 0 < at.line <= len(lines):
        return
    first, last = max(at.line - _BEFORE, 1), min(at.line + _AFTER, len(lines) + 1)
    for number, text in enumerate(lines[first - 1 : last - 1], start=first):
        if number > at.line and _is_outside(text, indent):
            return
        _show_line(page, number, text, indent if number == at.line else None)
        if number > at.line and _closes(text, indent):
            return


def _show_line(page: Page, number: int, text: str, column: int | None) -> None:
    start = max(0, column - _WIDEST // 3) if column is not None and len(text) > _WIDEST else 0
    left, right = "…" if start else "", "…" if len(text) > start + _WIDEST else ""
    shown = f"{left}{_plain(text[start : start + _WIDEST])}{right}"
    page.verbatim(Text().append(f"{number:6} | ", "blue").append(shown))
    if column is not None:
        before = " " * _columns(left + _plain(text[start:column]))
        page.verbatim(Text().append(" " * 6 + " | ", "blue").append(f"{before}^", "bold red"))


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def summary(report: Report) -> Text:
    """Return the last line: how many policies were judged, and how many are compliant."""
    counts = Counter(finding.verdict.compliance for finding in report.findings)
    total, bad = len(report.findings), counts[Compliance.NON_COMPLIANT]
    if not (total or report.errors or report.skipped or report.unjudged):
        return Text("0 policies: no ECR policy was found, so nothing was judged", "bold yellow")
    text = Text(f"{count_of(total, 'policy', 'policies')}: ")
    if total:
        text.append(f"{total - bad} compliant, ").append(f"{bad} non-compliant", "bold red" if bad else "")
    else:
        text.append("nothing was judged", "bold yellow")
    text.append(_in_doubt(report))
    accepted = accepted_in(results_of(report))
    text.append(f", {accepted}" if accepted else "", "bold yellow")
    excluded = sum(bool(skipped.excluded_by) for skipped in report.skipped)
    for what, count in (
        (UNJUDGED, len(report.unjudged)),
        ("not read", len(report.errors)),
        ("skipped", len(report.skipped) - excluded),
        ("excluded", excluded),
    ):
        if count:
            text.append(f", {count} {what}")
    return text


def _in_doubt(report: Report) -> str:
    """Return how many policies without grants are undecided, and how many are invalid."""
    verdicts = [finding.verdict for finding in report.findings if not finding.verdict.grants]
    invalid = sum(bool(verdict.invalid) for verdict in verdicts)
    undecided = sum(bool(verdict.undecided) and not verdict.invalid for verdict in verdicts)
    words = [f"{count} {word}" for count, word in ((undecided, "undecided"), (invalid, "invalid")) if count]
    return f" ({', '.join(words)})" if words else ""
