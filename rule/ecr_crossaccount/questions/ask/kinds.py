"""The kinds of requests that a caller can send, as far as a policy distinguishes them, and whom a statement includes.

A way is a set of conditions on the caller. The statement includes the caller if all conditions of one way are true. The
Principal element can leave something open: a hole, the unique id of an unknown principal, or a federated session of a
user. This is never a certain way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from ...documents.conditions import Base, Condition
from ...documents.document import Effect, Form, Named, Principals, Statement, is_account
from ...judgement.conditions.operators import (
    Clause,
    Mode,
    Roles,
    clause,
    entity_arns,
    hits,
    identity,
    key_condition,
    misses,
)
from ...judgement.context.keys import depends_on_type
from ...judgement.context.request import (
    SOME_ORGANIZATION,
    NamedIdentities,
    PrincipalRequest,
    RepositoryContext,
    RequestKind,
    ServiceRequest,
    Tagging,
    TrustedIdentities,
)
from ...judgement.patterns.automaton import Budget
from ...judgement.search.callers import possible_paths
from ...judgement.search.candidates import (
    CALLERS,
    FRESH_ACCOUNT,
    FRESH_ORGANIZATION,
    SOURCES,
    account_classes,
    bearing,
    named_accounts,
    named_organizations,
    organization_classes,
    tell_accounts_apart,
    tell_organizations_apart,
)
from ...judgement.search.constraints import Membership
from ...memo import by_value
from .question import Caller, Given

_ALONE: Membership = (None, True)
_FRESH: tuple[Membership, ...] = (_ALONE, (FRESH_ORGANIZATION, True))
_ACCOUNT_FIELD = 4


class Kinds(NamedTuple):
    """The kinds of requests that a search in each mode tries.

    `complete`: no other kind would have a different result.
    """

    by_mode: Mapping[Mode, tuple[RequestKind, ...]]
    complete: bool


@by_value
class QuestionContext:
    """The context of a caller's requests: a repository, the keys that a question fixes, and the relevant clauses.

    `asked` has the keys of these clauses, and the keys in their policy variables.
    """

    repository: RepositoryContext
    given: Given
    clauses: tuple[Clause, ...]
    asked: frozenset[str]
    tagging: Tagging
    budget: Budget

    def mentions(self, keys: frozenset[str]) -> bool:
        """Return whether the statements or the question mention any of the keys."""
        return not keys.isdisjoint(self.asked | self.given.keys)


def clauses_of(caller: Caller, roles: Roles) -> tuple[Clause, ...]:
    """Return the clauses that are true for every request of one AWS principal, because they identify it."""
    if caller.named is None:
        return ()
    return tuple(clause(condition, Effect.ALLOW) for condition in identity(caller.named, roles))


def kinds_of(caller: Caller, scene: QuestionContext) -> Kinds:
    """Return the kinds of requests that a caller can send."""
    if caller.service is not None:
        return _of_service(caller.service, scene)
    assert caller.account is not None, "who is not a service has an account"
    kinds = {mode: tuple(_of_principal(caller, caller.account, scene, mode)) for mode in Mode}
    return Kinds(kinds, complete=not (caller.is_anyone and _tells_apart(scene)))


def _tells_apart(scene: QuestionContext) -> bool:
    """Return whether wildcards in the policy distinguish between callers that it does not name."""
    accounts = tell_accounts_apart(scene.clauses, scene.repository.partition)
    return accounts or tell_organizations_apart(scene.clauses)


# --- AWS principals ---


def _of_principal(caller: Caller, account: str, scene: QuestionContext, mode: Mode) -> Iterator[PrincipalRequest]:
    owner, own = scene.repository.owner, scene.repository.organization
    apart = any(map(depends_on_type, scene.asked | scene.given.keys))
    organizations = _organizations(scene)
    trusted = TrustedIdentities() if account == owner else TrustedIdentities((owner,), (own,) if own else ())
    for principal_type in caller.types if apart else caller.types[:1]:
        for organization, fresh in _memberships(caller, scene, organizations):
            for path in possible_paths(scene.mentions, mode):
                yield PrincipalRequest(
                    scene.repository,
                    account,
                    organization,
                    fresh,
                    principal_type,
                    path,
                    scene.tagging,
                    trusted,
                    organizations,
                )


def _organizations(scene: QuestionContext) -> NamedIdentities:
    own = scene.repository.organization
    named = named_organizations(bearing(scene.clauses, CALLERS.organizations))
    return NamedIdentities(organizations=tuple(dict.fromkeys([*named, *([own] if own else [])])))


def _memberships(caller: Caller, scene: QuestionContext, named: NamedIdentities) -> Sequence[Membership]:
    said = _given_membership(scene, "aws:principalorgid", "aws:principalorgpaths")
    if said is not None:
        return said
    if not scene.mentions(CALLERS.organizations):
        return (_ALONE,)
    if caller.is_anyone:
        return _FRESH
    if caller.account == scene.repository.owner and scene.repository.organization:
        return ((scene.repository.organization, False),)
    some = [SOME_ORGANIZATION] if tell_organizations_apart(scene.clauses) else []
    return [*_FRESH, *((name, False) for name in [*named.organizations, FRESH_ORGANIZATION, *some])]


def _given_membership(scene: QuestionContext, of_id: str, of_paths: str) -> Sequence[Membership] | None:
    """Return the one organization that a question gives, or that there is none. Return None if it gives neither."""
    for key in (of_id, of_paths):
        if key in scene.given.keys:
            values = scene.given.get(key)
            return (_ALONE,) if not values else ((values[0].partition("/")[0], False),)
    return None


# --- services ---


def _of_service(name: str, scene: QuestionContext) -> Kinds:
    accounts, all_accounts = _sources(scene)
    organizations, all_organizations = _source_organizations(scene)
    owner, own = scene.repository.owner, scene.repository.organization
    found = tuple(
        ServiceRequest(scene.repository, name, account, organization, fresh, scene.tagging)
        for account in accounts
        for organization, fresh in (((own, False),) if own and account == owner else organizations)
    )
    return Kinds(dict.fromkeys(Mode, found), all_accounts and all_organizations)


def _sources(scene: QuestionContext) -> tuple[Sequence[str], bool]:
    """Return the accounts that a service may act for, and whether no other account would have a different result."""
    said = _said_source(scene.given.get)
    if said is not None:
        return (said,), True
    if not scene.mentions(SOURCES.accounts):
        return (FRESH_ACCOUNT,), True
    clauses, owner = bearing(scene.clauses, SOURCES.accounts), scene.repository.owner
    sampled = account_classes(clauses, SOURCES, (owner,), scene.repository.partition, scene.budget)
    return list(dict.fromkeys([FRESH_ACCOUNT, owner, *named_accounts(clauses), *sampled.names])), sampled.complete


def _said_source(get: Callable[[str], tuple[str, ...] | None]) -> str | None:
    """Return the account that a service acts for, if the question gives it."""
    for account in get("aws:sourceaccount") or ():
        return account
    for arn in get("aws:sourcearn") or ():
        fields = arn.split(":")
        if len(fields) > _ACCOUNT_FIELD and is_account(fields[_ACCOUNT_FIELD]):
            return fields[_ACCOUNT_FIELD]
    return None


def _source_organizations(scene: QuestionContext) -> tuple[Sequence[Membership], bool]:
    said = _given_membership(scene, "aws:sourceorgid", "aws:sourceorgpaths")
    if said is not None:
        return said, True
    if not scene.mentions(SOURCES.organizations):
        return (_ALONE,), True
    clauses, own = bearing(scene.clauses, SOURCES.organizations), scene.repository.organization
    sampled = organization_classes(clauses, SOURCES, (own,) if own else (), scene.budget)
    named = dict.fromkeys([*named_organizations(clauses), *([own] if own else []), *sampled.names, FRESH_ORGANIZATION])
    return [*_FRESH, *((name, False) for name in named)], sampled.complete


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
    return [entry for entry in principals.named if entry.account == caller.account]


def _is_whole(own: Sequence[Named]) -> bool:
    return any(entry.form is Form.ACCOUNT for entry in own)


def _certainly_named(principals: Principals, own: Sequence[Named], roles: Roles) -> Iterator[_Conditions]:
    if principals.is_wild or _is_whole(own):
        yield _WHOEVER
    else:
        yield from hits(own, roles)


def _possibly_named(principals: Principals, own: Sequence[Named], roles: Roles) -> Iterator[_Conditions]:
    if principals.unknown or principals.ids:
        yield _WHOEVER
        return
    yield from _certainly_named(principals, own, roles)
    if any(entry.form is Form.USER for entry in own):
        yield (key_condition("aws:principaltype", ["FederatedUser"], Base.STRING_EQUALS),)


def _certainly_left(principals: Principals, own: Sequence[Named], roles: Roles) -> Iterator[_Conditions]:
    """Yield the conditions under which NotPrincipal certainly does not name the caller."""
    if not (principals.is_wild or _is_whole(own) or principals.unknown or principals.ids):
        yield from misses(own, roles)


def _possibly_left(principals: Principals, own: Sequence[Named], effect: Effect) -> Iterator[_Conditions]:
    """Yield the conditions under which NotPrincipal may not exempt the caller.

    A Deny certainly exempts only a caller whose account, entity and session are listed. So it may always apply.
    """
    if effect is Effect.DENY:
        yield _WHOEVER
    elif not (principals.is_wild or _is_whole(own)):
        arns = entity_arns(own)
        yield (key_condition("aws:principalarn", arns, Base.STRING_EQUALS, negated=True),) if arns else _WHOEVER


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
