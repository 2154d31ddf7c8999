"""An audit as text, for a person: a summary, who has access, who approved it, and what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from .....judgement.values.trust_entries import Entry
from .....judgement.values.verdict import Severity
from .....sources.check.rules import rule_of
from ....audit.report import Approval, AuditReport
from ...base.visible import visible
from ..page import SEVERITIES, Page, rendered
from ..shared import show_rule
from ..text import Text
from .changes import show_changes
from .groups import Gets, Groups, Members, groups_of
from .known import RULES
from .names import Names
from .opinion import show_opinion
from .rcps import show_under_rcps
from .unknown import lacks, not_held, show_ambiguous
from .usage import show_unseen, show_usage

_MOST_REASONS = 5
"""The most reasons that are shown for a grantee who has the same access to several repositories."""


def render(report: AuditReport) -> str:
    """Return `report` as text without color, for a file."""
    return rendered(report, _show)


def show(report: AuditReport) -> None:
    """Write `report` to standard output, in color on a terminal."""
    _show(report, Page())


def _show(report: AuditReport, page: Page) -> None:
    groups = groups_of(report)
    page.line(_headline(report))
    page.line(_standing(report, groups), 2)
    for line in not_held(report.scope):
        page.line(Text(line, "dim"), 2)
    names = Names(report.scope)
    _show_grants(page, groups, names)
    _show_undecided(page, groups, names)
    show_ambiguous(page, groups.ambiguous, names)
    if report.rcps:
        show_under_rcps(page, report, report.rcps, names)
    _show_known(page, groups, names)
    _show_trusted(page, report, groups, names)
    _show_approvals(page, report)
    if report.changes is not None:
        show_changes(page, report.changes, names)
    if report.usage is not None:
        show_usage(page, report.usage, names)
        show_unseen(page, report.unseen, names)
    if report.second_opinion is not None:
        show_opinion(page, report.second_opinion, names)


def _headline(report: AuditReport) -> Text:
    scope = report.scope
    where = [_few(scope.accounts, "account", "accounts"), _few(scope.regions, "Region", "Regions")]
    places = f" ({', '.join(part for part in where if part)})" if any(where) else ""
    count = _count(len(report.repositories), "repository", "repositories")
    return Text(f"{count} from {visible(scope.source)}{places} on {scope.on}", "bold")


def _standing(report: AuditReport, groups: Groups) -> Text:
    if not (report.audited or report.errors):
        return Text("no repository was found, so nothing was judged", "bold yellow")
    compliant = report.compliant
    text = Text(f"{compliant:,} compliant, {len(report.repositories) - compliant:,} not")
    if not report.audited:
        text = Text("nothing was judged", "bold yellow")
    severities = report.severities
    for number, severity in enumerate(one for one in reversed(Severity) if severities[one]):
        text.append(", " if number else ": ").append(f"{severities[severity]:,} ").append(
            severity.name, SEVERITIES[severity]
        )
    if report.known is not None:
        text.append(f"; {_count(groups.known_findings, 'finding', 'findings')} known from the baseline")
    if report.beyond:
        seen = _count(len(report.beyond), "unexplained finding", "unexplained findings")
        text.append(f"; {seen} of IAM Access Analyzer", SEVERITIES[Severity.MEDIUM])
    return text.append("".join(f"; {lack}" for lack in lacks(report.errors)), "bold")


def _show_grants(page: Page, groups: Groups, names: Names) -> None:
    for one in groups.worst_first():
        page.line()
        headline = Text(visible(one.subject), "bold").append(f" gets {one.access} of {_names(names, one.members)}")
        page.labelled(one.severity.name, headline, 0, SEVERITIES[one.severity])
        show_rule(page, rule_of(one.grant), 0)
        _show_reasons(page, one, names)


def _show_reasons(page: Page, group: Gets, names: Names) -> None:
    """Write the reasons. A reason that is not the same for all is followed by its repositories."""
    reasons = [*group.reasons.items()]
    for reason, some in reasons[:_MOST_REASONS]:
        page.labelled("because", visible(reason), 0)
        if len(reasons) > 1:
            page.labelled("", f"of {_names(names, some)}", 0)
    if len(reasons) > _MOST_REASONS:
        page.labelled("", f"and {len(reasons) - _MOST_REASONS:,} more reasons: --format json has them all", 0)


def _show_undecided(page: Page, groups: Groups, names: Names) -> None:
    for (label, reason), members in groups.doubts.items():
        page.line()
        page.labelled(label, visible(reason), 0, SEVERITIES[Severity.MEDIUM])
        page.labelled("", f"of {_names(names, members)}", 0)
        show_rule(page, RULES[label], 0)


def _show_known(page: Page, groups: Groups, names: Names) -> None:
    """Write a short line for each finding that does not count because the baseline has it."""
    if groups.known:
        page.line()
        page.line(Text("Known from the baseline", "bold"))
    for line, members in groups.known.items():
        page.line(Text(f"{visible(line)} of {_names(names, members)}", "dim"), 2)


def _show_trusted(page: Page, report: AuditReport, groups: Groups, names: Names) -> None:
    if groups.trusted:
        page.line()
        page.line(Text("Approved", "bold"))
    for (entry, subject, access), members in groups.trusted.items():
        page.line(f"{visible(subject)} gets {access} of {_names(names, members)}", 2)
        page.line(Text(_word(entry, report.trust.entries[entry]), "dim"), 4)


def _show_approvals(page: Page, report: AuditReport) -> None:
    within = _count(report.within, "day", "days")
    _list(page, f"Approvals that end within {within}, by {report.scope.on + timedelta(report.within)}", report.expiring)
    unread = ", of those that were read" if report.errors else ""
    _list(page, f"Approvals that no policy here needs{unread}", report.unused)
    expired = [approval for approval in report.approvals if approval.expired and approval.used_by]
    _list(page, "Approvals that have expired, and are still needed", expired)


def _list(page: Page, title: str, approvals: Sequence[Approval]) -> None:
    if not approvals:
        return
    page.line()
    page.line(Text(title, "bold"))
    for approval in approvals:
        entry = approval.entry
        page.line(f"{entry.subject.value} {entry.name}, {entry.access.value}", 2)
        page.line(Text(_word(approval.number, entry), "dim"), 4)


def _word(number: int, entry: Entry) -> str:
    """Return who approved an entry, until when and why."""
    parts = [
        f"trust[{number}]",
        f"by {entry.owner}" if entry.owner else "no owner named",
        f"until {entry.expires}" if entry.expires else "no last day",
        entry.reason or "no reason given",
    ]
    return visible(", ".join(parts))


def _names(names: Names, members: Members) -> str:
    return names.first(members.first, members.count)


def _few(names: Sequence[str], one: str, many: str) -> str:
    if len(names) > 1:
        return f"{len(names):,} {many}"
    return f"{one} {visible(names[0])}" if names else ""


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
