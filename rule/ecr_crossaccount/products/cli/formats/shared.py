"""The parts that the text formats of `judge` and `check` share: a grant's headline, and the ways to close it."""

from __future__ import annotations

from ....judgement.control import SPARED
from ....judgement.values.verdict import Compliance, Grant, Severity, Verdict
from ....sources.check.rules import Rule
from ..base.documentation import link
from ..base.visible import visible
from .page import SEVERITIES, Page
from .text import Text
from .way_out import WayOut
from .words import who


def who_gets_what(grant: Grant) -> Text:
    """Return the headline of a grant."""
    access = ", ".join(access.value for access in grant.access)
    return Text().append(visible(who(grant.kind, grant.grantee)), "bold").append(f" gets {access}")


def show_rule(page: Page, rule: Rule, indent: int = 4) -> None:
    """Show which rule a finding breaks, and where the rule is explained."""
    page.labelled("rule", f"{rule.id}, {link(rule)}", indent)


def show_way_out(page: Page, ways: WayOut) -> None:
    """Show what you can do about the grants of a statement."""
    page.labelled("way out", f"remove: {ways.remove}")
    for advice in ways.tighten:
        page.labelled("", f"tighten: {visible(advice)}")
    if ways.entries:
        page.labelled(
            "", "keep: document it in the trust register (--trust); if it has an entry for this, change that one"
        )
    for line in ways.entries:
        page.labelled("", Text(f"  {visible(line)}", "green"))


def show_under_rcps(page: Page, verdict: Verdict, indent: int = 2) -> None:
    """Show the access that remains under resource control policies, and which principals they do not affect."""
    head = Text("under the resource control policies: ")
    if verdict.compliance is Compliance.COMPLIANT:
        page.line(head.append("nobody is left", "bold green"), indent)
    elif verdict.grants:
        page.line(head.append("still open", "bold red"), indent)
    else:
        page.line(head.append("cannot be determined", "bold magenta"), indent)
    for grant in verdict.grants:
        page.labelled(grant.severity.name, visible(grant.reason), indent + 2, SEVERITIES[grant.severity])
    for undecided in verdict.undecided:
        page.labelled("UNDECIDED", visible(undecided.reason), indent + 2, SEVERITIES[Severity.MEDIUM])
    for invalid in verdict.invalid:
        page.labelled("INVALID", f"{visible(invalid.at)}: {visible(invalid.reason)}", indent + 2)
    page.labelled("note", SPARED, indent + 2)
