"""What stands in an entry of the register until a person has filled it in."""

from __future__ import annotations

import re

WHY = "WHY"
WHOM_TO_ASK = "WHOM-TO-ASK@example.com"
LAST_DAY = "YYYY-MM-DD"
"""What `trust from-audit` writes; no day is so written, so that a register with it cannot be read."""

_PLACEHOLDERS = frozenset(one.casefold() for one in (WHY, WHOM_TO_ASK, "TODO", "TBD", "FIXME", "XXX", "N/A"))
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


def is_placeholder(text: str) -> bool:
    """Tell whether a reason or an owner is nothing but a placeholder, in any case and punctuation.

    A text without a letter or digit, such as `-` or `...`, is one as well. A sentence that only contains one of the
    words is none: what it says is for a person to judge.
    """
    bare = _AROUND.sub("", text)
    return not bare or bare.casefold() in _PLACEHOLDERS
