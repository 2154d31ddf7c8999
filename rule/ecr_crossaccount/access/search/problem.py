"""What one kind of request must meet to be a witness."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import partial
from typing import NamedTuple

from ..by_identity import by_identity
from ..conditions.clause import Clause


@by_identity
class DenyPart:
    """One way in which a Deny applies: when all its clauses hold.

    `holed`: part of the Deny is not known yet. A witness for certain must not rely on what it will be.
    """

    clauses: tuple[Clause, ...]
    holed: bool = False

    def whatever(self, variables: AbstractSet[str]) -> DenyPart:
        """The same with the clauses in which none of some policy variables stands: no other is escaped for certain."""
        return DenyPart(tuple([one for one in self.clauses if variables.isdisjoint(one.variables)]), self.holed)


class Problem(NamedTuple):
    """What a request must meet: the clauses of the Allow, what trust leaves outside, the Denies to escape.

    `whole`: the same with the clauses that account and organization have settled. They held for an account with a
    number that nobody knows; a witness shows one.
    """

    allow: tuple[Clause, ...]
    denies: tuple[DenyPart, ...]
    outside: tuple[Clause, ...] = ()
    whole: Problem | None = None

    @property
    def clauses(self) -> list[Clause]:
        """The clauses of the Allow and of the Denies."""
        return [*self.allow, *[one for part in self.denies for one in part.clauses]]

    @property
    def keys(self) -> set[str]:
        """The keys that the clauses ask about, in variables too."""
        return {key for one in (*self.clauses, *self.outside) for key in (one.key, *one.variables)}

    def whatever(self, variables: AbstractSet[str]) -> Problem:
        """The same, met only by requests that escape the Denies whatever some policy variables stand for."""
        return self._replace(denies=tuple([part.whatever(variables) for part in self.denies]))


problem_of = partial(tuple.__new__, Problem)
"""Makes one of its fields, in half the time of NamedTuple's own function."""
