"""The answers of `judge`, as JSON for programs and as text for a person.

The JSON has every policy with the fields of a batch answer, and every file that could not be read. The text has the
verdict, then for each statement who gets what access, why, and how to close it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ....documents.document import Document
from ....documents.problems import count_of, first_of
from ....judgement.judge import Repository
from ....judgement.values.verdict import NO_ACCESS, Compliance, Grant, Settles, Severity, Verdict
from ....memo import by_value
from ....sources.check.provenance import Provenance
from ....sources.check.rules import INVALID, UNDECIDED, rule_of
from ..base.json_text import render_json
from ..base.outputs import Unread
from ..base.program import visible
from .text import SEVERITIES, Page, Text, describe_policy, group_items, laid_out, statement_of, witness_in_words
from .way_out import (
    CORRECT,
    mistyped_keys,
    show_rule,
    show_under_rcps,
    show_way_out,
    way_out,
    way_out_of_doubt,
    who_gets_what,
)


@by_value
class Judged:
    """One policy and its verdict. `document` is the policy's JSON value, for showing parts of it.

    `registry` is the JSON value of the registry policy. `under_rcps` is the verdict under resource control policies, if
    any.
    """

    file: str
    repository: Repository
    document: object
    verdict: Verdict
    registry: object = None
    under_rcps: Verdict | None = None

    def value_of(self, document: Document) -> object:
        """Return the JSON value of one of the documents."""
        return self.registry if document is Document.REGISTRY else self.document


@by_value
class Report:
    """The results of one run."""

    judged: tuple[Judged, ...]
    unread: tuple[Unread, ...]
    provenance: Provenance


def as_json(report: Report) -> str:
    """Return `report` as one JSON object."""
    answer = {
        "policies": [_policy(judged) for judged in report.judged],
        "errors": [unread._asdict() for unread in report.unread],
        **report.provenance.to_json(),
    }
    return render_json(answer)


def _policy(judged: Judged) -> dict[str, object]:
    repository = judged.repository
    where = {"file": judged.file, "owner": repository.account, "repository": repository.name}
    under = {} if judged.under_rcps is None else {"under_rcp": judged.under_rcps.to_json()}
    return {**where, **judged.verdict.to_json(), **under}


_OF_TAGS = {Settles.TAGS: "add --tag KEY=VALUE for each tag of the repository"}
_MOST_LINES = 24
_MOST_ACTIONS = 5


def show(report: Report, page: Page) -> None:
    """Write `report` on a page."""
    for number, judged in enumerate(report.judged):
        if number:
            page.line()
        _show_policy(page, judged)
    if len(report.judged) > 1 or any(one.verdict.compliance is not Compliance.COMPLIANT for one in report.judged):
        page.line()
    page.trust(report.provenance, report.judged)
    if len(report.judged) > 1:
        counts = Counter(one.verdict.compliance for one in report.judged)
        compliant, others = counts[Compliance.COMPLIANT], counts[Compliance.NON_COMPLIANT]
        page.line(f"{len(report.judged)} policies: {compliant} compliant, {others} non-compliant")


def _show_policy(page: Page, judged: Judged) -> None:
    verdict = judged.verdict
    page.line(_headline(judged))
    for _, grants in group_items(verdict.grants, lambda one: (one.document, one.statement)):
        page.line()
        _show_statement(page, judged, grants)
    for undecided in verdict.undecided:
        page.line()
        where = _where(undecided.statement, undecided.document)
        page.field("UNDECIDED", f"{where}: {visible(undecided.reason)}", 2, SEVERITIES[Severity.MEDIUM])
        show_rule(page, UNDECIDED, 2)
        page.field("way out", way_out_of_doubt(undecided.settled_by, _OF_TAGS), 2)
        number, document = undecided.statement, judged.value_of(undecided.document)
        for advice in () if number is None else mistyped_keys(statement_of(document, number)):
            page.field("", visible(advice), 2)
    for invalid in verdict.invalid:
        page.line()
        page.field("INVALID", f"{visible(invalid.at)}: {visible(invalid.reason)}", 2, SEVERITIES[Severity.MEDIUM])
    if verdict.invalid:
        show_rule(page, INVALID, 2)
        page.field("way out", CORRECT, 2)
    if verdict.notes:
        page.line()
    for note in verdict.notes:
        page.field("note", visible(note), 2)
    if judged.under_rcps is not None:
        page.line()
        show_under_rcps(page, judged.under_rcps)


def _where(statement: int | None, document: Document) -> str:
    whose = "the registry policy" if document is Document.REGISTRY else "the policy"
    if statement is None:
        return whose
    return f"Statement[{statement}]" if document is Document.REPOSITORY else f"Statement[{statement}] of {whose}"


def _headline(judged: Judged) -> Text:
    repository = judged.repository
    is_registry = judged.registry is not None and judged.registry is judged.document
    name = "the registry policy" if is_registry else repository.name
    head = Text(f"{describe_policy(judged.file, name, repository.account)}: ")
    if judged.verdict.compliance is Compliance.COMPLIANT:
        by = "this policy" if judged.registry is None or is_registry else "this policy and the registry policy"
        return head.append("COMPLIANT", "bold green").append(f", {NO_ACCESS} through {by}")
    return head.append("NON_COMPLIANT", "bold red").append(f", {_in_short(judged.verdict)}")


def _in_short(verdict: Verdict) -> str:
    words = [count_of(len(verdict.grants), "grant", "grants")] if verdict.grants else []
    words += [f"{len(verdict.undecided)} undecided"] if verdict.undecided else []
    return ", ".join([*words, *([f"{len(verdict.invalid)} invalid"] if verdict.invalid else [])])


def _show_statement(page: Page, judged: Judged, grants: Sequence[Grant]) -> None:
    sid, number, document = grants[0].sid, grants[0].statement, judged.value_of(grants[0].document)
    name = f" `{visible(sid)}`" if sid else ""
    page.line(Text(f"{_where(number, grants[0].document)}{name}", "bold"), 2)
    for line in _excerpt(document, number):
        page.line(Text(visible(line), "dim"), 4)
    for grant in grants:
        page.line()
        _show_grant(page, judged, grant)
    page.line()
    show_way_out(page, way_out(grants, statement_of(document, number), judged.repository))


def _show_grant(page: Page, judged: Judged, grant: Grant) -> None:
    page.field(grant.severity.name, who_gets_what(grant), style=SEVERITIES[grant.severity])
    show_rule(page, rule_of(grant))
    page.field("because", visible(grant.reason))
    # The witness's action says the most.
    actions = sorted(grant.actions, key=lambda action: action != grant.witness.action)
    page.field("actions", visible(first_of(actions, _MOST_ACTIONS)))
    page.field("witness", visible(witness_in_words(grant, judged.value_of(grant.document))))


def _excerpt(document: object, number: int) -> list[str]:
    """Return the statement as its author could have written it, one element a line, at most a screen long."""
    try:
        lines = list(laid_out(statement_of(document, number)))
    except RecursionError:
        return []
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [f"… and {len(lines) - _MOST_LINES} more lines"]
    return lines
