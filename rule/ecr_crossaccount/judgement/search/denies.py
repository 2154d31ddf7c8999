"""Denies: the callers and actions that they certainly apply to, and what is left of them for one kind of request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...documents.conditions import Base, Condition
from ...documents.document import Effect, Form, Named, Principals, Statement
from ...memo import by_identity
from ..conditions.operators import Clause, Mode, Roles, clause, hits, key_condition, misses
from ..context.call import ACTIONS_BY_TAGGING
from ..context.keys import is_of_tags
from ..context.request import Tagging
from ..values import actions
from ..values.trust import TrustLevel
from .constraints import Constraints, DenyPart, problem_of
from .solver import Solver


@by_identity
class Deny:
    """A Deny, or an Allow that must not apply, prepared for the search.

    It certainly denies `actions`. It may deny `perhaps`, depending on the values of its holes.
    """

    statement: Statement
    clauses: tuple[Clause, ...]
    actions: int
    perhaps: int
    holed: bool


def _parts(deny: Deny, ways: Iterable[Sequence[Condition]]) -> Iterator[DenyPart]:
    for way in ways:
        yield DenyPart((*deny.clauses, *(clause(condition, deny.statement.effect) for condition in way)), deny.holed)


def ways_of_deny(deny: Deny, account: str, roles: Roles) -> Iterator[DenyPart]:
    """Yield the ways in which a Deny certainly applies to AWS principals of an account.

    For an Allow that must not apply, also yield the ways in which it may apply, as `holed`.
    """
    principals = deny.statement.principals
    own = [entry for entry in principals.named if entry.account == account]
    whole = any(entry.form is Form.ACCOUNT for entry in own)
    if deny.statement.effect is Effect.ALLOW and not whole:
        yield from _perhaps(deny, own)
    if principals.negated:
        if not (principals.is_wild or whole):
            holed = deny.holed or bool(principals.unknown or principals.ids)
            yield from _parts(replace(deny, holed=holed), misses(own, roles))
    elif principals.is_wild or whole:
        yield DenyPart(deny.clauses, deny.holed)
    else:
        if principals.unknown:
            yield DenyPart(deny.clauses, holed=True)
        yield from _parts(deny, hits(own, roles))


def _perhaps(allow: Deny, own: Iterable[Named]) -> Iterator[DenyPart]:
    """Yield the ways in which an Allow may include principals of an account.

    The Allow names the account only in part, or not at all.
    """
    principals = allow.statement.principals
    if principals.negated or principals.ids:
        yield DenyPart(allow.clauses, holed=True)
    elif any(entry.form is Form.USER for entry in own):
        started = clause(key_condition("aws:principaltype", ["FederatedUser"], Base.STRING_EQUALS), Effect.ALLOW)
        yield DenyPart((*allow.clauses, started), holed=True)


def exempt(principals: Principals, account: str, roles: Roles) -> Iterator[DenyPart]:
    """Yield the principals that NotPrincipal excludes from an Allow, in the form of a Deny."""
    own = [entry for entry in principals.named if entry.account == account]
    if any(entry.form is Form.ACCOUNT for entry in own):
        yield DenyPart(())
    for way in hits(own, roles):
        yield DenyPart(tuple(clause(condition, Effect.DENY) for condition in way))
    if principals.unknown:
        yield DenyPart((), holed=True)


def against_service(deny: Deny, name: str) -> Iterator[DenyPart]:
    """Yield the ways in which a Deny certainly applies to a service. It is uncertain whether `{"AWS": "*"}` does."""
    principals = deny.statement.principals
    listed = principals.everyone or name in principals.services
    if principals.negated:
        if not (listed or (principals.any_aws and deny.statement.effect is Effect.DENY)):
            yield DenyPart(deny.clauses, deny.holed or bool(principals.unknown_services))
    elif listed or principals.unknown_services:
        yield DenyPart(deny.clauses, deny.holed or not listed)


def left_of(solver: Solver, whole: Constraints) -> Constraints | None:
    """Return what is left to meet after account and organization are decided.

    Returns None if they already decide against it.
    """
    solver.cache.budget.spend(1 + (len(whole.allow) + len(whole.denies)) // 3)
    allow = _left_to_hold(solver, whole.allow)
    denies = None if allow is None else _left_to_escape(solver, whole.denies)
    return None if allow is None or denies is None else problem_of((allow, denies, (), whole))


def _left_to_hold(solver: Solver, clauses: Iterable[Clause]) -> tuple[Clause, ...] | None:
    """Return the clauses of an Allow that account and organization do not decide.

    Returns None if they decide that a clause is not met.
    """
    left: list[Clause] = []
    for one in clauses:
        given = solver.early(one)
        if given is None:
            left.append(one)
        elif not solver.hold.met_by(given):
            return None
    return tuple(left)


def _left_to_escape(solver: Solver, parts: Iterable[DenyPart]) -> tuple[DenyPart, ...] | None:
    """Return the parts of Denies that account and organization do not decide.

    Returns None if one of the Denies certainly applies.
    """
    left: list[DenyPart] = []
    for part in parts:
        clauses = _remaining_clauses(solver, part) if solver.cache.is_early(part) else part.clauses
        if clauses is None:
            continue
        if not clauses:
            return None
        left.append(part if len(clauses) == len(part.clauses) else DenyPart(clauses, part.holed))
    return tuple(left)


def _remaining_clauses(solver: Solver, part: DenyPart) -> tuple[Clause, ...] | None:
    """Return the clauses of a Deny that are not decided yet, or None if it cannot apply."""
    left: list[Clause] = []
    for one in part.clauses:
        given = solver.early(one)
        if given is None:
            left.append(one)
        elif solver.escape(one).met_by(given):
            return None
    return tuple(left)


class ActionClass(NamedTuple):
    """Actions with the same result, and what decides it. `circle` is the index of the circle of trust."""

    actions: int
    circle: int
    denies: tuple[Deny, ...]
    tagging: Tagging


def action_classes(
    mask: int, circles: Sequence[TrustLevel], denies: Sequence[Deny], clauses: Iterable[Clause], mode: Mode
) -> Iterator[ActionClass]:
    """Split the actions of an Allow into sets with the same trust, the same Denies and the same tags on the call.

    In mode MAY, a Deny counts for the actions that it certainly denies. In mode MUST, it counts for all actions that it
    may deny, so that no witness depends on the value of a hole.
    """
    every = (*clauses, *[one for deny in denies for one in deny.clauses])
    of_tags = any(map(is_of_tags, {key for one in every for key in (one.key, *one.variables)}))
    sets: dict[int, int] = {}
    for rank, part in actions.split(mask):
        place = circles.index(circles[rank])
        sets[place] = sets.get(place, 0) | part
    pieces: list[_Piece] = [(part, place, ()) for place, part in sets.items()]
    for deny in denies:
        pieces = _cut(pieces, deny, mode)
    for part, place, hit in pieces:
        for tagging, only in (ACTIONS_BY_TAGGING if of_tags else _NO_TAGS).items():
            if part & only:
                yield ActionClass(part & only, place, hit, tagging)


_Piece = tuple[int, int, tuple[Deny, ...]]
"""A set of actions, the index of its trust, and the Denies that count for it."""
_NO_TAGS = {Tagging.NONE: -1}


def _cut(pieces: Iterable[_Piece], deny: Deny, mode: Mode) -> list[_Piece]:
    """Split each set into the part that a Deny counts for, and the rest."""
    reach = deny.actions if mode is Mode.MAY else deny.perhaps
    found: list[_Piece] = []
    for part, place, hit in pieces:
        if part & reach:
            found.append((part & reach, place, (*hit, deny)))
        if part & ~reach:
            found.append((part & ~reach, place, hit))
    return found
