"""Unread settings of the scope of registry policies in a text. The scope is then unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..found.found import ELSEWHERE, SCOPE_SETTING, FoundScope

_SETS = re.compile(r"(?<!get)(?<!get[-_])(?<!get-ecr)(?<!aws_ecr_)account[-_]?setting", re.IGNORECASE)
"""Sets a value of the account: a command, a cmdlet, an SDK call, or a resource that is not one of Terraform."""
_COMMENT = re.compile(r"^[ \t]*(?:#|//).*", re.MULTILINE)


def unread_scopes(text: str, read: Iterable[FoundScope]) -> tuple[FoundScope, ...]:
    """Return a setting without a value if a text has more settings than the commands that were `read`."""
    if SCOPE_SETTING not in text:
        return ()
    text = _COMMENT.sub("", text)
    there = min(text.count(SCOPE_SETTING), sum(1 for _ in _SETS.finditer(text)))
    left = there > sum(one.may_not_run for one in read)
    return (FoundScope(None, location=ELSEWHERE, may_not_run=True),) if left else ()
