"""Settings of the scope of registry policies that stand in a text and that nobody reads: the scope is unknown then."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..found import ELSEWHERE, SCOPE_SETTING, FoundScope

_SETS = re.compile(r"(?<!get)(?<!get[-_])(?<!get-ecr)(?<!aws_ecr_)account[-_]?setting", re.IGNORECASE)
"""What sets a value of the account: a command, a cmdlet, a call of an SDK, or a resource that is not of Terraform."""
_COMMENT = re.compile(r"^[ \t]*(?:#|//).*", re.MULTILINE)


def unread_scopes(text: str, read: Iterable[FoundScope]) -> tuple[FoundScope, ...]:
    """Return a setting of no known value if a text has more of them than the commands in it that were `read`."""
    if SCOPE_SETTING not in text:
        return ()
    text = _COMMENT.sub("", text)
    there = min(text.count(SCOPE_SETTING), sum(1 for _ in _SETS.finditer(text)))
    left = there > sum(one.may_not_run for one in read)
    return (FoundScope(None, location=ELSEWHERE, may_not_run=True),) if left else ()
