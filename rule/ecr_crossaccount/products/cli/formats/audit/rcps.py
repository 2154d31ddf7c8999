"""The access that remains under resource control policies, as text for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .....judgement.control import SPARED
from .....judgement.values.verdict import Compliance, Severity
from ....audit.control_policies import ControlPolicies
from ....audit.report import AuditReport
from ...base.visible import visible
from ..page import SEVERITIES, Page
from ..text import Text
from .groups import Members
from .known import doubts
from .names import Names

_Left = tuple[str, Severity, str]
"""The label, the severity, and the reason."""


_MOST_NAMED = 5
"""The most policies that are named."""


def show_under_rcps(page: Page, report: AuditReport, rcps: ControlPolicies, names: Names) -> None:
    """Write which repositories the policies close, which stay open, and which principals the policies do not affect."""
    closed, still, unknown = Members(), Members(), Members()
    left: dict[_Left, Members] = {}
    for one in (one for rows in (report.repositories, report.templates) for one in rows):
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
    page.line()
    page.line(Text("Under the resource control policies", "bold"))
    for line in told_of(rcps):
        page.line(Text(visible(line), "dim"), 2)
    _show(page, Text("nobody is left: ", "bold green"), closed, names)
    _show(page, Text("still open: ", "bold red"), still, names)
    _show(page, Text("cannot be determined: ", "bold yellow"), unknown, names)
    for (label, severity, reason), members in sorted(left.items(), key=lambda one: -one[0][1]):
        page.labelled(label, visible(reason), 2, SEVERITIES[severity])
        page.labelled("", f"of {names.first(members.first, members.count)}", 2)
    page.labelled("note", SPARED, 2)


def told_of(rcps: ControlPolicies) -> Iterator[str]:
    """Yield the policies that AWS Organizations has attached. Nothing for policies from files."""
    read = rcps.read or {}
    count = Counter(policy for applied in read.values() for policy in applied.policies)
    for policy, accounts in count.most_common(_MOST_NAMED):
        yield f"`{policy.name}` ({policy.id}) applies to {_accounts(accounts)}"
    if len(count) > _MOST_NAMED:
        yield f"and {len(count) - _MOST_NAMED:,} more policies: --format json has them all"
    if none := sum(not (one.policies or one.unread or one.spared) for one in read.values()):
        yield f"none applies to {_accounts(none)}"
    for account in (account for account, applied in read.items() if applied.spared):
        yield f"none applies to {account}, the management account"
    if unread := sum(rcps.is_undetermined(account) for account in read):
        yield f"not everything that applies to {_accounts(unread)} could be read"


def _accounts(count: int) -> str:
    return f"{count:,} account{'' if count == 1 else 's'}"


def _show(page: Page, head: Text, members: Members, names: Names) -> None:
    if members.count:
        page.line(head.append(names.first(members.first, members.count), "default"), 2)
