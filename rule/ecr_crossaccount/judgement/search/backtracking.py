"""The backtracking of the search: finds values that meet all firm constraints and one constraint of each choice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from ..conditions.operators import Mode
from ..context.domains import Constraint, Domain, Values
from .cache import JudgementCache


class DomainConstraint(NamedTuple):
    """One constraint on a domain."""

    domain: Domain
    asked: Constraint


domain_constraint = partial(tuple.__new__, DomainConstraint)
"""Makes a DomainConstraint from its fields, in half the time of NamedTuple's own constructor."""


class Backtracking:
    """Finds values for all firm constraints and one of each choice, one domain at a time."""

    __slots__ = ("_cache", "_mode")

    def __init__(self, cache: JudgementCache, mode: Mode) -> None:
        self._cache = cache
        self._mode = mode

    def meets(self, firm: Sequence[DomainConstraint]) -> _Constraints | None:
        """Return the firm constraints by domain, or None if some of them cannot be met together."""
        constraints: _Constraints = {}
        for domain, asked in firm:
            constraints[id(domain)] = _with(constraints, domain, asked)
        for domain, every in constraints.values():
            if self._cache.assign(domain, every, self._mode) is None:
                return None
        return constraints

    def solve(
        self, firm: Sequence[DomainConstraint], choices: list[list[DomainConstraint]]
    ) -> dict[str, Values] | None:
        """Return values that meet all firm constraints and one of each choice, or None."""
        constraints = self.meets(firm)
        if constraints is None:
            return None
        choices.sort(key=len)
        chosen = self._choose(constraints, choices, 0)
        if chosen is None:
            return None
        values: dict[str, Values] = {}
        for domain, every in chosen.values():
            values |= self._cache.assign(domain, every, self._mode) or {}
        return values

    def _choose(
        self, constraints: _Constraints, choices: Sequence[Sequence[DomainConstraint]], depth: int
    ) -> _Constraints | None:
        if depth == len(choices):
            return constraints
        for domain, asked in choices[depth]:
            self._cache.budget.spend(1)
            every = _with(constraints, domain, asked)
            if self._cache.assign(*every, self._mode) is not None:
                found = self._choose({**constraints, id(domain): every}, choices, depth + 1)
                if found is not None:
                    return found
        return None


_Constraints = dict[int, tuple[Domain, tuple[Constraint, ...]]]
"""All constraints of each domain, by the domain's identity. Keys that depend on each other share a domain."""


def _with(constraints: _Constraints, domain: Domain, asked: Constraint) -> tuple[Domain, tuple[Constraint, ...]]:
    known = constraints.get(id(domain))
    return domain, (asked,) if known is None else (*known[1], asked)
