"""The severity of a grant: the table of docs/semantics.md."""

from __future__ import annotations

from typing import assert_never

from .values import actions
from .values.verdict import Kind, Severity


def severity(kind: Kind, mask: int, *, public: bool) -> Severity:
    """Return the severity of a grant of a set of actions to a grantee.

    If a service writes for one outside account, the grant is as severe as if it wrote for anyone. The table names only
    the second case, but the images that production pulls can be tampered with in both.
    """
    tampers = bool(mask & actions.TAMPERING)
    harmless = not mask & ~actions.HARMLESS
    match kind:
        case Kind.SERVICE if tampers:
            return Severity.HIGH
        case _ if tampers:
            return Severity.CRITICAL
        case _ if harmless:
            return Severity.LOW
        case Kind.ANY if public:
            return Severity.HIGH
        case Kind.ANY | Kind.ACCOUNT | Kind.ORGANIZATION | Kind.SERVICE:
            return Severity.MEDIUM
        case _:
            assert_never(kind)
