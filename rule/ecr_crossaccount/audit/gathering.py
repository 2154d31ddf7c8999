"""Takes policies, one after the other, and gathers who has access by each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from .. import Origin, Repository, Trust
from ..access.patterns.tokens import matches
from ..access.trust import glob
from ..asking.answer import Answer, Answered, Reply
from ..asking.ask import ask
from ..asking.given import Given
from ..asking.question import Question
from ..asking.wanted import Wanted
from .access import AccessReport, AnsweredAt, HeldAt, Place, may_change
from .holders import Register
from .items import AMBIGUOUS, Ambiguous, Item, Kind, Unread
from .judging import repository_of

_NOT_COUNTED = "the registry policy is not counted here: it may allow or deny more"
_OF_REGISTRY = "the registry policy of this account and Region may change that, and is not counted: `audit` judges it"
_OTHER_POLICIES = (
    "`allowed` is what the policy of the repository allows: identity-based policies of a caller in another account, "
    "service and resource control policies can still deny it"
)

_Read = Item | Ambiguous | Unread


class Gathering:
    """What is asked of every policy: a question, or, where that is None, who may do what is wanted."""

    def __init__(self, wanted: Wanted, question: Question | None, trust: Trust) -> None:
        self._wanted = wanted
        self._question = question
        self._trust = trust
        self._register = Register(trust, wanted)
        self._answers: list[AnsweredAt] = []
        self._held: list[HeldAt] = []
        self._registries: dict[tuple[str, str], object] = {}
        self.errors: list[Unread] = []

    def take_errors(self, unread: Iterable[Unread]) -> None:
        """Keep what could not be read."""
        self.errors += unread

    def take_policy(self, place: Place, policy: object, repository: Repository, origin: Origin) -> None:
        """Ask one policy of a repository. Raises QuestionError."""
        if self._question is None:
            self._held.append(HeldAt(place, self._register.holders_of(policy, repository, origin)))
        else:
            answered = ask(policy, repository, self._question, self._trust, origin)
            self._answers.append(AnsweredAt(place, answered))

    def take_items(
        self, found: Iterable[Item | Ambiguous | Unread], organization: str | None, named: str | None
    ) -> int:
        """Ask what was read; of repositories, those alone whose name fits, and return how many these are."""
        count = 0
        for one in found:
            if isinstance(one, Unread):
                if named is None or one.arn is None or _fits(named, one.arn.partition(":repository/")[2]):
                    self.errors.append(one)
                continue
            items = one.items if isinstance(one, Ambiguous) else (one,)
            if items[0].kind is Kind.REGISTRY:
                self._take_registry(items[0], organization)
            elif named is None or _fits(named, items[0].name):
                count += 1
                for item in items:
                    self._take_item(item, organization, ambiguous=isinstance(one, Ambiguous))
        return count

    def _take_item(self, item: Item, organization: str | None, *, ambiguous: bool) -> None:
        place = Place(item.arn, item.account, item.region, item.name)
        self.take_policy(place, item.policy, repository_of(item, organization), Origin.DEPLOYED)
        said = [note for note in (item.note, AMBIGUOUS if ambiguous else None) if note]
        if said and self._question is not None:
            last = self._answers[-1]
            answered = replace(last.answered, notes=(*last.answered.notes, *said))
            self._answers[-1] = replace(last, answered=answered)

    def _take_registry(self, item: Item, organization: str | None) -> None:
        self._registries[item.account, item.region] = item.policy
        if self._question is None and item.policy is not None:
            place = Place(item.arn, item.account, item.region, item.name, Kind.REGISTRY)
            repository = repository_of(item, organization)
            held = self._register.holders_by_registry(item.policy, repository, Origin.DEPLOYED)
            self._held.append(HeldAt(place, held))

    def report(self, source: str, on: date, given: Given) -> AccessReport:
        """Return all that was taken, in the order of places."""
        answers = sorted(map(self._beside_registry, self._answers), key=lambda one: one.place.where)
        held = sorted(self._held, key=lambda one: one.place.where)
        return AccessReport(
            None if self._question is None else self._question.caller.text,
            self._wanted,
            given,
            on,
            source,
            tuple(answers),
            tuple(held),
            tuple(self.errors),
            self._trust,
            tuple(self._notes()),
        )

    def _beside_registry(self, one: AnsweredAt) -> AnsweredAt:
        """What is left of an answer where the registry has a policy of its own that may change it."""
        policy = self._registries.get((one.place.account, one.place.region))
        if policy is None or not may_change(policy, one.answered):
            return one
        own = one.answered.reply
        reason = f"by the repository's own policy it is {own.answer.value} ({own.reason}); {_OF_REGISTRY}"
        reply = Reply(Answer.UNDECIDED, own.actions, own.by, reason)
        return replace(one, answered=Answered(reply, one.answered.single, one.answered.notes))

    def _notes(self) -> Iterable[str]:
        if self._question is not None:
            yield _OTHER_POLICIES
        asked = [one.place for one in self._answers] + [one.place for one in self._held]
        if not {(place.account, place.region) for place in asked} <= self._registries.keys():
            yield _NOT_COUNTED


def _fits(named: str, name: str) -> bool:
    return matches(glob(named), name)
