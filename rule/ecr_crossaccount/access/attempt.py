"""Trying to get one kind of request past a statement: the search for a witness.

Every condition of the Allow must hold, and of every Deny at least one must not. Conditions on keys that are settled
for this kind of request are answered at once; the others become demands on domains, and each Deny a choice of which
demand to meet. Backtracking over those choices is all the search there is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..policy.conditions import Base, Condition, Operator
from ..policy.document import Effect
from ..policy.pattern import Pattern
from .automaton import Budget
from .clause import Clause, clause, like
from .domains import Asked, Assignment, Domain, SourceArns, Strings, Values
from .keys import is_early, meaning
from .lists import REQUEST_TAG, TAG_KEYS, Lists, RequestTags
from .operators import UNKNOWN_VALUE, Answer, Test, Unknown, Want, resolve
from .scene import Contains, Fixed, Meaning, NobodysCustomer, Outsider, Scene, Sort, Tagging, Unsure, settled


@dataclass(frozen=True, slots=True, eq=False)
class DenyPart:
    """One way in which a Deny applies: when all its clauses hold.

    `holed`: part of the Deny is not known yet. A witness for certain must not rely on what it will be.
    """

    clauses: tuple[Clause, ...]
    holed: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What a request must meet: the clauses of the Allow, what trust leaves outside, the Denies to escape."""

    allow: tuple[Clause, ...]
    denies: tuple[DenyPart, ...]
    outside: tuple[Clause, ...] = ()


