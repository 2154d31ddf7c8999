"""Parts of statements: an Allow split by its principals, what one statement implies about another, and what both match.

A value that is unknown in a request is the same for both policies. So a condition that is in both policies leaves no
doubt about the difference, even if each policy alone is undecided because of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ...documents.conditions import Base, Condition, Operator, Value
from ...documents.document import EVERYONE, Actions, Document, Effect, Form, Named, Principals, Statement
from ...documents.pattern import Holed, Pattern, Text
from ...judgement.conditions.operators import (
    Clause,
    Mode,
    Roles,
    clause,
    hits,
    identity,
    key_condition,
    misses,
    named_roles,
)
from ...judgement.search.constraints import Allow
from ...judgement.search.denies import Deny
from ...memo import by_value, looked_up

_ANY_ACTION = -1


def left_of(one: Deny, held: Sequence[Statement]) -> Deny | None:
    """Return the part of a Deny that is still open if the `held` statements apply.

    `one` may also be an Allow that must not apply. Returns None if it is uncertain whether it applies at all, for
    example because of an empty condition, and the `held` statements do not settle this.
    """
    statement = one.statement
    alike = [other for other in held if other.effect is statement.effect]
    if statement.empty_condition and not any(_holds_with(other, statement) for other in alike):
        return None
    certain = one.holed and any(other.holes == statement.holes and _holds_with(other, statement) for other in alike)
    if any(covers(statement, other) for other in alike):
        statement = statement._replace(principals=EVERYONE)
    # A Deny of a resource control policy is split by actions, which its statement does not show.
    is_split = statement.document is Document.RESOURCE_CONTROL
    done = not is_split and any(_includes(statement.actions, other.actions) for other in held)
    conditions = [(condition, other.effect) for other in held for condition in other.conditions]
    clauses = tuple([clause for clause in one.clauses if not _is_implied(clause, conditions)])
    holed = one.holed and not certain
    if done:
        return replace(one, statement=statement, clauses=clauses, actions=_ANY_ACTION, perhaps=_ANY_ACTION, holed=holed)
    return replace(one, statement=statement, clauses=clauses, holed=holed)


def is_certain(one: Deny) -> bool:
    """Return whether a Deny applies to every request."""
    everybody = one.statement.principals == EVERYONE
    return everybody and not (one.clauses or one.holed) and one.actions == _ANY_ACTION


def says_the_same(one: Statement, other: Statement) -> bool:
    """Return whether two statements apply to the same requests. Order, statement numbers and Sids do not matter."""
    return (
        one.effect is other.effect
        and (one.document is Document.RESOURCE_CONTROL) is (other.document is Document.RESOURCE_CONTROL)
        and one.empty_condition == other.empty_condition
        and one.holes == other.holes
        and one.resources == other.resources
        and one.principals.negated == other.principals.negated
        and set(_atoms(one.principals)) == set(_atoms(other.principals))
        and one.actions.negated == other.actions.negated
        and set(_fold_patterns(one.actions)) == set(_fold_patterns(other.actions))
        and {_normal(condition) for condition in one.conditions}
        == {_normal(condition) for condition in other.conditions}
    )


def _holds_with(held: Statement, other: Statement) -> bool:
    """Return whether `held` has the same uncertain form as `other`, and the same conditions or more."""
    mine = {_normal(condition) for condition in held.conditions}
    alike = held.empty_condition == other.empty_condition and held.resources == other.resources
    return alike and all(_normal(one) in mine for one in other.conditions)


# --- conditions ---


def _is_implied(clause: Clause, conditions: Iterable[tuple[Condition, Effect]]) -> bool:
    """Return whether a clause is true if all of `conditions` are. Each has the effect of its statement."""
    return any(
        _implies(condition, clause.condition)
        for condition, effect in conditions
        # The effect decides whether a negated condition matches a variable without a value.
        if effect is clause.effect or not (clause.condition.operator.negated and _has_variables(clause.condition))
    )


def _implies(held: Condition, other: Condition) -> bool:
    if held.name != other.name or _bare(held.operator) != _bare(other.operator):
        return False
    mine, theirs = set(held.values), set(other.values)
    if not mine or not theirs:
        return mine == theirs
    return theirs <= mine if held.operator.negated else mine <= theirs


def _has_variables(condition: Condition) -> bool:
    return any(isinstance(value, Pattern) and value.variables for value in condition.values)


@looked_up(most=1024)
def _bare(operator: Operator) -> Operator:
    return replace(operator, source="")


def _normal(condition: Condition) -> tuple[str, Operator, frozenset[Value]]:
    return condition.name, _bare(condition.operator), frozenset(condition.values)


def splits(clause: Clause) -> Iterator[Condition]:
    """Yield a condition for each value of a clause that needs only one of its values.

    Yield nothing for other clauses.
    """
    condition = clause.condition
    operator = condition.operator
    single = operator.quantifier is None or operator.quantifier.value == "ForAnyValue"
    if single and not operator.negated and operator.base is not Base.NULL and len(condition.values) > 1:
        yield from (replace(condition, values=(value,)) for value in condition.values)


# --- actions ---


def _fold_patterns(actions: Actions) -> tuple[Text, ...]:
    return tuple(text.lower() if isinstance(text, str) else text for text in actions.patterns)


def _includes(outer: Actions, inner: Actions) -> bool:
    """Return whether `outer` names every action that `inner` names. This compares only the text."""
    mine, theirs = set(_fold_patterns(outer)), set(_fold_patterns(inner))
    if not outer.negated and not mine.isdisjoint({"*", "*:*"}):
        return True
    if outer.negated is not inner.negated:
        return False
    return mine <= theirs if outer.negated else theirs <= mine


# --- principals ---


Atom = tuple[str, object]
"""One entry of a Principal element: its type, and what it names in a form that does not depend on the spelling."""


def _atoms(principals: Principals) -> Iterator[Atom]:
    if principals.everyone:
        yield "*", "*"
    if principals.any_aws:
        yield "AWS", "*"
    yield from (("named", _entry_key(entry)) for entry in principals.named)
    yield from (("service", name) for name in principals.services)
    yield from (("id", identifier.id) for identifier in principals.ids)
    yield from (("unknown", text) for text in principals.unknown)
    yield from (("unknown service", text) for text in principals.unknown_services)


def _entry_key(entry: Named) -> object:
    return entry.account if entry.form is Form.ACCOUNT else entry.source


def covers(outer: Statement, inner: Statement) -> bool:
    """Return whether `outer` applies to all principals that `inner` applies to. This compares only the text.

    Both must have the same effect.
    """
    mine, theirs = outer.principals, inner.principals
    everybody = mine.everyone or (mine.any_aws and outer.effect is Effect.ALLOW)
    if mine.negated or theirs.negated:
        fewer = mine.negated and theirs.negated and set(_atoms(mine)) <= set(_atoms(theirs))  # fewer exceptions
        return fewer or (everybody and not mine.negated)
    if everybody:
        return True
    listed = set(_atoms(mine))
    accounts = {entry.account for entry in mine.named if entry.form is Form.ACCOUNT}
    every = list(_atoms(theirs))
    of_aws = {"AWS", "named", "id"} if mine.any_aws else set()
    within = {("named", _entry_key(entry)) for entry in theirs.named if entry.account in accounts}
    return all(one in listed or one in within or one[0] in of_aws for one in every)


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
        parts = [part._replace(principals=each) for part in parts for each in _principals(statement.principals)]
    if not statement.actions.negated:
        parts = [part._replace(actions=each) for part in parts for each in _actions(statement.actions)]
    return parts


def _principals(principals: Principals) -> list[Principals]:
    users = [entry for entry in principals.named if entry.form is Form.USER]
    alone = [
        *(Principals(named=(entry,)) for entry in users),
        *(Principals(ids=(identifier,)) for identifier in principals.ids),
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


@by_value
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
    served = _shared_services(allow.statement.principals, denied, mode)
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
        yield (key_condition(_ACCOUNT, whole, Base.STRING_EQUALS),), None
    sessions = [entry for entry in denied.named if entry.form is Form.SESSION]
    yield from ((way, None) for way in hits([entry for entry in denied.named if entry not in sessions], roles))
    yield from ((identity(entry, roles), entry.source) for entry in sessions)
    started = [entry.account for entry in denied.named if entry.form is Form.USER]
    if started and mode is Mode.MAY:
        of_users = key_condition(_ACCOUNT, dict.fromkeys(started), Base.STRING_EQUALS)
        yield (key_condition(_TYPE, ["FederatedUser"], Base.STRING_EQUALS), of_users), None


def _besides(denied: Principals, mode: Mode, roles: Roles) -> Iterator[Sequence[Condition]]:
    """Yield the conditions under which a Deny with NotPrincipal applies to AWS principals."""
    if denied.is_wild:
        return
    whole = [entry.account for entry in denied.named if entry.form is Form.ACCOUNT]
    others = [key_condition(_ACCOUNT, whole, Base.STRING_EQUALS, negated=True)] if whole else []
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
    others = [key_condition(_ARN, users, Base.STRING_EQUALS, negated=True)] if users else []
    yield from ((*others, *way) for way in misses(exempt, roles))


def _shared_services(allowed: Principals, denied: Principals, mode: Mode) -> Principals | None:
    """Return the services that an Allow allows and a Deny applies to, or None if there are none."""
    perhaps = mode is Mode.MAY and bool(denied.unknown_services or denied.any_aws)
    hit: tuple[str, ...] | None
    if denied.negated:
        hit = None if not denied.everyone and (perhaps or not (denied.any_aws or denied.unknown_services)) else ()
        spared: Iterable[str] = denied.services
    else:
        hit, spared = (None if perhaps else denied.services), ()
    if allowed.admits_anyone:
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
