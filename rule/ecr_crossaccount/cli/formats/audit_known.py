"""The findings of an audit that the baseline, an earlier audit, has too."""

from __future__ import annotations

from collections.abc import Iterator

from ...access.verdict import Grant, Verdict
from ...audit.report import Audited, AuditReport
from ...gate.rules import INVALID, UNDECIDED
from .words import who

Doubt = tuple[str, str]
"""An undecided or invalid policy: the word for it, and the reason."""

RULES = {"UNDECIDED": UNDECIDED, "INVALID": INVALID}
"""The rule for each of these words."""


def doubts(verdict: Verdict) -> Iterator[Doubt]:
    """Yield the undecided and invalid parts of one verdict."""
    yield from (("UNDECIDED", undecided.reason) for undecided in verdict.undecided)
    yield from (("INVALID", f"{invalid.at}: {invalid.reason}") for invalid in verdict.invalid)


def is_known(report: AuditReport, one: Audited, what: Grant | Doubt) -> bool:
    """Return whether the earlier audit has every finding of a grant or doubt."""
    if not report.known:
        return False
    from ...audit.findings import where_of
    from ...gate.results import by_doubt, by_grant

    where = where_of(one.item)
    if not isinstance(what, Grant):
        return by_doubt(where, RULES[what[0]], what[1]) <= report.known
    return by_grant(where, what, elsewhere=what.document is not one.own) <= report.known


def in_words(what: Grant | Doubt) -> str:
    """Return who gets what access, or the reason for doubt."""
    if isinstance(what, Grant):
        return f"{who(what.kind, what.grantee)} gets {', '.join(one.value for one in what.access)}"
    return " ".join(what)
