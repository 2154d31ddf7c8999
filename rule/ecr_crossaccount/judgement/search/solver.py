"""What each clause means in one kind of request.

A condition on a key that is settled for this kind of request is answered at once. Any other becomes a constraint on the
domain of its key. Each Deny becomes a choice of one constraint to meet. The outsider chooses the values of some policy
variables: those that are worth trying are tried one after the other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...documents.conditions import Base, Condition, Operator
from ...documents.document import Effect
from ...documents.pattern import Pattern, Variable
from ..conditions.operators import Clause, Demand, Mode, Truth, clause, for_request, key_condition
from ..context.domains import Constraint, Options, SourceArns, Strings, Values
from ..context.keys import is_multivalued, is_of_network
from ..context.request import (
    ABSENT,
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    Fixed,
    Meaning,
    Open,
    RequestKind,
    ServiceRequest,
    Settled,
)
from ..context.typed_domains import Lists, RequestTags
from ..patterns.comparisons import UNKNOWN_VALUE, Test, Unknown
from .constraints import (
    Constraints,
    DenyPart,
    DomainConstraint,
    JudgementCache,
    domain_constraint,
    may_be_early,
    propagate,
)

_NOTHING_PINNED: Mapping[str, Values] = {}


class Solver:
    """The meaning of clauses in one kind of request.

    Mode MAY accepts what cannot be determined. MUST accepts only what is certain.

    `meanings`: the meanings of keys in this kind. `pinned`: the assumed values of policy variables. `hold`: the needed
    result of a clause of the Allow.
    """

    __slots__ = ("cache", "hold", "meanings", "mode", "pinned", "request")

    def __init__(
        self,
        request: RequestKind,
        mode: Mode,
        cache: JudgementCache,
        meanings: Mapping[str, Meaning] | None = None,
        pinned: Mapping[str, Values] = _NOTHING_PINNED,
    ) -> None:
        self.request = request
        self.mode = mode
        self.cache = cache
        self.meanings = cache.meanings.for_kind(request) if meanings is None else meanings
        self.pinned = pinned
        self.hold = Demand.MAY if mode is Mode.MAY else Demand.MUST

    def like_this(self, mode: Mode, pinned: Mapping[str, Values] = _NOTHING_PINNED) -> Solver:
        """Return the same for another mode, with some values of policy variables."""
        return type(self)(self.request, mode, self.cache, self.meanings, pinned)

    # --- policy variables ---

    def lookup(self, key: str) -> str | Unknown | None:
        """Return the value of a policy variable. The variable of a multivalued key never has a value.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        """
        if is_multivalued(key):
            return Unknown.SEVERAL
        if key in self.pinned:
            values = self.pinned[key]
            return None if values is None else values[0]
        found = self.meanings[key]
        if isinstance(found, Fixed):
            return None if found.values is None else found.values[0]
        return UNKNOWN_VALUE

    def free_variables(self, clauses: Iterable[Clause]) -> list[str]:
        """Return the policy variables whose values the outsider chooses.

        Only clauses on keys that can be present count.
        """
        compared = [one for one in clauses if one.variables and self.meanings[one.key] != ABSENT]
        names = dict.fromkeys([name for one in compared for name in one.variables])
        return [name for name in names if self._is_chosen(name)]

    def _is_chosen(self, key: str) -> bool:
        found = self.meanings[key]
        if isinstance(found, (Settled, Lists)):
            return False
        return not is_multivalued(key)

    # --- clauses ---

    def escape(self, one: Clause) -> Demand:
        """Return the needed result of one clause of a Deny.

        A certain witness must not depend on the value of a hole. For a service, it must not depend on the network of
        its request, which is unknown. For an Allow that must not apply, the clause must certainly not be true.
        """
        of_network = isinstance(self.request, ServiceRequest) and is_of_network(one.key)
        unknown = one.holed or of_network or one.effect is Effect.ALLOW
        return Demand.MUST_NOT if unknown and self.mode is Mode.MUST else Demand.MAY_NOT

    def meaning(self, one: Clause, want: Demand) -> Truth | DomainConstraint:
        """Return the answer of a clause, or the constraint that gives it the needed result."""
        found = self.meanings[one.key]
        test = one.test or for_request(one, self.lookup, self.cache.budget)
        if not isinstance(found, Settled):
            return domain_constraint((found, self.cache.constraint_of(one, test, want)))
        given = self.cache.settled_answer(one, test, found)
        if given is Truth.UNKNOWN and isinstance(found, Open) and self._is_of_one_value(one):
            return domain_constraint((self.cache.unknown(one.key, found), self.cache.constraint_of(one, test, want)))
        if given is Truth.UNKNOWN and one.variables and isinstance(found, Fixed):
            return self._turn_clause(one, found, want) or given
        return given

    def _turn_clause(self, one: Clause, found: Fixed, want: Demand) -> Truth | DomainConstraint | None:
        """Return what a clause on a settled key requires of the one key in its variables, or None if that is unknown.

        `StringEquals aws:ResourceAccount ${aws:PrincipalAccount}` requires that the caller's account is the owner's.
        """
        keys = frozenset(one.variables)
        key = min(keys)
        domain = self.meanings[key]
        if len(keys) > 1 or isinstance(domain, Settled) or not self._is_chosen(key) or found.many or not found.values:
            return None
        negated = one.condition.operator.negated
        if one.effect is Effect.DENY and negated and not (isinstance(domain, Strings) and domain.is_always_there):
            return None  # it cannot be determined whether a negated Deny applies if the variable has no value
        texts = values_for(one, key, found.values[0])
        if not texts:
            return None if texts is None else Truth.YES if negated else Truth.NO
        written = one.condition.operator.base
        base = written if written is Base.STRING_EQUALS_IGNORE_CASE else Base.STRING_EQUALS
        turned = clause(key_condition(key, texts, base, negated=negated), one.effect)
        assert turned.test is not None, "a condition without variables is ready at once"
        return domain_constraint((domain, Constraint(key, turned.test, want)))

    def _is_of_one_value(self, one: Clause) -> bool:
        """Return whether a clause tests the one value of an unknown key in mode MAY.

        All such clauses must agree on a value.
        """
        return self.mode is Mode.MAY and one.condition.operator.quantifier is None and not is_multivalued(one.key)

    def early(self, one: Clause) -> Truth | None:
        """Return the answer of a clause that depends only on the account and its organization.

        Return None for any other.
        """
        if not may_be_early(one):
            return None
        if any(map(self._is_chosen, one.variables)):
            return None  # some other account or organization, which the search must choose
        found = self.meanings[one.key]
        if not isinstance(found, Settled):
            return None
        given = self.cache.settled_answer(one, one.test or for_request(one, self.lookup, self.cache.budget), found)
        joint = given is Truth.UNKNOWN and self._is_of_one_value(one)
        return None if joint else given

    def _constraint(self, asked: Constraint) -> DomainConstraint:
        """Return a constraint on the domain of its key. The key must be one whose value an outsider can choose."""
        found = self.meanings[asked.key]
        assert not isinstance(found, Settled), "settled keys are answered before constraints are made"
        return domain_constraint((found, asked))

    def escapes(self, part: DenyPart) -> list[DomainConstraint] | None:
        """Return the constraints that avoid a Deny. Meeting one of them is enough.

        Return None if the Deny does not apply anyway.
        """
        choice: list[DomainConstraint] = []
        for one in part.clauses:
            want = self.escape(one)
            given = self.meaning(one, want)
            if isinstance(given, DomainConstraint):
                choice.append(given)
            elif want.met_by(given):
                return None
        return choice

    def pins(self) -> Iterator[DomainConstraint]:
        """Yield the constraints that the policy variables have their assumed values."""
        return (self._constraint(_pin(key, values)) for key, values in self.pinned.items())

    def can_meet(self, clauses: Sequence[Clause]) -> Truth:
        """Return whether clauses of an Allow, which have no policy variable, can be met together.

        NO means in neither mode. UNKNOWN means that they cannot certainly be met.
        """
        self.cache.budget.spend(10 + 2 * len(clauses))
        is_certain, hold = self.mode is Mode.MUST, self.hold
        firm: list[DomainConstraint] = []
        worst = Truth.YES
        for one in clauses:
            given = self.meaning(one, hold)
            if isinstance(given, DomainConstraint):
                firm.append(given)
            elif given is Truth.NO:
                return given
            elif given is Truth.UNKNOWN and is_certain:
                worst = given
        if firm and worst is Truth.YES and propagate(firm, self.cache, self.mode) is None:
            return Truth.UNKNOWN if is_certain else Truth.NO
        return worst

    def pinnings(self, problem: Constraints, free: Sequence[str]) -> Iterator[tuple[Solver, Constraints]]:
        """Yield solvers with assumed values of the policy variables that the outsider chooses, and what each must meet.

        In mode MAY, these are all values. If there are too many to try, assume any value: the tries only find callers,
        and never exclude one. In mode MUST, requests that avoid the Denies whatever the values are come first, then
        those with values that are worth trying.
        """
        options: Mapping[str, Sequence[Values]] = {}
        if free and self.mode is Mode.MUST:
            yield self, problem.whatever(set(free))
            options = {name: Candidates(self, problem).values_of(name) for name in free}
        elif free:
            every = ((name, self.meanings[name]) for name in free)
            options = {name: (*one.sure, *one.unsure) for name, one in every if isinstance(one, Options)}
        if not options or (self.mode is Mode.MAY and math.prod(map(len, options.values())) > _MOST_COMBINATIONS):
            yield self, problem
            return
        for combination in itertools.islice(itertools.product(*options.values()), _MOST_COMBINATIONS):
            self.cache.budget.spend(20 + 2 * len(problem.clauses))
            yield self.like_this(self.mode, dict(zip(options, combination, strict=True))), problem

    def default(self, key: str) -> Values:
        """Return the value of a key that no clause tests. Absent if it is unknown."""
        found = self.meanings[key]
        if isinstance(found, Settled):
            return found.values if isinstance(found, Fixed) else None
        values = self.cache.assign(found, (), self.mode)
        return None if values is None else values.get(key)


_MOST_COMBINATIONS = 256
"""The most combinations of values of policy variables."""


def _pin(key: str, values: Values) -> Constraint:
    """Return the constraint that a key has exactly the assumed value of a policy variable."""
    if values is None:
        absent = Condition(Operator(Base.NULL, source="Null"), key, key, (True,))
        return Constraint(key, Test(absent, ()), Demand.MUST)
    test = clause(key_condition(key, values, Base.STRING_EQUALS), Effect.ALLOW).test
    assert test is not None, "a condition without variables is ready at once"
    return Constraint(key, test, Demand.MUST)


# --- values of policy variables ---

_NOT_CHOSEN = (SOME_ACCOUNT, SOME_ORGANIZATION)


class Candidates:
    """Values worth trying for a key that policy variables refer to and the outsider chooses.

    All values are equally good unless the key is compared with something: with texts of the policy, or, through a
    variable, with another key. This class collects those values, one usual value, and absence.
    """

    __slots__ = ("_allow", "_clauses", "_known")

    def __init__(self, known: Solver, problem: Constraints) -> None:
        self._known = known
        self._allow = problem.allow
        self._clauses = problem.clauses

    def values_of(self, name: str) -> list[Values]:
        """Return the values to try for one key. None is absence."""
        usual = self._known.default(name)
        texts = [] if usual is None else list(usual)
        request = self._known.request
        texts += ["value" if who in _NOT_CHOSEN else who for who in (request.account, request.organization) if who]
        found = self._known.meanings[name]
        if isinstance(found, (Strings, SourceArns, RequestTags)):
            texts += self._present(found, name)
            texts += self._equal(found, name)
        if isinstance(found, Strings):
            texts += self._met_by(found, name)
        for one in self._clauses:
            if one.key == name or name in one.variables:
                texts += self._texts(one, name)
        return [*((text,) for text in dict.fromkeys(texts)), None]

    def _present(self, domain: Strings | SourceArns | RequestTags, name: str) -> list[str]:
        """Return a value of the key if it must be present, and one that meets the clauses of the Allow about it."""
        present = Condition(Operator(Base.NULL, source="Null"), name, name, (False,))
        asked = [Constraint(name, Test(present, ()), Demand.MUST)]
        texts: list[str] = []
        asked += [
            Constraint(name, one.test, Demand.MUST) for one in self._allow if one.key == name and one.test is not None
        ]
        for tests in (asked[:1], asked):
            texts += self._assign(domain, tests, name)
        return texts

    def _equal(self, domain: Strings | SourceArns | RequestTags, name: str) -> Iterator[str]:
        """Yield values of the key that meet the clauses of the Allow about keys that must be equal to it."""
        allows = self._allow
        itself = (Variable(name),)
        equal = {
            allow.key for allow in allows for value in allow.condition.values if getattr(value, "parts", ()) == itself
        }
        for key in sorted(equal):
            asked = (allow.test for allow in allows if allow.key in (key, name))
            tests = [Constraint(name, test, Demand.MUST) for test in asked if test is not None]
            yield from self._assign(domain, tests, name)

    def _texts(self, one: Clause, name: str) -> Iterator[str]:
        patterns = [value for value in one.condition.values if isinstance(value, Pattern)]
        yield from (value.literal for value in patterns if value.literal is not None)
        if one.key == name:
            return
        for text in self._values_of(one.key):
            self._known.cache.budget.spend(len(patterns))
            for value in patterns:
                yield from _fillings(value, name, text)

    def _values_of(self, key: str) -> Iterator[str]:
        """Yield values of another key, and values that it is compared with elsewhere."""
        found = self._known.meanings[key]
        if isinstance(found, Strings):
            yield from self._met_by(found, key) or self._present(found, key)
        else:
            yield from self._known.default(key) or ()
        compared = [value for one in self._clauses if one.key == key for value in one.condition.values]
        yield from (value.literal for value in compared if isinstance(value, Pattern) and value.literal is not None)

    def _met_by(self, domain: Strings, key: str) -> tuple[str, ...]:
        """Return a key's value that meets the clauses of the Allow about it and about the keys that depend on it."""
        asked = [
            Constraint(one.key, one.test, Demand.MUST)
            for one in self._allow
            if one.test is not None and one.key in domain.readings
        ]
        return self._assign(domain, asked, key)

    def _assign(
        self, domain: Strings | SourceArns | RequestTags, asked: Sequence[Constraint], key: str
    ) -> tuple[str, ...]:
        values = domain.assign(asked, Mode.MUST, self._known.cache.budget)
        return (values or {}).get(key) or ()


