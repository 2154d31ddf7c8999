"""Trying to get one kind of request past a statement: the search for a witness.

Every condition of the Allow must hold, and of every Deny at least one must not. Conditions on keys that are settled
for this kind of request are answered at once; the others become demands on domains, and each Deny a choice of which
demand to meet. Backtracking over those choices is all the search there is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..policy.conditions import Base, Condition, Operator
from ..policy.document import Effect
from .clause import Clause, clause, like
from .comparisons import UNKNOWN_VALUE, Test, Unknown, resolve
from .domains import MULTIVALUED, Asked, Assignment, Strings, Values
from .keys import is_early
from .lists import Lists, RequestTags
from .memo import Memo, group
from .operators import Answer, Want
from .scene import Contains, Fixed, Meaning, Scene, Settled
from .variables import Candidates


@dataclass(frozen=True, slots=True, eq=False)
class DenyPart:
    """One way in which a Deny applies: when all its clauses hold.

    `holed`: part of the Deny is not known yet. A witness for certain must not rely on what it will be.
    """

    clauses: tuple[Clause, ...]
    holed: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What a request must meet: the clauses of the Allow, what trust leaves outside, the Denies to escape.

    `whole`: the same with the clauses that account and organization have settled. They held for an account with a
    number that nobody knows; a witness shows one.
    """

    allow: tuple[Clause, ...]
    denies: tuple[DenyPart, ...]
    outside: tuple[Clause, ...] = ()
    whole: Problem | None = None


@dataclass(slots=True)
class Attempt:
    """One search in one scene. `possibly` accepts what nobody can tell; otherwise only what is certain."""

    scene: Scene
    possibly: bool
    memo: Memo
    pinned: Mapping[str, Values] = field(default_factory=dict)

    def meaning(self, key: str) -> Meaning:
        """Return the meaning of a key in this scene."""
        return self.memo.meaning(self.scene, key)

    # --- policy variables ---

    def lookup(self, key: str) -> str | Unknown | None:
        """Return what a policy variable stands for."""
        if key in self.pinned:
            values = self.pinned[key]
            return None if values is None else values[0]
        found = self.meaning(key)
        match found:
            case Fixed():
                if found.many:
                    return Unknown.SEVERAL
                return None if found.values is None else found.values[0]
            case Contains() | Lists() | Strings() | RequestTags() if key in MULTIVALUED:
                return Unknown.SEVERAL
        return UNKNOWN_VALUE

    def free_variables(self, clauses: Iterable[Clause]) -> list[str]:
        """The policy variables whose values the outsider chooses."""
        names = dict.fromkeys(name for one in clauses for name in one.variables)
        return [name for name in names if self._is_chosen(name)]

    def _is_chosen(self, key: str) -> bool:
        found = self.meaning(key)
        if isinstance(found, (Settled, Lists, RequestTags)):
            return False
        return key not in MULTIVALUED

    def test(self, one: Clause) -> Test:
        """Return the clause's condition as it stands in this scene."""
        return one.test or resolve(one.condition, self.lookup, one.effect)

    # --- the search ---

    @property
    def hold(self) -> Want:
        """What is wanted of a clause of the Allow."""
        return Want.POSSIBLY if self.possibly else Want.SURELY

    def escape(self, one: Clause) -> Want:
        """What is wanted of one clause of a Deny: a witness for certain relies on no way of filling a hole."""
        return Want.SURELY_NOT if one.holed and not self.possibly else Want.NOT_SURELY

    def _judge(self, one: Clause, want: Want) -> Answer | Asked:
        found = self.meaning(one.key)
        test = self.test(one)
        if isinstance(found, Settled):
            return self.memo.settled(one, test, found)
        return self.memo.asked(one, test, want)

    def early(self, one: Clause) -> Answer | None:
        """Answer a clause that depends on the account and its organization alone; None for any other."""
        if not is_early(one.key) or not all(map(is_early, one.variables)):
            return None
        if any(map(self._is_chosen, one.variables)):
            return None  # some other account or organization: which one is for the search to say
        found = self.meaning(one.key)
        return self.memo.settled(one, self.test(one), found) if isinstance(found, Settled) else None

    def _demands(self, problem: Problem) -> tuple[list[Asked], list[list[Asked]]] | None:
        """Turn the problem into demands to meet and choices of demands; None if it is already lost."""
        firm: list[Asked] = []
        for one in problem.allow:
            given = self._judge(one, self.hold)
            if isinstance(given, Asked):
                firm.append(given)
            elif not self.hold.met_by(given):
                return None
        firm += [self.memo.asked(one, self.test(one), Want.NOT_SURELY) for one in problem.outside]
        choices: list[list[Asked]] = []
        for part in problem.denies:
            choice = self._escapes(part)
            if choice is None:
                continue
            if not choice:
                return None
            choices.append(choice)
        return firm, choices

    def _escapes(self, part: DenyPart) -> list[Asked] | None:
        """The demands of which one must be met to escape a Deny; None if it is escaped anyway."""
        choice: list[Asked] = []
        for one in part.clauses:
            want = self.escape(one)
            given = self._judge(one, want)
            if isinstance(given, Asked):
                choice.append(given)
            elif want.met_by(given):
                return None
        return choice

    def _solve_as_pinned(self, problem: Problem) -> dict[str, Values] | None:
        demands = self._demands(problem)
        if demands is None:
            return None
        firm, choices = demands
        for key, values in self.pinned.items():
            firm.append(_pin(key, values))
        return _Backtracking(self).solve(firm, choices)

    def solve(self, problem: Problem) -> dict[str, Values] | None:
        """Return values of keys that make the request a witness, or None if there are none."""
        clauses = [*problem.allow, *(one for part in problem.denies for one in part.clauses)]
        self.memo.budget.spend(10 + 2 * len(clauses))
        free = [] if self.pinned else self.free_variables(clauses)
        if self.possibly:
            free = [name for name in free if name in _WHOSE]
        if not free:
            return self._solve_as_pinned(problem)
        options = [Candidates(self, clauses).of(name) for name in free]
        for combination in itertools.islice(itertools.product(*options), 256):
            pinned = dict(zip(free, combination, strict=True))
            self.memo.budget.spend(10)
            found = replace(self, pinned=pinned).solve(problem)
            if found is not None:
                return found
        return None

    def default(self, key: str) -> Values:
        """Return what a key holds where nothing is asked of it; absent where that is not known."""
        found = self.meaning(key)
        if isinstance(found, Settled):
            return found.values if isinstance(found, Fixed) else None
        values = self.memo.assign(found, (), possibly=self.possibly)
        return None if values is None else values.get(key)


