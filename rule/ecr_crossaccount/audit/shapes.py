"""One judgement for a policy that many accounts have, each with its own number in it.

Swap two account numbers in everything that a judgement looks at, and it comes to the same answer with the two swapped:
nothing knows account numbers but the policy, the register, and whoever owns the repository. So the owner is replaced by
a number that stands for all owners, the policy is judged once, and the owner is put back into the answer.

That holds as long as numbers are compared as wholes. A pattern that has a part of a number, a number that is compared
as one, and a text in which a number may hide are judged as they stand.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .. import Trust

STAND_IN = "613704829157"
"""Stands for the owner; no account that a search makes up, so nothing else in an answer is called so."""

_USUAL = "999988887777"
"""The account of what requests usually carry (access/context/network.py): it means something wherever it stands."""

_PARTLY = re.compile(
    r"[0-9][*?$]|[*?}][0-9]"  # a part of a number, or one that a variable ends
    r"|(?<![a-z0-9.-])[0-9.]+e[-+]?[0-9]"  # perhaps a number in another notation
    r"|\\|\$\{"  # an escape, a variable
    r"|[\":](?:numeric|date)",  # compared by its size
    re.IGNORECASE,
)
_CUT = re.compile(rf"[0-9]{STAND_IN}|{STAND_IN}[0-9]")
_BARE = re.compile(rf'(?:[\[,]|"\s*:)\s*-?{STAND_IN}')
"""A number without quotes: one that begins with 0 is no JSON, and what stands for it would be."""


class Shapes:
    """Tells which policies can be judged for all owners alike, under one register and organization."""

    def __init__(self, trust: Trust, organization: str | None) -> None:
        self._named = "\n".join([organization or "", *map(str, trust.entries)])
        # The place of an account in an organization is looked up by its number.
        self._none = trust.members is not None or STAND_IN in self._named

    def of(self, policy: str, account: str) -> str | None:
        """Return a policy with what stands for its owner in his place; None where it has to be judged as it stands."""
        if self._none or STAND_IN in policy or account == _USUAL or account in self._named:
            return None
        shape = policy.replace(account, STAND_IN)
        return shape if _is_whole(shape) else None


@lru_cache(maxsize=4096)
def _is_whole(shape: str) -> bool:
    """Tell whether whatever is compared in a policy compares whole account numbers."""
    return not (_PARTLY.search(shape) or _CUT.search(shape) or _BARE.search(shape))
