"""Access of named accounts that CloudTrail's event history shows no use of.

It proves less than it seems: the history holds at most 90 days of one account and Region, and calls of other accounts
only as far as AWS records them there. Where it was not read to the end, or shows a caller that it does not name,
nothing is listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..access.verdict import Kind
from ..automation.find_use import UNKNOWN
from .usage import PULL, PUSH, Usage

_NEEDS = {PULL: frozenset({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}), PUSH: frozenset({"ecr:PutImage"})}
"""Actions whose events are looked up: of other actions, no use can be seen."""


@dataclass(frozen=True, slots=True)
class Held:
    """Access to a repository that a grantee outside has, trusted or not."""

    arn: str
    region: str
    kind: Kind
    grantee: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """An account that may `what` (pull or push) a repository, and was not seen doing it."""

    arn: str
    account: str
    what: str

    def to_json(self) -> dict[str, object]:
        """Return it ready for `json.dumps`."""
        return {"arn": self.arn, "account": self.account, "what": self.what}


def unseen_of(usage: Usage, held: Iterable[Held]) -> Iterator[Unseen]:
    """Yield, once each, what accounts may do and were not seen doing, in the Regions that were read to the end."""
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
    """Whether an event may be of this account and repository: one may name neither."""
    callers, arns = (one.account, UNKNOWN), (one.arn, "")
    return any((caller, arn) in usage.last[one.what] for caller in callers for arn in arns)
