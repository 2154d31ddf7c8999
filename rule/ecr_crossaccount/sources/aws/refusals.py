"""Decides whether a refusal by ECR is caused by the repository's policy or by the role of the rule.

The forms of the messages: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Self

from botocore.exceptions import ClientError

from .errors import code_of, is_refusal

POLICY = "GetRepositoryPolicy"
TAGS = "ListTagsForResource"

_HOW = re.compile(r"with an explicit deny(?: in an? [a-z -]{1,40} policy)?|because no [a-z -]{1,40} policy allows")
_OWN = "with an explicit deny in a resource-based policy"
"""For a role of the same account, this can only be the repository's policy."""

_PLACES = "the repository's policy, the policies of this rule's role and the organization's"


@dataclass(frozen=True, slots=True)
class Refusal:
    """ECR refused an operation for one repository. `how` is the part of the message that names the kind of policy."""

    operation: str
    how: str

    @classmethod
    def of(cls, error: ClientError) -> Self | None:
        """Return the refusal in an error, or None for another error, such as a role that cannot be assumed."""
        if error.operation_name not in (POLICY, TAGS) or not is_refusal(code_of(error)):
            return None
        found = _HOW.search(str(error.response.get("Error", {}).get("Message", "")))
        return cls(error.operation_name, sys.intern(found[0].removesuffix(" allows") if found else ""))

    @property
    def is_by_its_own_policy(self) -> bool:
        """Whether ECR says that the repository's policy denies it."""
        return self.how == _OWN

    @property
    def short(self) -> str:
        """What ECR refuses."""
        return f"ECR refuses ecr:{self.operation} {self.how}".rstrip()

    @property
    def reason(self) -> str:
        """What ECR refuses, and where to look. It fits into an annotation."""
        return f"{self.short}; look for a Deny in {_PLACES}"
