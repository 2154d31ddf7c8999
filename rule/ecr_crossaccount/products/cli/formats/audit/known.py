"""The findings of an audit that the baseline, an earlier audit, has too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .....judgement.values.verdict import Grant, Verdict
from .....sources.check.rules import INVALID, UNDECIDED
from ....audit.report import AuditReport
from ....audit.rows import Audited
from ..words import who

if TYPE_CHECKING:
    from .....sources.check.results import Result

Doubt = tuple[str, str]
"""An undecided or invalid policy: the word for it, and the reason."""

RULES = {"UNDECIDED": UNDECIDED, "INVALID": INVALID}
"""The rule for each of these words."""


def doubts(verdict: Verdict) -> Iterator[Doubt]:
    """Yield the undecided and invalid parts of one verdict."""
    yield from (("UNDECIDED", undecided.reason) for undecided in verdict.undecided)
    yield from (("INVALID", f"{invalid.at}: {invalid.reason}") for invalid in verdict.invalid)


def known_in(report: AuditReport, one: Audited) -> list[Grant | Doubt]:
    """Return the grants and doubts of a repository whose findings the earlier audit has too."""
    from .....sources.check.results import results_in
    from ....audit.findings import finding_of

    results = list(results_in(finding_of(one, report)))
    new = [_what(result) for result in results if result.accepted is None]
    return [what for what in map(_what, results) if what not in new]


def _what(result: Result) -> Grant | Doubt:
    labels = [word for word, rule in RULES.items() if rule is result.rule]
    return (labels[0], result.reason) if labels or result.grant is None else result.grant


def in_words(what: Grant | Doubt) -> str:
    """Return who gets what access, or the reason for doubt."""
    if isinstance(what, Grant):
        return f"{who(what.kind, what.grantee)} gets {', '.join(one.value for one in what.access)}"
    return " ".join(what)
