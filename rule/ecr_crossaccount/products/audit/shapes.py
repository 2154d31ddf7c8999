"""One judgement for a policy that many accounts have with their own account number in it.

If you swap two account numbers in every input of a judgement, the result is the same with the two swapped. Only the
policy, the register and the owner of the repository contain account numbers. So the owner is replaced by a placeholder,
the policy is judged once, and the placeholder in the result is replaced by the owner.

This is valid only if numbers are compared as a whole. Three kinds of policies are judged unchanged: those with a
pattern that has a part of a number, with a numeric comparison, or with text that may hide a number.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ...judgement.values.trust import Trust

STAND_IN = "613704829157"
"""The placeholder for the owner. The search never uses this account, so it appears nowhere else in a result."""

_USUAL = "999988887777"
"""The account in the context of usual requests (judgement/context/network.py). It always has a meaning of its own."""

_PARTLY = re.compile(
    r"[0-9][*?$]|[*?}][0-9]"  # part of a number, or a number before a variable
    r"|(?<![a-z0-9.-])[0-9.]+e[-+]?[0-9]"  # possibly a number in another notation
    r"|\\|\$\{"  # an escape or a variable
    r"|[\":](?:numeric|date)",  # a numeric comparison
    re.IGNORECASE,
)
_CUT = re.compile(rf"[0-9]{STAND_IN}|{STAND_IN}[0-9]")
_BARE = re.compile(rf'(?:[\[,]|"\s*:)\s*-?{STAND_IN}')
"""A number without quotes. A number that begins with 0 is not JSON, but the placeholder would be."""


class Shapes:
    """Decides which policies can be judged once for all owners, under one register and organization."""

    def __init__(self, trust: Trust, organization: str | None) -> None:
        self._named = "\n".join([organization or "", *map(str, trust.entries)])
        # The unit of an account in an organization is looked up by the account number.
        self._none = trust.members is not None or STAND_IN in self._named

    def of(self, policy: str, account: str) -> str | None:
        """Return a policy with the placeholder for its owner, or None if it must be judged unchanged."""
        if self._none or STAND_IN in policy or account == _USUAL or account in self._named:
            return None
        shape = policy.replace(account, STAND_IN)
        return shape if _is_whole(shape) else None


@lru_cache(maxsize=4096)
def _is_whole(shape: str) -> bool:
    """Return whether every comparison in a policy is of whole account numbers."""
    return not (_PARTLY.search(shape) or _CUT.search(shape) or _BARE.search(shape))
