"""An audit as text, for a person: how things stand, who gets in, by whose word, and what to look after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from rich.text import Text

from ... import Access, Compliance, Severity
from ...access.trust import Entry
from ...access.verdict import Grant
from ...audit.report import Approval, Audited, AuditReport
from ...audit.trusted import Trusted
from ...gate.rules import rule_of
from ..visible import visible
from .audit_changes import show_changes
from .audit_known import RULES, doubts, in_words, is_known, known_of
from .audit_names import Names
from .audit_opinion import show_opinion
from .audit_unknown import lacks, show_ambiguous
from .audit_usage import show_usage
from .groups import grouped
from .page import SEVERITIES, Page, rendered
from .shared import show_rule
from .words import who

_MOST_REASONS = 5
"""Of those who get the same of several repositories, each for its own reason."""


def render(report: AuditReport) -> str:
    """Return `report` without colour, for a file."""
    return rendered(report, _show)


def show(report: AuditReport) -> None:
    """Write `report` to standard output, in colour on a terminal."""
    _show(report, Page())


def _show(report: AuditReport, page: Page) -> None:
    page.line(_headline(report))
    page.line(_standing(report), 2)
    names = Names(report.scope)
    _show_grants(page, report, names)
    _show_undecided(page, report, names)
    show_ambiguous(page, report, names)
    _show_known(page, report, names)
    _show_trusted(page, report, names)
    _show_approvals(page, report)
    if report.changes is not None:
        show_changes(page, report.changes, names)
    if report.usage is not None:
        show_usage(page, report.usage, names)
    if report.second_opinion is not None:
        show_opinion(page, report.second_opinion, names)


def _headline(report: AuditReport) -> Text:
    scope = report.scope
    where = [_few(scope.accounts, "account", "accounts"), _few(scope.regions, "Region", "Regions")]
    places = f" ({', '.join(part for part in where if part)})" if any(where) else ""
    count = _count(len(report.repositories), "repository", "repositories")
    return Text(f"{count} from {visible(scope.source)}{places} on {scope.on}", "bold")


def _standing(report: AuditReport) -> Text:
    if not (report.repositories or report.registries or report.errors):
        return Text("no repository was found, so nothing was judged", "bold yellow")
    compliant = sum(one.verdict.compliance is Compliance.COMPLIANT for one in report.repositories)
    text = Text(f"{compliant:,} compliant, {len(report.repositories) - compliant:,} not")
    severities = report.severities
    for number, severity in enumerate(one for one in reversed(Severity) if severities[one]):
        text.append(", " if number else ": ").append(f"{severities[severity]:,} ").append(
            severity.name, SEVERITIES[severity]
        )
    if report.known:
        text.append(f"; {_count(len(known_of(report)), 'finding', 'findings')} known from the baseline")
    if report.beyond:
        seen = _count(len(report.beyond), "unexplained finding", "unexplained findings")
        text.append(f"; {seen} of IAM Access Analyzer", SEVERITIES[Severity.MEDIUM])
    return text.append("".join(f"; {lack}" for lack in lacks(report.errors)), "bold")


def _show_grants(page: Page, report: AuditReport, names: Names) -> None:
    found = [(one, grant) for one in report.audited for grant in one.verdict.grants if not is_known(report, one, grant)]
    found.sort(key=lambda pair: -pair[1].severity)
    for (severity, subject, access), members in grouped(found, _key_of_grant):
        page.line()
        headline = Text(visible(subject), "bold").append(f" gets {access} of {_names(names, members)}")
        page.labelled(severity.name, headline, 0, SEVERITIES[severity])
        show_rule(page, rule_of(members[0][1]), 0)
        _show_reasons(page, members, names)


def _show_reasons(page: Page, members: Sequence[tuple[Audited, Grant]], names: Names) -> None:
    """Write why: once where it is the same for all, else with the repositories for which it is true."""
    reasons = [*grouped(members, lambda pair: pair[1].reason)]
    for reason, some in reasons[:_MOST_REASONS]:
        page.labelled("because", visible(reason), 0)
        if len(reasons) > 1:
            page.labelled("", f"of {_names(names, some)}", 0)
    if len(reasons) > _MOST_REASONS:
        page.labelled("", f"and {len(reasons) - _MOST_REASONS:,} more reasons: --format json has them all", 0)


def _key_of_grant(pair: tuple[Audited, Grant]) -> tuple[Severity, str, str]:
    grant = pair[1]
    return grant.severity, who(grant.kind, grant.grantee), _access(grant.access)


def _show_undecided(page: Page, report: AuditReport, names: Names) -> None:
    reasons = [(one, doubt) for one in report.audited for doubt in doubts(one) if not is_known(report, one, doubt)]
    for (label, reason), members in grouped(reasons, lambda pair: pair[1]):
        page.line()
        page.labelled(label, visible(reason), 0, SEVERITIES[Severity.MEDIUM])
        page.labelled("", f"of {_names(names, members)}", 0)
        show_rule(page, RULES[label], 0)


def _show_known(page: Page, report: AuditReport, names: Names) -> None:
    """Write in short what does not count, for an earlier audit had found it."""
    known = known_of(report)
    if known:
        page.line()
        page.line(Text("Known from the baseline", "bold"))
    for line, members in grouped(known, lambda pair: in_words(pair[1])):
        page.line(Text(f"{visible(line)} of {_names(names, members)}", "dim"), 2)


def _show_trusted(page: Page, report: AuditReport, names: Names) -> None:
    found = [(one, trusted) for one in report.audited for trusted in one.trusted]
    if found:
        page.line()
        page.line(Text("Approved", "bold"))
    for (entry, subject, access), members in grouped(found, _key_of_trusted):
        page.line(f"{visible(subject)} gets {access} of {_names(names, members)}", 2)
        page.line(Text(_word(entry, report.trust.entries[entry]), "dim"), 4)


def _key_of_trusted(pair: tuple[Audited, Trusted]) -> tuple[int, str, str]:
    trusted = pair[1]
    return trusted.entry, who(trusted.kind, trusted.grantee), _access(trusted.access)


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
    """Say by whose word an entry trusts, why and until when."""
    parts = [
        f"trust[{number}]",
        f"by {entry.owner}" if entry.owner else "no owner named",
        f"until {entry.expires}" if entry.expires else "no last day",
        entry.reason or "no reason given",
    ]
    return visible(", ".join(parts))


def _access(access: Iterable[Access]) -> str:
    return ", ".join(one.value for one in access)


def _names(names: Names, members: Iterable[tuple[Audited, object]]) -> str:
    return names.some(one.item.arn for one, _ in members)


def _few(names: Sequence[str], one: str, many: str) -> str:
    if len(names) > 1:
        return f"{len(names):,} {many}"
    return f"{one} {visible(names[0])}" if names else ""


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
