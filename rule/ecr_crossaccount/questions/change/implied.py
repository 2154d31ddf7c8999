"""What one statement implies about another: if the first applies to a request, part of the second is known.

A value that is unknown in a request is the same for both policies. So a condition that is in both policies leaves no
doubt about the difference, even if each policy alone is undecided because of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ...documents.conditions import Base, Condition, Operator, Value
from ...documents.document import Actions, Document, Effect, Statement
from ...documents.holes import Text
from ...documents.pattern import Pattern
from ...documents.principals import EVERYONE, Form, Named, Principals
from ...judgement.conditions.clause import Clause
from ...judgement.search.denies import Deny
from ...memo.looked_up import looked_up

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
        and set(_folded(one.actions)) == set(_folded(other.actions))
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


def _folded(actions: Actions) -> tuple[Text, ...]:
    return tuple(text.lower() if isinstance(text, str) else text for text in actions.patterns)


def _includes(outer: Actions, inner: Actions) -> bool:
    """Return whether `outer` names every action that `inner` names. This compares only the text."""
    mine, theirs = set(_folded(outer)), set(_folded(inner))
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
    yield from (("named", _named(entry)) for entry in principals.named)
    yield from (("service", name) for name in principals.services)
    yield from (("id", one.id) for one in principals.ids)
    yield from (("unknown", text) for text in principals.unknown)
    yield from (("unknown service", text) for text in principals.unknown_services)


def _named(entry: Named) -> object:
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
    within = {("named", _named(entry)) for entry in theirs.named if entry.account in accounts}
    return all(one in listed or one in within or one[0] in of_aws for one in every)
