"""Plans, as JSON for programs and as text for a person.

The JSON has every plan with the fields of a batch answer and notes, and every file that could not be read. The text has
the access removed and kept with reasons, and the difference. What changes no single statement is shown as the whole
policy.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ....judgement.judge import Repository
from ....judgement.values.trust import Trust
from ....judgement.values.verdict import NO_ACCESS, Compliance, Verdict
from ....questions.plan.outcome import Action, Change, Plan
from ....sources.check.provenance import Provenance
from ....sources.reading.files import STANDARD_INPUT
from ..base.json_text import render_json
from ..base.program import ExitStatus, visible
from .page import SEVERITIES, Page, render_text
from .reported import Unread
from .text import Text, laid_out, policy_laid_out, statement_of, witness_in_words


@dataclass(frozen=True, slots=True)
class Planned:
    """One policy with its plan. `before` is the verdict on the current policy, and `document` its JSON value.

    `notes` say which entries of the register had no effect because data is missing, and what the registry policy leaves
    open. `left` is the exit status for what the registry policy leaves open.
    """

    file: str
    repository: Repository
    document: object
    before: Verdict
    plan: Plan
    notes: tuple[str, ...] = ()
    left: ExitStatus = ExitStatus.COMPLIANT


@dataclass(frozen=True, slots=True)
class Report:
    """The plans of one run, and the trust with which they were made."""

    planned: tuple[Planned, ...]
    unread: tuple[Unread, ...]
    trust: Trust
    provenance: Provenance


def as_json(report: Report) -> str:
    """Return `report` as one JSON object."""
    answer = {
        "plans": [_plan(planned) for planned in report.planned],
        "errors": [unread.to_json() for unread in report.unread],
        **report.provenance.to_json(),
    }
    return render_json(answer)


def _plan(planned: Planned) -> dict[str, object]:
    repository = planned.repository
    where = {"file": planned.file, "owner": repository.account, "repository": repository.name}
    return {**where, **planned.plan.to_json(), "notes": list(planned.notes)}


_STYLES = {"-": "red", "+": "green"}


def as_text(report: Report) -> str:
    """Return `report` as text without color, for a file."""
    return render_text(report, _show)


def show_text(report: Report) -> None:
    """Write `report` to standard output, in color on a terminal."""
    _show(report, Page())


def _show(report: Report, page: Page) -> None:
    for number, planned in enumerate(report.planned):
        if number:
            page.line()
        _show_plan(page, planned)
    if any(one.plan.changes for one in report.planned):
        page.line()
    page.trust(report.provenance, report.planned)


def _show_plan(page: Page, planned: Planned) -> None:
    page.line(_headline(planned))
    plan = planned.plan
    for note in planned.notes:
        page.field("note", visible(note), 2, "bold yellow")
    for invalid in plan.invalid:
        page.field("INVALID", f"{visible(invalid.at)}: {visible(invalid.reason)}", 2, "bold yellow")
    for number, changes in groupby(plan.changes, key=lambda change: change.statement):
        page.line()
        _show_changes(page, planned, number, list(changes))
    is_whole = any(change.statement is None for change in plan.changes)
    if is_whole and plan.action is Action.SET and plan.policy is not None:
        page.line()
        page.line(Text("the policy to write", "bold"), 2)
        for line in policy_laid_out(plan.policy):
            page.verbatim(Text(line))
    if plan.after is not None and plan.refused is None:
        page.line()
        _show_what_stays_open(page, plan.after, plan.policy)


def _show_what_stays_open(page: Page, after: Verdict, policy: object) -> None:
    """Write who still has access after a plan that does not have to close everything."""
    if after.compliance is Compliance.COMPLIANT:
        page.line(f"what stays open: nothing, {NO_ACCESS} through this policy", 2)
        return
    page.line(Text("what stays open", "bold"), 2)
    for grant in after.grants:
        page.field(grant.severity.name, visible(grant.reason), style=SEVERITIES[grant.severity])
        page.field("witness", visible(witness_in_words(grant, policy)))
    for undecided in after.undecided:
        page.field("UNDECIDED", visible(undecided.reason), style="bold yellow")
    page.field("then", "plan once more for this policy, with --strategy narrow")


def _headline(planned: Planned) -> Text:
    repository, plan = planned.repository, planned.plan
    name = "" if repository.name == "*" else f"{visible(repository.name)} of "
    file = "standard input" if planned.file == STANDARD_INPUT else visible(planned.file)
    head = Text(f"{file} ({name}{visible(repository.account)}): ")
    if plan.refused is not None:
        return head.append("no plan", "bold red").append(f", nothing changes: {visible(plan.refused)}")
    if plan.after is not None:
        what = "nothing to insert" if plan.action is Action.NONE else "insert the required statements"
        is_open = plan.after.compliance is not Compliance.COMPLIANT
        style = "bold yellow" if is_open or plan.action is Action.SET else "bold green"
        return head.append(what, style).append(", but something stays open" if is_open else "")
    if plan.action is Action.NONE:
        return head.append("nothing to do", "bold green").append(f", {NO_ACCESS} through this policy")
    what = "delete the policy" if plan.action is Action.DELETE else "set another policy"
    return head.append(what, "bold yellow")


def _show_changes(page: Page, planned: Planned, number: int | None, changes: Sequence[Change]) -> None:
    sid = changes[0].sid
    where = "the policy" if number is None else f"Statement[{number}]" + (f" `{visible(sid)}`" if sid else "")
    page.line(Text(where, "bold"), 2)
    for change in changes:
        page.field("change", visible(change.change))
        page.field("because", visible(change.reason))
    if number is not None:
        page.line()
        after = planned.plan.became[number] if planned.plan.became else ()
        for line in _difference_lines(statement_of(planned.document, number), after):
            page.line(Text(visible(line), _STYLES.get(line[0], "dim")), 4)


def _difference_lines(before: object, after: Sequence[object]) -> list[str]:
    try:
        return list(_difference(before, after))
    except RecursionError:
        return ["- a statement that is nested too deeply to be shown"]


def _difference(before: object, after: Sequence[object]) -> Iterator[str]:
    """Yield the lines of a statement and of its replacements, with a sign where they differ."""
    first, *rest = after or (None,)
    old, new = list(laid_out(before)), list(laid_out(first)) if after else []
    yield from (line for line in difflib.ndiff(old, new) if not line.startswith("?"))
    for statement in rest:
        yield from (f"+ {line}" for line in laid_out(statement))