_EQUAL = frozenset({Base.STRING_EQUALS, Base.STRING_EQUALS_IGNORE_CASE, Base.STRING_LIKE})


def values_for(one: Clause, name: str, text: str) -> list[str] | None:
    """Return all values of a variable with which a clause's key, whose value is `text`, matches.

    Returns None if they are unknown, because there are wildcards, holes or defaults besides the variable. For a single
    value, set operators mean the same as other operators.
    """
    operator = one.condition.operator
    referring = [value for value in one.condition.values if isinstance(value, Pattern) and value.variables]
    plain = _is_variable if operator.base is Base.STRING_EQUALS_IGNORE_CASE else _has_variable
    if operator.base not in _EQUAL or one.holed or not all(map(plain, referring)):
        return None
    return [filling for value in referring for filling in _fillings(value, name, text)]


def _has_variable(value: Pattern) -> bool:
    """Return whether a pattern is one variable without a default, with at most literal text around it."""
    others = [part for part in value.parts if not isinstance(part, str)]
    return others == [Variable(variable.key) for variable in value.variables[:1]]


def _is_variable(value: Pattern) -> bool:
    """Return whether a pattern is only one variable without a default."""
    return len(value.parts) == 1 and _has_variable(value)


def _fillings(value: Pattern, name: str, text: str) -> Iterator[str]:
    """Yield the value of the variable with which a pattern, with literal text around the variable, is `text`."""
    places = [place for place, part in enumerate(value.parts) if not isinstance(part, str)]
    if len(places) != 1:
        return
    part = value.parts[places[0]]
    before = "".join(str(part) for part in value.parts[: places[0]])
    after = "".join(str(part) for part in value.parts[places[0] + 1 :])
    fits = text.startswith(before) and text.endswith(after) and len(text) >= len(before) + len(after)
    if getattr(part, "key", None) == name and fits:
        yield text[len(before) : len(text) - len(after)]
