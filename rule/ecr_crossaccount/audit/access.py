"""Who has access to what, over policies from anywhere: the report of `ask`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .. import Trust
from ..asking.answer import Answer, Answered
from ..asking.given import Given
from ..asking.wanted import Wanted
from .holders import Holders
from .items import Kind, Unread


@dataclass(frozen=True, slots=True)
class PolicyLocation:
    """Where a policy is: `where` is its file or ARN, `name` the repository's, `*` where it is not known."""

    where: str
    account: str
    region: str
    name: str
    kind: Kind = Kind.REPOSITORY

    def to_json(self) -> dict[str, object]:
        """Return it ready for `json.dumps`."""
        return {
            "where": self.where,
            "account": self.account,
            "region": self.region or None,
            "repository": None if self.name == "*" else self.name,
            "policy": self.kind.value,
        }


@dataclass(frozen=True, slots=True)
class AnsweredAt:
    """The answer about one repository."""

    place: PolicyLocation
    answered: Answered


@dataclass(frozen=True, slots=True)
class HeldAt:
    """Who has access by one policy."""

    place: PolicyLocation
    holders: Holders


@dataclass(frozen=True, slots=True)
class AccessReport:
    """All that one run of `ask` found.

    `who` is None where every grantee is asked for; then `held` has what was found, else `answers`. `source` is where
    the policies were read. `notes`: what every reader should know.
    """

    who: str | None
    wanted: Wanted
    given: Given
    on: date
    source: str
    answers: tuple[AnsweredAt, ...]
    held: tuple[HeldAt, ...]
    errors: tuple[Unread, ...]
    trust: Trust
    notes: tuple[str, ...]

    @property
    def is_undecided(self) -> bool:
        """Whether something could not be decided."""
        undecided = (one.answered.answer is Answer.UNDECIDED for one in self.answers)
        return any(undecided) or any(one.holders.doubts for one in self.held)

    @property
    def has_untrusted(self) -> bool:
        """Whether someone has access whom the register does not cover."""
        return any(not holder.is_trusted for one in self.held for holder in one.holders.holders)
