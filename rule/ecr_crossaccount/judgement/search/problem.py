"""The conditions that one kind of request must meet to be a witness."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import partial
from typing import NamedTuple

from ...memo import by_identity
from ..conditions.clause import Clause


@by_identity
class DenyPart:
    """One way in which a Deny applies: if all its clauses are true.

    `holed`: a part of the Deny is unknown. A certain witness must not depend on its value.
    """

    clauses: tuple[Clause, ...]
    holed: bool = False

    def whatever(self, variables: AbstractSet[str]) -> DenyPart:
        """Return the part with only the clauses that use none of these policy variables.

        Only they can be avoided for certain.
        """
        return DenyPart(tuple([one for one in self.clauses if variables.isdisjoint(one.variables)]), self.holed)


class Problem(NamedTuple):
    """What a request must meet: the clauses of the Allow, the clauses that trust excludes, and the Denies to avoid.

    `whole`: the same with the clauses that account and organization have decided. Those were decided for an account
    with an unknown number, but a witness shows a number.
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
        """The keys that the clauses ask about, including those in variables."""
        return {key for one in (*self.clauses, *self.outside) for key in (one.key, *one.variables)}

    def whatever(self, variables: AbstractSet[str]) -> Problem:
        """Return a problem for requests that avoid the Denies whatever the values of these policy variables are."""
        return self._replace(denies=tuple([part.whatever(variables) for part in self.denies]))


problem_of = partial(tuple.__new__, Problem)
"""Makes a Problem from its fields, in half the time of NamedTuple's own constructor."""
