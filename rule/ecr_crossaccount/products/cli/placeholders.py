"""The placeholders in a register's entry that a person must replace."""

from __future__ import annotations

import re

WHY = "WHY"
WHOM_TO_ASK = "WHOM-TO-ASK@example.com"
LAST_DAY = "YYYY-MM-DD"
"""The placeholder that `trust from-audit` writes. It is not a valid date, so a register with it cannot be read."""

_PLACEHOLDERS = frozenset(one.casefold() for one in (WHY, WHOM_TO_ASK, "TODO", "TBD", "FIXME", "XXX", "N/A"))
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


def is_placeholder(text: str) -> bool:
    """Return whether a reason or an owner is only a placeholder, in any case and punctuation.

    A text without a letter or digit, such as `-` or `...`, is also a placeholder. A sentence that merely contains such
    a word is not: only a person can judge it.
    """
    bare = _AROUND.sub("", text)
    return not bare or bare.casefold() in _PLACEHOLDERS
