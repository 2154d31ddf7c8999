"""What is left of an audit's repositories under resource control policies, as text for a person."""

from __future__ import annotations

from rich.text import Text

from ... import Compliance, Severity
from ...access.control import SPARED
from ...audit.report import AuditReport
from ..visible import visible
from .audit_groups import Members
from .audit_known import doubts
from .audit_names import Names
from .page import SEVERITIES, Page

_Left = tuple[str, Severity, str]
"""The word for it, how bad it is, and the reason."""


def show_under_rcps(page: Page, report: AuditReport, names: Names) -> None:
    """Write which repositories these policies close, what stays open all the same, and whom they spare."""
    closed, still = Members(), Members()
    left: dict[_Left, Members] = {}
    for one in (one for rows in (report.repositories, report.templates) for one in rows):
        under = report.under_rcps(one)
        if under is None:
            continue
        if under.compliance is Compliance.COMPLIANT:
            if one.verdict.compliance is not Compliance.COMPLIANT:
                closed.add(one.item.arn)
            continue
        still.add(one.item.arn)
        found = [(grant.severity.name, grant.severity, grant.reason) for grant in under.grants]
        found += [(label, Severity.MEDIUM, reason) for label, reason in doubts(under)]
        for what in found:
            left.setdefault(what, Members()).add(one.item.arn)
    page.line()
    page.line(Text("Under the resource control policies", "bold"))
    _show(page, Text("nobody is left: ", "bold green"), closed, names)
    _show(page, Text("still open: ", "bold red"), still, names)
    for (label, severity, reason), members in sorted(left.items(), key=lambda one: -one[0][1]):
        page.labelled(label, visible(reason), 2, SEVERITIES[severity])
        page.labelled("", f"of {names.first(members.first, members.count)}", 2)
    page.labelled("note", SPARED, 2)


def _show(page: Page, head: Text, members: Members, names: Names) -> None:
    if members.count:
        page.line(head.append(names.first(members.first, members.count), "default"), 2)
