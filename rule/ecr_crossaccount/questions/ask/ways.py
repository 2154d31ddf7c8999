"""The ways in which a statement certainly includes a caller, and those in which it may.

A way is a set of conditions on the caller. The statement includes the caller if all conditions of one way are true. The
Principal element can leave something open: a hole, the unique id of an unknown principal, or a federated session of a
user. This is never a certain way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ...documents.conditions import Base, Condition
from ...documents.document import Effect, Statement
from ...documents.principals import Form, Named, Principals
from ...judgement.conditions.clause import Clause, Roles, clause, entity_arns, hits, like, misses
from .caller import Caller

Way = tuple[Clause, ...]
_Conditions = tuple[Condition, ...]
_WHOEVER: _Conditions = ()


def certain_ways(statement: Statement, caller: Caller, roles: Roles) -> list[Way]:
    """Return the ways in which a statement certainly includes a caller."""
    principals, effect = statement.principals, statement.effect
    if caller.service is not None:
        found = _certain_of_service(principals, caller.service, effect)
    elif principals.negated:
        found = _certainly_left(principals, _own(principals, caller), roles)
    else:
        found = _certainly_named(principals, _own(principals, caller), roles)
    return _ready(found, effect)


def possible_ways(statement: Statement, caller: Caller, roles: Roles) -> list[Way]:
    """Return the ways in which a statement may include a caller. If none of them is true, it certainly does not."""
    principals, effect = statement.principals, statement.effect
    if caller.service is not None:
        found = _possible_of_service(principals, caller.service, effect)
    elif principals.negated:
        found = _possibly_left(principals, _own(principals, caller), effect)
    else:
        found = _possibly_named(principals, _own(principals, caller), roles)
    return _ready(found, effect)


def _ready(found: Iterator[_Conditions], effect: Effect) -> list[Way]:
    return [tuple(map(partial(clause, effect=effect), way)) for way in found]


def _own(principals: Principals, caller: Caller) -> list[Named]:
    """Return the principals of the caller's account that a statement lists."""
    return [entry for entry in principals.named if entry.account == caller.account]


def _is_wild(principals: Principals) -> bool:
    return principals.everyone or principals.any_aws


def _is_whole(own: Sequence[Named]) -> bool:
    return any(entry.form is Form.ACCOUNT for entry in own)


def _certainly_named(principals: Principals, own: Sequence[Named], roles: Roles) -> Iterator[_Conditions]:
    if _is_wild(principals) or _is_whole(own):
        yield _WHOEVER
    else:
        yield from hits(own, roles)


def _possibly_named(principals: Principals, own: Sequence[Named], roles: Roles) -> Iterator[_Conditions]:
    if principals.unknown or principals.ids:
        yield _WHOEVER
        return
    yield from _certainly_named(principals, own, roles)
    if any(entry.form is Form.USER for entry in own):
        yield (like("aws:principaltype", ["FederatedUser"], Base.STRING_EQUALS),)


def _certainly_left(principals: Principals, own: Sequence[Named], roles: Roles) -> Iterator[_Conditions]:
    """Yield the conditions under which NotPrincipal certainly does not name the caller."""
    if not (_is_wild(principals) or _is_whole(own) or principals.unknown or principals.ids):
        yield from misses(own, roles)


def _possibly_left(principals: Principals, own: Sequence[Named], effect: Effect) -> Iterator[_Conditions]:
    """Yield the conditions under which NotPrincipal may not exempt the caller.

    A Deny certainly exempts only a caller whose account, entity and session are listed. So it may always apply.
    """
    if effect is Effect.DENY:
        yield _WHOEVER
    elif not (_is_wild(principals) or _is_whole(own)):
        arns = entity_arns(own)
        yield (like("aws:principalarn", arns, Base.STRING_EQUALS, negated=True),) if arns else _WHOEVER


def _certain_of_service(principals: Principals, name: str, effect: Effect) -> Iterator[_Conditions]:
    listed = principals.everyone or name in principals.services
    if principals.negated:
        doubtful = principals.unknown_services or (principals.any_aws and effect is Effect.DENY)
        if not (listed or doubtful):
            yield _WHOEVER
    elif listed or (principals.any_aws and effect is Effect.ALLOW):
        yield _WHOEVER


def _possible_of_service(principals: Principals, name: str, effect: Effect) -> Iterator[_Conditions]:
    listed = principals.everyone or name in principals.services
    if principals.negated:
        if not listed or (principals.everyone and effect is Effect.DENY):
            yield _WHOEVER
    elif listed or principals.any_aws or principals.unknown_services:
        yield _WHOEVER
