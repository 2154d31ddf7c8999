"""An Allow, and the ways in which its Principal lets the principals of an account in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..policy.document import Effect, Statement
from ..policy.principals import Form, Named
from .clause import Clause, Roles, clause, identity
from .scene import Inside, Route, Sort

ALL_SORTS = (Sort.ROLE, Sort.USER, Sort.FEDERATED, Sort.ROOT)
DIRECT = Route()
Membership = tuple[str | None, bool]
"""An organization, or None, and whether its root and units are ones that no policy names."""

SORTS_OF = {
    Form.ACCOUNT: ALL_SORTS,
    Form.ROLE: (Sort.ROLE,),
    Form.SESSION: (Sort.ROLE,),
    Form.USER: (Sort.USER,),
    Form.FEDERATED: (Sort.FEDERATED,),
}


@dataclass(frozen=True, slots=True, eq=False)
class Allow:
    """An Allow, ready for searching; `perhaps` holds the actions that it allows if its holes are filled so."""

    statement: Statement
    clauses: tuple[Clause, ...]
    actions: int
    perhaps: int


@dataclass(frozen=True, slots=True, eq=False)
class Entrance:
    """One way for AWS principals of an account to match the Allow's Principal; `besides` must not hold of a request."""

    account: str
    sorts: tuple[Sort, ...]
    clauses: tuple[Clause, ...] = ()
    session: str | None = None
    besides: tuple[Clause, ...] = ()


def entrances(entry: Named, roles: Roles) -> Iterator[Entrance]:
    """The ways in for one named principal: a user lets his federated sessions in as well."""
    session = entry.source if entry.form is Form.SESSION else None
    clauses = tuple(clause(condition, Effect.ALLOW) for condition in identity(entry, roles))
    yield Entrance(entry.account, SORTS_OF[entry.form], clauses, session)
    if entry.form is Form.USER:
        yield Entrance(entry.account, (Sort.FEDERATED,))


def taken(insides: Iterable[Inside], named: Iterable[Named]) -> frozenset[str]:
    """Return the accounts and organizations that are not "somebody else": those inside, and those that are named."""
    found = {entry.account for entry in named}
    for inside in insides:
        found.update(inside.accounts, inside.organizations, (path.partition("/")[0] for path in inside.paths))
    return frozenset(found)