@dataclass(slots=True)
class Attempt:
    """One search in one scene. `possibly` accepts what nobody can tell; otherwise only what is certain."""

    scene: Scene
    possibly: bool
    budget: Budget
    pinned: Mapping[str, Values] = field(default_factory=dict)
    _meanings: dict[str, Meaning] = field(default_factory=dict)
    _domains: dict[str, Domain] = field(default_factory=dict)

    def meaning(self, key: str) -> Meaning:
        """Return the meaning of a key in this scene; keys that move together share one domain."""
        found = self._meanings.get(key)
        if found is None:
            found = meaning(self.scene, key)
            if not isinstance(found, (Fixed, Unsure, Contains, NobodysCustomer)):
                found = self._domains.setdefault(self.group(key), found)
            self._meanings[key] = found
        return found

    def group(self, key: str) -> str:
        """Return the key that stands for all that move together with this one."""
        match key:
            case "aws:sourcevpcarn":
                return "aws:sourcevpc"
            case "aws:epochtime":
                return "aws:currenttime"
            case "aws:username" | "aws:userid" if isinstance(self.scene, Outsider):
                shared = Sort.USER if key == "aws:username" else Sort.FEDERATED
                return "aws:principalarn" if self.scene.sort is shared else key
        if self.scene.tagging is Tagging.TAG and key.startswith(REQUEST_TAG):
            return TAG_KEYS
        return key

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
            case Contains() | Lists() | Strings(many=True):
                return Unknown.SEVERAL
            case RequestTags() if key == TAG_KEYS:
                return Unknown.SEVERAL
        return UNKNOWN_VALUE

    def free_variables(self, clauses: Iterable[Clause]) -> list[str]:
        """The policy variables whose values the outsider chooses."""
        names = dict.fromkeys(name for one in clauses for name in one.variables)
        return [name for name in names if self._is_chosen(name)]

    def _is_chosen(self, key: str) -> bool:
        found = self.meaning(key)
        if isinstance(found, (Fixed, Unsure, Contains, NobodysCustomer, Lists, RequestTags)):
            return False
        return not (isinstance(found, Strings) and found.many)

    def test(self, one: Clause) -> Test:
        """Return the clause's condition as it stands in this scene."""
        return one.test or resolve(one.condition, self.lookup, one.effect)

    # --- the search ---

    def _judge(self, one: Clause, want: Want) -> Answer | Asked:
        found = self.meaning(one.key)
        test = self.test(one)
        if isinstance(found, (Fixed, Unsure, Contains, NobodysCustomer)):
            return settled(found, test)
        return Asked(one.key, test, want)

    def early(self, one: Clause) -> Answer | None:
        """Answer a clause that depends on the account and its organization alone; None for any other."""
        if not is_early(one.key) or not all(map(is_early, one.variables)):
            return None
        found = self.meaning(one.key)
        if isinstance(found, (Fixed, Unsure, Contains, NobodysCustomer)):
            return settled(found, self.test(one))
        return None

    def _demands(self, problem: Problem) -> tuple[list[Asked], list[list[Asked]]] | None:
        """Turn the problem into demands to meet and choices of demands; None if it is already lost."""
        firm: list[Asked] = []
        hold = Want.POSSIBLY if self.possibly else Want.SURELY
        for one in problem.allow:
            given = self._judge(one, hold)
            if isinstance(given, Asked):
                firm.append(given)
            elif not hold.met_by(given):
                return None
        for one in problem.outside:
            given = self._judge(one, Want.NOT_SURELY)
            if isinstance(given, Asked):
                firm.append(given)
            elif given is Answer.YES:
                return None
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
        if part.holed and self.possibly:
            return None
        choice: list[Asked] = []
        for one in part.clauses:
            want = Want.SURELY_NOT if one.holed and not self.possibly else Want.NOT_SURELY
            given = self._judge(one, want)
            if isinstance(given, Asked):
                choice.append(given)
            elif want.met_by(given):
                return None
        return choice

    def _solve(self, problem: Problem) -> dict[str, Values] | None:
        demands = self._demands(problem)
        if demands is None:
            return None
        firm, choices = demands
        for key, values in self.pinned.items():
            firm.append(_pin(key, values))
        return _Backtracking(self).solve(firm, choices)

    def solve(self, problem: Problem) -> dict[str, Values] | None:
        """Return values of keys that make the request a witness, or None if there are none."""
        self.budget.spend(2)
        clauses = [*problem.allow, *(one for part in problem.denies for one in part.clauses)]
        free = [] if self.possibly else self.free_variables(clauses)
        if not free:
            return self._solve(problem)
        options = [_Candidates(self, clauses).of(name) for name in free]
        for combination in itertools.islice(itertools.product(*options), 256):
            pinned = dict(zip(free, combination, strict=True))
            found = Attempt(self.scene, self.possibly, self.budget, pinned)._solve(problem)
            if found is not None:
                return found
        return None

    def default(self, key: str) -> Values:
        """Return what a key holds where nothing is asked of it; absent where that is not known."""
        found = self.meaning(key)
        if isinstance(found, Fixed):
            return found.values
        if isinstance(found, (Unsure, Contains, NobodysCustomer)):
            return (found.name,) if isinstance(found, Contains) else None
        values = found.assign((), possibly=self.possibly, budget=self.budget)
        return None if values is None else values.get(key)


def _pin(key: str, values: Values) -> Asked:
    """Ask that a key holds exactly what a policy variable was taken to stand for."""
    if values is None:
        absent = Condition(Operator(Base.NULL, source="Null"), key, key, (True,))
        return Asked(key, Test(absent, ()), Want.SURELY)
    test = clause(like(key, values, Base.STRING_EQUALS), Effect.ALLOW).test
    if test is None:
        raise AssertionError(key)
    return Asked(key, test, Want.SURELY)


