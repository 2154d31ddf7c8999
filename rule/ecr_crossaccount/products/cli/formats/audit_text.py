"""An audit as text for a person: a summary, who has access, who approved it, what changed, and what needs attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from ....documents.problems import count_of
from ....judgement.control import SPARED
from ....judgement.values.verdict import Compliance, Kind, Severity
from ....sources.check.rules import rule_of
from ...audit.attached import ControlPolicies
from ...audit.report import UNDECIDED, AccessChange, Approval, AuditReport, Changes
from ...audit.usage import Unseen, Usage
from ..base.program import visible
from .audit_parts import RULES, Groups, Members, Names, doubts, groups_of, lacks, not_held, show_ambiguous, show_opinion
from .text import SEVERITIES, Page, Text, access_in_words, approval_in_words, group_items, who
from .way_out import show_rule

_NEW = {"approved": "by an approval that no longer counts", "refused": "which is new"}
_GONE = {"approved": "which is approved now", "refused": "which has ended"}


def show_changes(page: Page, changes: Changes, names: Names) -> None:
    """Write new access, ended access, what cannot be determined, and repositories that were not compared."""
    page.heading(f"Since {visible(changes.since)}")
    lines = list(changes_in_words(changes, names))
    for line in lines or ["nothing has changed"]:
        page.line(line, 2)


def changes_in_words(changes: Changes, names: Names) -> Iterator[str]:
    """Yield a line for each change.

    `+` marks new access, `-` ended access, and `?` what cannot be determined.
    """
    yield from (f"+ {_access(change, names)}, {_NEW[change.other]}" for change in changes.new)
    yield from (f"- {_access(change, names)}, {_GONE[change.other]}" for change in changes.gone)
    yield from (f"+ {_access(change, names)}, which is new and approved" for change in changes.approved)
    groups: dict[str, list[str]] = {}
    for doubt in changes.undecided:
        groups.setdefault(f"? {visible(doubt.why.reason)}", []).append(doubt.arn)
    for arn, was, now in changes.other_results:
        groups.setdefault(f"{visible(now)} now and {visible(was)} before, for another reason", []).append(arn)
    for title, arns in (
        *groups.items(),
        ("new repositories", changes.appeared),
        ("not read by the earlier audit, so their access counts as new", changes.not_read_before),
        ("deleted repositories", changes.vanished),
        ("not compared, because not read this time", changes.missing),
    ):
        if arns:
            yield f"{title}: {names.some(arns)}"


def _access(change: AccessChange, names: Names) -> str:
    kinds = {kind.value: kind for kind in Kind}
    subject = who(kinds[change.kind], change.grantee) if change.kind in kinds else change.grantee
    chain = " → ".join(arn.partition(":role/")[2] for arn in change.through)
    by = f" through {visible(chain)}" if chain else ""
    return f"{visible(subject)} gets {access_in_words(change.access)} of {names.name_of(change.arn)}{by}"


_Left = tuple[str, Severity, str]
"""The label, the severity, and the reason."""

_MOST_NAMED = 5
"""The most policies that are named."""


def show_under_rcps(page: Page, report: AuditReport, rcps: ControlPolicies, names: Names) -> None:
    """Write which repositories the policies close, which stay open, and which principals the policies do not affect."""
    closed, still, unknown = Members(), Members(), Members()
    left: dict[_Left, Members] = {}
    for one in report.governed:
        under = report.under_rcps(one)
        if under is None:
            continue
        if under.compliance is Compliance.COMPLIANT:
            if one.verdict.compliance is not Compliance.COMPLIANT:
                closed.add(one.item.arn)
            continue
        (unknown if rcps.is_undetermined(one.item.account) else still).add(one.item.arn)
        found = [(grant.severity.name, grant.severity, grant.reason) for grant in under.grants]
        found += [(label, Severity.MEDIUM, reason) for label, reason in doubts(under)]
        for what in found:
            left.setdefault(what, Members()).add(one.item.arn)
    page.heading("Under the resource control policies")
    for line in told_of(rcps):
        page.line(Text(visible(line), "dim"), 2)
    _show_members(page, Text("nobody is left: ", "bold green"), closed, names)
    _show_members(page, Text("still open: ", "bold red"), still, names)
    _show_members(page, Text("cannot be determined: ", "bold yellow"), unknown, names)
    for (label, severity, reason), members in sorted(left.items(), key=lambda one: -one[0][1]):
        page.field(label, visible(reason), 2, SEVERITIES[severity])
        page.field("", f"of {names.name_members(members)}", 2)
    page.field("note", SPARED, 2)


def told_of(rcps: ControlPolicies) -> Iterator[str]:
    """Yield the policies that AWS Organizations has attached. Nothing for policies from files."""
    read = rcps.read or {}
    count = Counter(policy for applied in read.values() for policy in applied.policies)
    for policy, accounts in count.most_common(_MOST_NAMED):
        yield f"`{policy.name}` ({policy.id}) applies to {count_of(accounts, 'account', 'accounts')}"
    if len(count) > _MOST_NAMED:
        yield f"and {len(count) - _MOST_NAMED:,} more policies: --format json has them all"
    if none := sum(not (one.policies or one.unread or one.spared) for one in read.values()):
        yield f"none applies to {count_of(none, 'account', 'accounts')}"
    for account in (account for account, applied in read.items() if applied.spared):
        yield f"none applies to {account}, the management account"
    if unread := sum(rcps.is_undetermined(account) for account in read):
        yield f"not everything that applies to {count_of(unread, 'account', 'accounts')} could be read"


def _show_members(page: Page, head: Text, members: Members, names: Names) -> None:
    if members.count:
        page.line(head.append(names.name_members(members), "default"), 2)


def show_usage(page: Page, usage: Usage, names: Names) -> None:
    """Write the last pull and push of each outside caller that was seen, and the data that could not be read."""
    since = names.scope.on - timedelta(usage.days)
    days = "day" if usage.days == 1 else f"{usage.days} days"
    page.heading(f"Seen in CloudTrail in the last {days}, since {since}")
    for caller in usage.callers():
        page.line(f"{whom(caller)}: {in_words(usage, caller, names)}", 2)
    if not (usage.callers() or usage.unread):
        page.line("no use from outside was seen, which does not prove that there was none", 2)
    for line in partly(usage):
        page.line(line, 2)


def show_unseen(page: Page, unseen: Sequence[Unseen], names: Names) -> None:
    """Write the access that accounts have but did not use, and that this proves little."""
    if not unseen:
        return
    page.heading("No use seen, which does not prove that there was none")
    for (account, what), some in group_items(unseen, lambda one: (one.account, one.what)):
        page.line(f"account {visible(account)}: no {what} of {names.some(one.arn for one in some)}", 2)
    page.line(Text(_LIMITS, "dim"), 2)


_LIMITS = (
    "CloudTrail's event history holds at most 90 days of this account and these Regions. Ask the account before you "
    "take access away: `trust from-audit --used` drafts entries for what was used, and `plan --trust` with them shows "
    "what goes"
)


def partly(usage: Usage) -> list[str]:
    """Return a line for each Region that was not read, and for each event with only the newest records read."""
    regions = [visible(one.region or "CloudTrail") for one in usage.unread]
    return [
        *(f"{region}: not everything was read, so the use is unknown" for region in regions),
        *(f"{region}: of {event} only events after {visible(to)} were read" for region, event, to in usage.partial),
    ]


def whom(caller: str) -> str:
    """Return a caller with the word "account" before a bare account number."""
    return f"account {caller}" if caller.isdigit() else visible(caller)


def in_words(usage: Usage, caller: str, names: Names) -> str:
    """Return when a caller last pulled and pushed, and from or to which repositories."""
    parts = []
    for what, word in (("pull", "pulled"), ("push", "pushed")):
        last, arns = usage.last_use(caller, what)
        if last:
            some = f" {names.some(arns)}," if arns else ""
            parts.append(f"{word}{some} last on {visible(last)}")
    return "; ".join(parts)


_MOST_REASONS = 5
"""The most reasons that are shown for a grantee who has the same access to several repositories."""


def show(report: AuditReport, page: Page) -> None:
    """Write `report` on a page."""
    groups = groups_of(report)
    page.line(_headline(report))
    page.line(_standing(report, groups), 2)
    if report.audited:
        page.line(f"trust: {visible(report.provenance.trust)}", 2)
    for line in not_held(report.scope):
        page.line(Text(line, "dim"), 2)
    names = Names(report.scope)
    _show_grants(page, groups, names)
    _show_undecided(page, groups, names)
    show_ambiguous(page, groups.ambiguous, names)
    if report.rcps:
        show_under_rcps(page, report, report.rcps, names)
    if report.roles is not None:
        from .audit_roles import show_roles

        show_roles(page, report.roles, names, report.known_ways)
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
    if groups.grants or groups.doubts:
        page.line()
        for label, step in _NEXT:
            page.field(label, step, 0)


_NEXT = (
    ("next", "--format html=audit.html shows each policy beside the one that closes it"),
    ("", "--format json=audit.json, then `ecr-crossaccount trust from-audit audit.json`, drafts what you want to keep"),
)
"""What to do about the findings, after the last of them."""


def _headline(report: AuditReport) -> Text:
    scope = report.scope
    where = [_few(scope.accounts, "account", "accounts"), _few(scope.regions, "Region", "Regions")]
    places = f" ({', '.join(part for part in where if part)})" if any(where) else ""
    count = count_of(len(report.repositories), "repository", "repositories")
    return Text(f"{count} from {visible(scope.source)}{places} on {scope.on}", "bold")


def _standing(report: AuditReport, groups: Groups) -> Text:
    if not (report.audited or report.errors):
        return Text("no repository was found, so nothing was judged", "bold yellow")
    compliant = report.compliant
    text = Text(f"{compliant:,} compliant, {len(report.repositories) - compliant:,} not")
    if not report.audited:
        text = Text("nothing was judged", "bold yellow")
    for number, (name, count) in enumerate((name, count) for name, count in report.standings.items() if count):
        style = "bold magenta" if name == UNDECIDED else SEVERITIES[Severity[name]]
        text.append(", " if number else ", by their worst finding: ").append(f"{count:,} ").append(name, style)
    if report.known is not None:
        text.append(f"; {count_of(groups.known_findings, 'finding', 'findings')} known from the baseline")
    if report.beyond:
        seen = count_of(len(report.beyond), "unexplained finding", "unexplained findings")
        text.append(f"; {seen} of IAM Access Analyzer", SEVERITIES[Severity.MEDIUM])
    return text.append("".join(f"; {lack}" for lack in lacks(report.errors)), "bold")


def _show_grants(page: Page, groups: Groups, names: Names) -> None:
    for one in groups.worst_first():
        page.line()
        headline = Text(visible(one.subject), "bold").append(f" gets {one.access} of {names.name_members(one.members)}")
        page.field(one.severity.name, headline, 0, SEVERITIES[one.severity])
        show_rule(page, rule_of(one.grant), 0)
        reasons = [*one.reasons.items()]
        for reason, some in reasons[:_MOST_REASONS]:
            page.field("because", visible(reason), 0)
            if len(reasons) > 1:
                page.field("", f"of {names.name_members(some)}", 0)
        if len(reasons) > _MOST_REASONS:
            page.field("", f"and {len(reasons) - _MOST_REASONS:,} more reasons: --format json has them all", 0)


def _show_undecided(page: Page, groups: Groups, names: Names) -> None:
    for (label, reason), members in groups.doubts.items():
        page.line()
        page.field(label, visible(reason), 0, SEVERITIES[Severity.MEDIUM])
        page.field("", f"of {names.name_members(members)}", 0)
        show_rule(page, RULES[label], 0)


def _show_known(page: Page, groups: Groups, names: Names) -> None:
    if groups.known:
        page.heading("Known from the baseline")
    for line, members in groups.known.items():
        page.line(Text(f"{visible(line)} of {names.name_members(members)}", "dim"), 2)


def _show_trusted(page: Page, report: AuditReport, groups: Groups, names: Names) -> None:
    if groups.trusted:
        page.heading("Approved")
    for (entry, subject, access), members in groups.trusted.items():
        page.line(f"{visible(subject)} gets {access} of {names.name_members(members)}", 2)
        page.line(Text(approval_in_words(entry, report.trust.entries[entry]), "dim"), 4)


def _show_approvals(page: Page, report: AuditReport) -> None:
    within = count_of(report.within, "day", "days")
    _list(page, f"Approvals that end within {within}, by {report.scope.on + timedelta(report.within)}", report.expiring)
    unread = ", of those that were read" if report.errors else ""
    needs = "policy here needs" if report.roles is None else "policy or role here needs"
    _list(page, f"Approvals that no {needs}{unread}", report.unused)
    expired = [approval for approval in report.approvals if approval.expired and approval.used_by]
    _list(page, "Approvals that have expired, and are still needed", expired)


def _list(page: Page, title: str, approvals: Sequence[Approval]) -> None:
    if not approvals:
        return
    page.heading(title)
    for approval in approvals:
        entry = approval.entry
        page.line(f"{entry.subject.value} {entry.name}, {entry.access.value}", 2)
        page.line(Text(approval_in_words(approval.number, entry), "dim"), 4)


def _few(names: Sequence[str], one: str, many: str) -> str:
    if len(names) > 1:
        return f"{len(names):,} {many}"
    return f"{one} {visible(names[0])}" if names else ""