def _pin(key: str, values: Values) -> Asked:
    """Ask that a key holds exactly what a policy variable was taken to stand for."""
    if values is None:
        absent = Condition(Operator(Base.NULL, source="Null"), key, key, (True,))
        return Asked(key, Test(absent, ()), Want.SURELY)
    test = clause(like(key, values, Base.STRING_EQUALS), Effect.ALLOW).test
    assert test is not None, "a condition without variables is ready at once"
    return Asked(key, test, Want.SURELY)


_WHOSE = frozenset({"aws:principalaccount", "aws:principalorgid"})
"""Variables that are searched for even where all others may stand for anything: nobody is in doubt about himself."""


class _Backtracking:
    """Meets all firm demands and one of each choice, domain by domain."""

    __slots__ = ("_attempt",)

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    def solve(self, firm: Sequence[Asked], choices: list[list[Asked]]) -> dict[str, Values] | None:
        demands: dict[str, tuple[Asked, ...]] = {}
        for one in firm:
            first = group(self._attempt.scene, one.key)
            demands[first] = (*demands.get(first, ()), one)
        if any(self._assign(first, asked) is None for first, asked in demands.items()):
            return None
        choices.sort(key=len)
        chosen = self._choose(demands, choices, 0)
        if chosen is None:
            return None
        values: dict[str, Values] = {}
        for first, asked in chosen.items():
            values |= self._assign(first, asked) or {}
        return values

    def _choose(
        self, demands: dict[str, tuple[Asked, ...]], choices: Sequence[Sequence[Asked]], depth: int
    ) -> dict[str, tuple[Asked, ...]] | None:
        if depth == len(choices):
            return demands
        for one in choices[depth]:
            self._attempt.memo.budget.spend(1)
            first = group(self._attempt.scene, one.key)
            asked = (*demands.get(first, ()), one)
            if self._assign(first, asked) is not None:
                found = self._choose({**demands, first: asked}, choices, depth + 1)
                if found is not None:
                    return found
        return None

    def _assign(self, first: str, asked: tuple[Asked, ...]) -> Assignment | None:
        domain = self._attempt.meaning(first)
        assert not isinstance(domain, Settled), "settled keys are answered before demands are made"
        return self._attempt.memo.assign(domain, asked, possibly=self._attempt.possibly)
