"""Access of named accounts without use in CloudTrail's event history.

This proves little. The history has at most 90 days of one account and Region, and calls of other accounts only as far
as AWS records them there. If it was not read completely, or has a caller without a name, nothing is listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...judgement.values.verdict import Kind
from ..automation.find_use import UNKNOWN
from .usage import PULL, PUSH, Usage

_NEEDS = {PULL: frozenset({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}), PUSH: frozenset({"ecr:PutImage"})}
"""The actions whose events are looked up. The use of other actions cannot be seen."""


@dataclass(frozen=True, slots=True)
class Held:
    """A grantee's external access to a repository, trusted or not."""

    arn: str
    region: str
    kind: Kind
    grantee: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """An account that can pull or push (`what`) a repository, but was not seen doing so."""

    arn: str
    account: str
    what: str

    def to_json(self) -> dict[str, object]:
        """Return it, ready for `json.dumps`."""
        return {"arn": self.arn, "account": self.account, "what": self.what}


def unseen_of(usage: Usage, held: Iterable[Held]) -> Iterator[Unseen]:
    """Yield each access of an account without use, once, for the Regions that were read completely."""
    incomplete = {region for region, _, _ in usage.partial} | {one.region for one in usage.unread}
    told: set[Unseen] = set()
    for one in held:
        if one.kind is not Kind.ACCOUNT or one.region in incomplete:
            continue
        for what, actions in _NEEDS.items():
            found = Unseen(one.arn, one.grantee, what)
            if not actions.isdisjoint(one.actions) and found not in told and not _is_seen(usage, found):
                told.add(found)
                yield found


def _is_seen(usage: Usage, one: Unseen) -> bool:
    """Return whether an event may be about this account and repository, because it may name neither."""
    callers, arns = (one.account, UNKNOWN), (one.arn, "")
    return any((caller, arn) in usage.last[one.what] for caller in callers for arn in arns)