class _Backtracking:
    """Meets all firm demands and one of each choice, domain by domain."""

    __slots__ = ("_attempt", "_known", "_values")

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._known: dict[tuple[str, frozenset[int]], Assignment | None] = {}

    def solve(self, firm: Sequence[Asked], choices: list[list[Asked]]) -> dict[str, Values] | None:
        demands: dict[str, tuple[Asked, ...]] = {}
        for one in firm:
            group = self._attempt.group(one.key)
            demands[group] = (*demands.get(group, ()), one)
        if any(self._assign(group, asked) is None for group, asked in demands.items()):
            return None
        choices.sort(key=len)
        chosen = self._choose(demands, choices, 0)
        if chosen is None:
            return None
        values: dict[str, Values] = {}
        for group, asked in chosen.items():
            values |= self._assign(group, asked) or {}
        return values

    def _choose(
        self, demands: dict[str, tuple[Asked, ...]], choices: Sequence[Sequence[Asked]], depth: int
    ) -> dict[str, tuple[Asked, ...]] | None:
        if depth == len(choices):
            return demands
        for one in choices[depth]:
            group = self._attempt.group(one.key)
            asked = (*demands.get(group, ()), one)
            if self._assign(group, asked) is not None:
                found = self._choose({**demands, group: asked}, choices, depth + 1)
                if found is not None:
                    return found
        return None

    def _assign(self, group: str, asked: tuple[Asked, ...]) -> Assignment | None:
        known = (group, frozenset(map(id, asked)))
        if known not in self._known:
            domain = self._attempt.meaning(asked[0].key)
            if isinstance(domain, (Fixed, Unsure, Contains, NobodysCustomer)):
                raise AssertionError(group)
            self._known[known] = domain.assign(
                asked, possibly=self._attempt.possibly, budget=self._attempt.budget
            )
        return self._known[known]


class _Candidates:
    """Values worth trying for a key that policy variables refer to and the outsider chooses.

    Any value does as well as any other unless it is compared with something: with texts of the policy, or, through
    a variable, with another key. Those are collected here, and one usual value, and absence.
    """

    __slots__ = ("_attempt", "_clauses")

    def __init__(self, attempt: Attempt, clauses: Sequence[Clause]) -> None:
        self._attempt = attempt
        self._clauses = clauses

    def of(self, name: str) -> list[Values]:
        usual = self._attempt.default(name)
        texts = [] if usual is None else list(usual)
        scene = self._attempt.scene
        texts += [scene.account, *([scene.organization] if scene.organization else [])]
        found = self._attempt.meaning(name)
        if isinstance(found, (Strings, SourceArns)):
            texts += self._present(name)
        for one in self._clauses:
            if one.key == name or name in one.variables:
                texts += self._texts(one, name)
        return [*((text,) for text in dict.fromkeys(texts)), None]

    def _present(self, name: str) -> list[str]:
        """A value of the key if it must be there, and one that meets what the Allow asks of it."""
        present = Condition(Operator(Base.NULL, source="Null"), name, name, (False,))
        asked = [Asked(name, Test(present, ()), Want.SURELY)]
        texts: list[str] = []
        for one in self._clauses:
            if one.key == name and one.test is not None and one.effect is Effect.ALLOW:
                asked.append(Asked(name, one.test, Want.SURELY))
        found = self._attempt.meaning(name)
        if isinstance(found, (Strings, SourceArns)):
            for tests in (asked[:1], asked):
                values = found.assign(tests, possibly=False, budget=self._attempt.budget)
                texts += (values or {}).get(name) or ()
        return texts

    def _texts(self, one: Clause, name: str) -> Iterator[str]:
        patterns = [value for value in one.condition.values if isinstance(value, Pattern)]
        yield from (value.literal for value in patterns if value.literal is not None)
        if one.key == name:
            return
        for text in self._values_of(one.key):
            for value in patterns:
                yield from _fillings(value, name, text)

    def _values_of(self, key: str) -> Iterator[str]:
        """What another key holds, or is compared with elsewhere."""
        found = self._attempt.meaning(key)
        if isinstance(found, Fixed):
            yield from found.values or ()
        for one in self._clauses:
            if one.key == key:
                for value in one.condition.values:
                    if isinstance(value, Pattern) and value.literal is not None:
                        yield value.literal


def _fillings(value: Pattern, name: str, text: str) -> Iterator[str]:
    """What the variable must stand for so that a pattern of literal text around it is `text`."""
    places = [place for place, part in enumerate(value.parts) if not isinstance(part, str)]
    if len(places) != 1:
        return
    part = value.parts[places[0]]
    before = "".join(str(part) for part in value.parts[: places[0]])
    after = "".join(str(part) for part in value.parts[places[0] + 1 :])
    fits = text.startswith(before) and text.endswith(after) and len(text) >= len(before) + len(after)
    if getattr(part, "key", None) == name and fits:
        yield text[len(before) : len(text) - len(after)]
