"""Collects policies one by one, and determines who has access through each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import filterfalse

from ...judgement.admission import Origin
from ...judgement.beside import Beside, RegistryPolicy
from ...judgement.judge import Repository
from ...judgement.patterns.tokens import matches
from ...judgement.values.resource_kind import ResourceKind as Kind
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import glob
from ...questions.ask.answer import Answered
from ...questions.ask.ask import NOTHING_BESIDE, ask
from ...questions.ask.given import Given
from ...questions.ask.question import Question
from ...questions.ask.wanted import Wanted
from .access import AccessReport, AnsweredAt, HeldAt, PolicyLocation
from .holders import Register
from .items import AMBIGUOUS, SETTINGS, Ambiguous, Item, Unread
from .registries import Registries
from .states import repository_of

_NOT_COUNTED = "the registry policy was not read: it may allow or deny more"
_OTHER_POLICIES = (
    "`allowed` is what the policies of the repository and its registry allow: identity-based policies of a caller in "
    "another account, {} control policies can still deny it"
)
_ANYONE = (
    "`anyone` is an account that the policy does not name, in no organization that it names: accounts and "
    "organizations that it names may have access. Ask without `--who` to list everyone who has"
)
_Read = Item | Ambiguous | Unread


@dataclass(frozen=True, slots=True)
class _Taken:
    """A repository's policy that waits to be evaluated. `notes` are for the reader, about how it was read."""

    place: PolicyLocation
    policy: object
    repository: Repository
    origin: Origin
    notes: tuple[str, ...] = ()


class Gathering:
    """Evaluates one question for every policy, or, if it is None, lists who can call the wanted actions.

    `beside` are the documents that apply in addition to every policy. A registry policy that is read applies to the
    registry's repositories.
    """

    def __init__(
        self, wanted: Wanted, question: Question | None, trust: Trust, beside: Beside = NOTHING_BESIDE
    ) -> None:
        self._wanted = wanted
        self._question = question
        self._trust = trust
        self._beside = beside
        self._register = Register(trust, wanted)
        self._taken: list[_Taken] = []
        self._held: list[HeldAt] = []
        self._registries = Registries()
        self.errors: list[Unread] = []
        self.knows_registries = False
        """Whether every registry policy was taken, or its error, so that a registry without either has none."""

    def take_errors(self, unread: Iterable[Unread]) -> None:
        """Keep errors of reading."""
        self.errors += unread

    def take_policy(self, place: PolicyLocation, policy: object, repository: Repository, origin: Origin) -> None:
        """Take one policy of a repository."""
        self._taken.append(_Taken(place, policy, repository, origin))

    def take_items(self, found: Iterable[_Read], organization: str | None, named: str | None) -> int:
        """Take items. Of the repositories, take only those whose name matches `named`, and return their number."""
        count = 0
        for one in filterfalse(_is_of_settings, found):
            if isinstance(one, Unread):
                if one.registry is not None:
                    self._registries.know(one.account, one.region, one.registry)
                    self.errors.append(one)
                elif named is None or one.arn is None or _fits(named, one.arn.partition(":repository/")[2]):
                    self.errors.append(one)
                continue
            items = one.items if isinstance(one, Ambiguous) else (one,)
            if items[0].kind is Kind.REGISTRY:
                for item in items:
                    self._take_registry(item, organization, ambiguous=isinstance(one, Ambiguous))
            elif named is None or _fits(named, items[0].name):
                count += 1
                for item in items:
                    self._take_item(item, organization, ambiguous=isinstance(one, Ambiguous))
        return count

    def _take_item(self, item: Item, organization: str | None, *, ambiguous: bool) -> None:
        place = PolicyLocation(item.arn, item.account, item.region, item.name)
        notes = tuple(note for note in (item.note, AMBIGUOUS if ambiguous else None) if note)
        # As text, so that identical policies are evaluated once, whether AWS Config has them as text or objects.
        policy = item.policy if item.policy is None or isinstance(item.policy, str) else json.dumps(item.policy)
        self._taken.append(_Taken(place, policy, repository_of(item, organization), Origin.DEPLOYED, notes))

    def _take_registry(self, item: Item, organization: str | None, *, ambiguous: bool) -> None:
        unread = AMBIGUOUS if ambiguous else None
        self._registries.know(item.account, item.region, RegistryPolicy(item.policy, item.scope, unread))
        if self._question is None and item.policy is not None:
            place = PolicyLocation(item.arn, item.account, item.region, item.name, Kind.REGISTRY)
            repository = repository_of(item, organization)
            held = self._register.holders_by_registry(item.policy, repository, Origin.DEPLOYED)
            self._held.append(HeldAt(place, held))

    def report(self, source: str, on: date, given: Given) -> AccessReport:
        """Evaluate everything that was taken, and return the report in the order of places. Raises QuestionError."""
        taken = sorted(self._taken, key=lambda one: one.place.where)
        question = self._question
        answers: list[AnsweredAt] = []
        if question is not None:
            answers = [AnsweredAt(one.place, self._answered(one, question)) for one in taken]
        else:
            self._held += [
                HeldAt(one.place, self._register.holders_of(one.policy, one.repository, one.origin)) for one in taken
            ]
        held = sorted(self._held, key=lambda one: one.place.where)
        return AccessReport(
            None if question is None else question.caller.text,
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

    def _answered(self, one: _Taken, question: Question) -> Answered:
        known = self._registries.of(one.place.account, one.place.region)
        beside = self._beside if known is None else self._beside._replace(registry=known)
        found = ask(one.policy, one.repository, question, self._trust, one.origin, beside)
        return replace(found, notes=(*found.notes, *one.notes)) if one.notes else found

    def _notes(self) -> Iterator[str]:
        if self._question is not None:
            if self._question.caller.is_anyone:
                yield _ANYONE
            yield _OTHER_POLICIES.format("and service" if self._beside.rcps else "service and resource")
        places = {(one.place.account, one.place.region) for one in self._taken}
        is_known = self.knows_registries or self._beside.registry is not None
        if not is_known and any(self._registries.of(*place) is None for place in places):
            yield _NOT_COUNTED


def _is_of_settings(one: _Read) -> bool:
    """Return whether an item is about future repositories or exchanges between registries: `ask` ignores these."""
    if isinstance(one, Unread):
        return one.about in SETTINGS.values()
    return isinstance(one, Item) and one.kind in SETTINGS


def _fits(named: str, name: str) -> bool:
    return matches(glob(named), name)
