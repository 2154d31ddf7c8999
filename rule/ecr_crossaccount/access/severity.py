"""How bad a grant is: the table of docs/semantics.md."""

from __future__ import annotations

from typing import assert_never

from . import actions
from .search.findings import Found
from .verdict import Kind, Severity


def severity(found: Found, mask: int) -> Severity:
    """Weigh a grant of a set of actions.

    A service that writes for one outside account is weighed like one that does for anybody: the table names only
    the latter, and what production pulls is tampered with all the same.
    """
    tampers = bool(mask & actions.TAMPERING)
    harmless = not mask & ~actions.HARMLESS
    match found.kind:
        case Kind.SERVICE if tampers:
            return Severity.HIGH
        case _ if tampers:
            return Severity.CRITICAL
        case _ if harmless:
            return Severity.LOW
        case Kind.ANY if found.public:
            return Severity.HIGH
        case Kind.ANY | Kind.ACCOUNT | Kind.ORGANIZATION | Kind.SERVICE:
            return Severity.MEDIUM
        case _:
            assert_never(found.kind)
