"""What one judgement has found out already, for all kinds of requests and sets of actions that share it."""

from __future__ import annotations

from collections.abc import Hashable

from ..conditions.clause import Clause
from ..conditions.comparisons import Test
from ..conditions.operators import Answer, Want
from ..context.domains import PLAIN, Assignment, Constraint, Domain, Strings
from ..context.keys import facet, meaning
from ..context.lists import REQUEST_TAG, TAG_KEYS
from ..context.request import (
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    Meaning,
    PrincipalRequest,
    PrincipalType,
    RequestKind,
    Settled,
    Tagging,
    Unsure,
    is_domain,
    settled,
)
from ..patterns.automaton import Budget
from ..patterns.charset import ANY
from ..patterns.tokens import star


class JudgementCache:
    """What one judgement has found out already; kinds of requests that differ elsewhere share it."""

    __slots__ = ("_answers", "_assigned", "_meanings", "_remembered", "_unknown", "budget")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._meanings: dict[tuple[str, Hashable], Meaning] = {}
        self._remembered: dict[tuple[Clause, Want], Constraint] = {}
        self._unknown: dict[tuple[str, bool | None], Strings] = {}
        self._answers: dict[tuple[Clause, int], tuple[object, Answer]] = {}
        self._assigned: dict[tuple[int, bool, frozenset[Constraint]], tuple[object, Assignment | None]] = {}

    def meaning(self, request: RequestKind, key: str) -> Meaning:
        """Return the meaning of a key in a kind of request; keys that move together share one domain."""
        place = (key, facet(request, key))
        found = self._meanings.get(place)
        if found is None:
            found = meaning(request, key)
            first = group(request, key)
            if first != key and is_domain(found):
                found = self.meaning(request, first)
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

    def asked(self, one: Clause, test: Test, want: Want) -> Constraint:
        """Return the demand that a clause makes; the same object each time, where no variable stands in it."""
        if one.test is None:
            return Constraint(one.key, test, want)
        known = self._remembered.get((one, want))
        if known is None:
            known = self._remembered[one, want] = Constraint(one.key, test, want)
        return known

    def settled(self, one: Clause, test: Test, found: Settled) -> Answer:
        """Answer a clause on a key whose value is not the outsider's choice."""
        if one.test is None:
            return settled(found, test)
        key = (one, id(found))
        known = self._answers.get(key)
        if known is None:
            self.budget.spend(1)
            # The meaning is kept, for it is told apart by its identity.
            known = self._answers[key] = (found, settled(found, test))
        return known[1]

    def assign(self, domain: Domain, asked: tuple[Constraint, ...], *, possibly: bool) -> Assignment | None:
        """Return values of a domain that meet all demands, or None."""
        key = (id(domain), possibly, frozenset(asked))
        known = self._assigned.get(key)
        if known is None:
            known = self._assigned[key] = (domain, domain.assign(asked, possibly=possibly, budget=self.budget))
        return known[1]


def group(request: RequestKind, key: str) -> str:  # noqa: PLR0911 - a table
    """Return the key that stands for all that move together with this one."""
    match key:
        case "aws:principalaccount" if request.account == SOME_ACCOUNT:
            return "aws:principalarn"
        case "aws:principalorgid" if request.organization == SOME_ORGANIZATION and isinstance(
            request, PrincipalRequest
        ):
            return "aws:principalorgpaths"
        case "aws:sourcevpcarn":
            return "aws:sourcevpc"
        case "aws:epochtime":
            return "aws:currenttime"
        case "aws:userid" if request.account == SOME_ACCOUNT and isinstance(request, PrincipalRequest):
            return "aws:principalarn" if request.principal_type is PrincipalType.ROOT else key
        case "aws:username" | "aws:userid" if isinstance(request, PrincipalRequest):
            shared = PrincipalType.USER if key == "aws:username" else PrincipalType.FEDERATED
            return "aws:principalarn" if request.principal_type is shared else key
    if request.tagging is Tagging.TAG and key.startswith(REQUEST_TAG):
        return TAG_KEYS
    return key
