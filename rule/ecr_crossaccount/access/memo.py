"""What one judgement has found out already, for all scenes and sets of actions that share it."""

from __future__ import annotations

from collections.abc import Hashable

from .automaton import Budget
from .charset import ANY
from .clause import Clause
from .comparisons import Test
from .domains import PLAIN, Asked, Assignment, Domain, Strings
from .keys import facet, meaning
from .lists import REQUEST_TAG, TAG_KEYS
from .operators import Answer, Want
from .scene import (
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    Meaning,
    Outsider,
    Scene,
    Settled,
    Sort,
    Tagging,
    Unsure,
    is_domain,
    settled,
)
from .tokens import star


class Memo:
    """What one judgement has found out already; scenes that differ elsewhere share it."""

    __slots__ = ("_answers", "_asked", "_assigned", "_meanings", "_unknown", "budget")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._meanings: dict[tuple[str, Hashable], Meaning] = {}
        self._asked: dict[tuple[Clause, Want], Asked] = {}
        self._unknown: dict[tuple[str, bool | None], Strings] = {}
        self._answers: dict[tuple[Clause, int], tuple[object, Answer]] = {}
        self._assigned: dict[tuple[int, bool, frozenset[Asked]], tuple[object, Assignment | None]] = {}

    def meaning(self, scene: Scene, key: str) -> Meaning:
        """Return the meaning of a key in a scene; keys that move together share one domain."""
        place = (key, facet(scene, key))
        found = self._meanings.get(place)
        if found is None:
            found = meaning(scene, key)
            first = group(scene, key)
            if first != key and is_domain(found):
                found = self.meaning(scene, first)
            self._meanings[place] = found
        return found

    def unknown(self, key: str, found: Unsure) -> Strings:
        """Return the one value of a key of which nobody can tell what it holds: any text perhaps, or none."""
        place = (key, found.present)
        known = self._unknown.get(place)
        if known is None:
            optional = found.present is None
            known = self._unknown[place] = Strings({key: PLAIN}, (), optional=optional, unsure=(star(ANY),))
        return known

    def asked(self, one: Clause, test: Test, want: Want) -> Asked:
        """Return the demand that a clause makes; the same object each time, where no variable stands in it."""
        if one.test is None:
            return Asked(one.key, test, want)
        known = self._asked.get((one, want))
        if known is None:
            known = self._asked[one, want] = Asked(one.key, test, want)
        return known

    def settled(self, one: Clause, test: Test, found: Settled) -> Answer:
        """Answer a clause on a key whose value is not the outsider's choice."""
        if one.test is None:
            return settled(found, test)
        place = (one, id(found))
        known = self._answers.get(place)
        if known is None:
            self.budget.spend(1)
            # The meaning is kept, for it is told apart by its identity.
            known = self._answers[place] = (found, settled(found, test))
        return known[1]

    def assign(self, domain: Domain, asked: tuple[Asked, ...], *, possibly: bool) -> Assignment | None:
        """Return values of a domain that meet all demands, or None."""
        place = (id(domain), possibly, frozenset(asked))
        known = self._assigned.get(place)
        if known is None:
            known = self._assigned[place] = (domain, domain.assign(asked, possibly=possibly, budget=self.budget))
        return known[1]


def group(scene: Scene, key: str) -> str:  # noqa: PLR0911 - a table
    """Return the key that stands for all that move together with this one."""
    match key:
        case "aws:principalaccount" if scene.account == SOME_ACCOUNT:
            return "aws:principalarn"
        case "aws:principalorgid" if scene.organization == SOME_ORGANIZATION and isinstance(scene, Outsider):
            return "aws:principalorgpaths"
        case "aws:sourcevpcarn":
            return "aws:sourcevpc"
        case "aws:epochtime":
            return "aws:currenttime"
        case "aws:userid" if scene.account == SOME_ACCOUNT and isinstance(scene, Outsider):
            return "aws:principalarn" if scene.sort is Sort.ROOT else key
        case "aws:username" | "aws:userid" if isinstance(scene, Outsider):
            shared = Sort.USER if key == "aws:username" else Sort.FEDERATED
            return "aws:principalarn" if scene.sort is shared else key
    if scene.tagging is Tagging.TAG and key.startswith(REQUEST_TAG):
        return TAG_KEYS
    return key
