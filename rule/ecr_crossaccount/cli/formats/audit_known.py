"""What of an audit's findings an earlier audit had found."""

from __future__ import annotations

from collections.abc import Iterator

from ...access.verdict import Grant, Verdict
from ...audit.report import Audited, AuditReport
from ...gate.rules import INVALID, UNDECIDED
from .words import who

Doubt = tuple[str, str]
"""What is undecided or invalid: the word for it, and the reason."""

RULES = {"UNDECIDED": UNDECIDED, "INVALID": INVALID}
"""The rule of each such word."""


def doubts(verdict: Verdict) -> Iterator[Doubt]:
    """Yield what is undecided or invalid of one policy."""
    yield from (("UNDECIDED", undecided.reason) for undecided in verdict.undecided)
    yield from (("INVALID", f"{invalid.at}: {invalid.reason}") for invalid in verdict.invalid)


def is_known(report: AuditReport, one: Audited, what: Grant | Doubt) -> bool:
    """Tell whether the earlier audit had found all of it."""
    if not report.known:
        return False
    from ...audit.findings import where_of
    from ...gate.results import by_doubt, by_grant

    where = where_of(one.item)
    if not isinstance(what, Grant):
        return by_doubt(where, RULES[what[0]], what[1]) <= report.known
    return by_grant(where, what, elsewhere=what.document is not one.own) <= report.known


def in_words(what: Grant | Doubt) -> str:
    """Return who gets what, or what is not certain."""
    if isinstance(what, Grant):
        return f"{who(what.kind, what.grantee)} gets {', '.join(one.value for one in what.access)}"
    return " ".join(what)
