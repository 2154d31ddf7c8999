"""Parts of statements: an Allow split by its principals, and the requests that an Allow and a Deny share."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...documents.conditions import Base, Condition
from ...documents.document import Actions, Effect, Statement
from ...documents.holes import Holed, Text
from ...documents.principals import Form, Principals
from ...judgement.conditions.clause import Clause, Roles, clause, hits, identity, like, misses, named_roles
from ...judgement.conditions.operators import Mode
from ...judgement.search.denies import Deny
from ...judgement.search.principal_match import Allow
from .implied import splits

_ACCOUNT, _ARN, _TYPE = "aws:principalaccount", "aws:principalarn", "aws:principaltype"
_MOST_SPLITS = 16
"""The most statements into which the values of conditions split one statement."""


# --- an Allow, split into parts ---


def parts_of(statement: Statement) -> list[Statement]:
    """Split a statement so that entries that can only be compared by their text are in parts of their own.

    Such entries are users (a request of a federated session does not show its user), unique ids, and values that are
    not known yet. Together, the parts mean the same as the statement.
    """
    parts = [statement]
    if not statement.principals.negated:
        parts = [one._replace(principals=each) for one in parts for each in _principals(statement.principals)]
    if not statement.actions.negated:
        parts = [one._replace(actions=each) for one in parts for each in _actions(statement.actions)]
    return parts


def _principals(principals: Principals) -> list[Principals]:
    users = [entry for entry in principals.named if entry.form is Form.USER]
    alone = [
        *(Principals(named=(entry,)) for entry in users),
        *(Principals(ids=(one,)) for one in principals.ids),
        *(Principals(unknown=(text,)) for text in principals.unknown),
        *(Principals(unknown_services=(text,)) for text in principals.unknown_services),
    ]
    if not alone:
        return [principals]
    named = tuple([entry for entry in principals.named if entry.form is not Form.USER])
    rest = principals._replace(named=named, ids=(), unknown=(), unknown_services=())
    return [*alone, *([rest] if rest != Principals() else [])]


def _actions(actions: Actions) -> list[Actions]:
    holed: list[Text] = [text for text in actions.patterns if isinstance(text, Holed)]
    if not holed:
        return [actions]
    rest = tuple(text for text in actions.patterns if text not in holed)
    alone = [Actions(negated=False, patterns=(text,)) for text in holed]
    return [*alone, *([Actions(negated=False, patterns=rest)] if rest else [])]


def by_values(statement: Statement, clauses: Sequence[Clause]) -> list[Statement]:
    """Split a statement by the values of its conditions.

    Return it alone if nothing is split, or if there are too many parts.
    """
    ways = [list(splits(one)) or [one.condition] for one in clauses]
    count = 1
    for way in ways:
        count *= len(way)
    if not 1 < count <= _MOST_SPLITS:
        return [statement]
    return [statement._replace(conditions=tuple(chosen)) for chosen in itertools.product(*ways)]


# --- the requests that an Allow and a Deny share ---


@dataclass(frozen=True, slots=True)
class Overlap:
    """The requests that an Allow matches and a Deny of another policy matches too, as an Allow.

    `people`, `services`: the callers that it covers. A result about other callers does not count. `session`: the ARN of
    the session that the Deny names, if it names one.
    """

    allow: Allow
    people: bool
    services: bool
    session: str | None = None


def overlaps(allow: Allow, deny: Deny, mode: Mode, roles: Roles) -> Iterator[Overlap]:
    """Yield the requests that an Allow and a Deny share.

    In mode MUST, these certainly match both. In mode MAY, they include every request that may match both.
    """
    if mode is Mode.MUST and (deny.holed or deny.statement.empty_condition):
        return
    both = replace(
        allow,
        clauses=(*allow.clauses, *deny.clauses),
        actions=allow.actions & deny.actions,
        perhaps=allow.perhaps & deny.perhaps,
    )
    if not (both.actions if mode is Mode.MUST else both.perhaps):
        return
    denied = deny.statement.principals
    if denied.everyone and not denied.negated:
        yield Overlap(both, people=True, services=True)
        return
    for way, session in _ways(denied, mode, roles):
        added = tuple([clause(condition, Effect.DENY) for condition in way])
        yield Overlap(replace(both, clauses=(*both.clauses, *added)), people=True, services=False, session=session)
    served = _served(allow.statement.principals, denied, mode)
    if served is not None:
        statement = allow.statement._replace(principals=served)
        yield Overlap(replace(both, statement=statement), people=False, services=True)


_Way = tuple[Sequence[Condition], str | None]


def _ways(denied: Principals, mode: Mode, roles: Roles) -> Iterator[_Way]:
    """Yield the ways in which a Deny applies to AWS principals: the conditions, and the session if it is one."""
    if denied.negated:
        yield from ((way, None) for way in _besides(denied, mode, roles))
        return
    if denied.any_aws or (mode is Mode.MAY and (denied.ids or denied.unknown)):
        yield (), None
        return
    whole = [entry.account for entry in denied.named if entry.form is Form.ACCOUNT]
    if whole:
        yield (like(_ACCOUNT, whole, Base.STRING_EQUALS),), None
    sessions = [entry for entry in denied.named if entry.form is Form.SESSION]
    yield from ((way, None) for way in hits([entry for entry in denied.named if entry not in sessions], roles))
    yield from ((identity(entry, roles), entry.source) for entry in sessions)
    started = [entry.account for entry in denied.named if entry.form is Form.USER]
    if started and mode is Mode.MAY:
        of_users = like(_ACCOUNT, dict.fromkeys(started), Base.STRING_EQUALS)
        yield (like(_TYPE, ["FederatedUser"], Base.STRING_EQUALS), of_users), None


def _besides(denied: Principals, mode: Mode, roles: Roles) -> Iterator[Sequence[Condition]]:
    """Yield the conditions under which a Deny with NotPrincipal applies to AWS principals."""
    if denied.everyone or denied.any_aws:
        return
    whole = [entry.account for entry in denied.named if entry.form is Form.ACCOUNT]
    others = [like(_ACCOUNT, whole, Base.STRING_EQUALS, negated=True)] if whole else []
    if mode is Mode.MAY:
        yield from _not_exempt(denied, whole, roles)
    elif not (denied.ids or denied.unknown):
        entities = [entry for entry in denied.named if entry.form is not Form.ACCOUNT]
        yield from ((*others, *way) for way in misses(entities, roles))


def _not_exempt(denied: Principals, accounts: Sequence[str], roles: Roles) -> Iterator[Sequence[Condition]]:
    """Yield the conditions under which NotPrincipal does not certainly exempt a caller.

    It exempts a caller for certain only if account, entity and session are all listed.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    own = [entry for entry in denied.named if entry.account in accounts]
    listed = named_roles(own)
    users = [entry.source for entry in own if entry.form is Form.USER]
    sessions = [entry for entry in own if entry.form is Form.SESSION]
    exempt = [entry for entry in sessions if (entry.account, entry.name.rpartition("/")[0]) in listed]
    others = [like(_ARN, users, Base.STRING_EQUALS, negated=True)] if users else []
    yield from ((*others, *way) for way in misses(exempt, roles))


def _served(allowed: Principals, denied: Principals, mode: Mode) -> Principals | None:
    """Return the services that an Allow allows and a Deny applies to, or None if there are none."""
    perhaps = mode is Mode.MAY and bool(denied.unknown_services or denied.any_aws)
    hit: tuple[str, ...] | None
    if denied.negated:
        hit = None if not denied.everyone and (perhaps or not (denied.any_aws or denied.unknown_services)) else ()
        spared: Iterable[str] = denied.services
    else:
        hit, spared = (None if perhaps else denied.services), ()
    if allowed.negated or allowed.everyone or allowed.any_aws:
        excepted = {*spared, *(allowed.services if allowed.negated else ())}
        if allowed.negated and allowed.everyone:
            return None
        if hit is None:
            return Principals(negated=True, any_aws=True, services=tuple(sorted(excepted)))
        names = tuple([name for name in hit if name not in excepted])
    else:
        names = tuple([name for name in allowed.services if (hit is None or name in hit) and name not in spared])
        if allowed.unknown_services and mode is Mode.MAY:
            return Principals(services=names, unknown_services=allowed.unknown_services)
    return Principals(services=names) if names else None
