"""The pulls and pushes from outside that CloudTrail recorded, as text for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ....audit.unseen import Unseen
from ....audit.usage import Usage
from ...base.visible import visible
from ..groups import grouped
from ..page import Page
from ..text import Text
from .names import Names


def show_usage(page: Page, usage: Usage, names: Names) -> None:
    """Write the last pull and push of each outside caller that was seen, and the data that could not be read."""
    page.line()
    since = names.scope.on - timedelta(usage.days)
    days = "day" if usage.days == 1 else f"{usage.days} days"
    page.line(Text(f"Seen in CloudTrail in the last {days}, since {since}", "bold"))
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
    page.line()
    page.line(Text("No use seen, which does not prove that there was none", "bold"))
    for (account, what), some in grouped(unseen, lambda one: (one.account, one.what)):
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
        last, arns = usage.of(caller, what)
        if last:
            some = f" {names.some(arns)}," if arns else ""
            parts.append(f"{word}{some} last on {visible(last)}")
    return "; ".join(parts)
