"""Who has access to what, over policies from any source: the report of `ask`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ...judgement.values.resource_kind import ResourceKind as Kind
from ...judgement.values.trust import Trust
from ...questions.ask.answer import Answer, Answered
from ...questions.ask.given import Given
from ...questions.ask.wanted import Wanted
from .holders import Holders
from .items import Unread


@dataclass(frozen=True, slots=True)
class PolicyLocation:
    """The place of a policy. `where` is its file or ARN, and `name` the repository's name, or `*` if it is unknown."""

    where: str
    account: str
    region: str
    name: str
    kind: Kind = Kind.REPOSITORY

    def to_json(self) -> dict[str, object]:
        """Return the place, ready for `json.dumps`."""
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
    """The principals that have access through one policy."""

    place: PolicyLocation
    holders: Holders


@dataclass(frozen=True, slots=True)
class AccessReport:
    """The results of one run of `ask`.

    `who` is None if the run asked for every grantee. `held` then has the results; otherwise `answers` has them.
    `source` is where the policies were read. `notes` are for every reader.
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
        """Whether some access could not be decided."""
        undecided = (one.answered.answer is Answer.UNDECIDED for one in self.answers)
        return any(undecided) or any(one.holders.doubts for one in self.held)

    @property
    def has_untrusted(self) -> bool:
        """Whether someone has access that the register does not cover."""
        return any(not holder.is_trusted for one in self.held for holder in one.holders.holders)
