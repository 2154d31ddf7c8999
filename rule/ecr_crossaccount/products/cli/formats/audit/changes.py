"""The changes since an earlier audit, as text for a person."""

from __future__ import annotations

from collections.abc import Iterator

from .....judgement.values.verdict import Kind
from ....audit.changes import Change, Changes
from ...base.visible import visible
from ..page import Page
from ..text import Text
from ..words import who
from .names import Names

_NEW = {"approved": "by an approval that no longer counts", "refused": "which is new"}
_GONE = {"approved": "which is approved now", "refused": "which has ended"}


def show_changes(page: Page, changes: Changes, names: Names) -> None:
    """Write new access, ended access, what cannot be determined, and repositories that were not compared."""
    page.line()
    page.line(Text(f"Since {visible(changes.since)}", "bold"))
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


def _access(change: Change, names: Names) -> str:
    kinds = {kind.value: kind for kind in Kind}
    subject = who(kinds[change.kind], change.grantee) if change.kind in kinds else change.grantee
    access = ", ".join(access.value for access in change.access)
    return f"{visible(subject)} gets {access} of {names.of(change.arn)}"
