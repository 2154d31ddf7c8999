"""How bad a grant is: the table of docs/semantics.md."""

from __future__ import annotations

from . import actions
from .verdict import Access, Kind, Severity


def severity(kind: Kind, mask: int, *, anybody: bool) -> Severity:
    """Weigh a grant of a set of actions; `anybody`: any account, or a service acting for any."""
    tampers = bool(mask & (actions.mask_of(Access.WRITE) | actions.mask_of(Access.ADMIN)))
    harmless = not mask & ~actions.HARMLESS
    match kind:
        case Kind.SERVICE if tampers and anybody:
            return Severity.HIGH
        case Kind.SERVICE:
            return Severity.MEDIUM
        case _ if tampers:
            return Severity.CRITICAL
        case _ if harmless:
            return Severity.LOW
        case Kind.ANY:
            return Severity.HIGH
        case Kind.ACCOUNT | Kind.ORGANIZATION:
            return Severity.MEDIUM
