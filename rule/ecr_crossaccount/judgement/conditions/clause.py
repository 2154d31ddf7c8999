"""Conditions prepared for the search, and the conditions that Principal elements add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from decimal import Decimal
from typing import assert_never

from ...documents.conditions import Base, Condition, Operator, Quantifier
from ...documents.document import Effect, Form, Named, Principals
from ...documents.pattern import Hole, Holed, Pattern, Variable, pattern
from ...memo import by_identity
from ..patterns.automaton import Budget
from ..patterns.comparisons import Lookup, Test, Unknown, as_it_stands, resolve


@by_identity
class Clause:
    """One condition of a statement. `test` is None if policy variables must be replaced first."""

    condition: Condition
    effect: Effect
    test: Test | None
    variables: tuple[str, ...]
    holed: bool
    key: str
    """The key that the condition tests, in lower case."""
    texts: tuple[str, ...]
    """The strings and numbers in the condition, because both may be accounts. It has no dates or addresses."""
    filled: dict[tuple[str | Unknown | None, ...], Test] = field(default_factory=dict)
    """The condition for each combination of values of its policy variables, as far as it was needed."""


def for_request(one: Clause, lookup: Lookup, budget: Budget | None = None) -> Test:
    """Return a clause's condition for one request, with the values of its policy variables."""
    if one.test is not None:
        return one.test
    values = tuple(map(lookup, one.variables))
    known = one.filled.get(values)
    if known is None:
        if budget is not None:
            budget.spend(1 + len(one.condition.values))
        known = one.filled[values] = resolve(one.condition, lookup, one.effect)
    return known


def clause(condition: Condition, effect: Effect) -> Clause:
    """Prepare a condition for the search."""
    names: list[str] = []
    texts: list[str] = []
    holed = False
    for value in condition.values:
        if isinstance(value, Pattern):
            texts.append(value.source)
            for part in value.parts:
                if isinstance(part, str):
                    continue
                if isinstance(part, Variable):
                    names.append(part.key)
                elif isinstance(part, Hole):
                    holed = True
        elif isinstance(value, Decimal):
            texts.append(str(value))
        else:
            holed = holed or isinstance(value, Holed)
    test = None if names else as_it_stands(condition)
    return Clause(condition, effect, test, tuple(names), holed, condition.name, tuple(texts))


def key_condition(
    key: str,
    patterns: Iterable[str],
    base: Base = Base.STRING_LIKE,
    *,
    negated: bool = False,
    quantifier: Quantifier | None = None,
) -> Condition:
    """Return the condition that a key's value matches one of the patterns, or none of them if `negated`.

    `quantifier` is the set operator for a key with several values.
    """
    operator = Operator(base, negated, quantifier=quantifier, source=base.value)
    wild = base in (Base.STRING_LIKE, Base.ARN_LIKE)
    values = tuple([pattern(text, wild=wild, variables=False) for text in patterns])
    return Condition(operator, key, key, values)


_ARN, _ID, _SORT = "aws:principalarn", "aws:userid", "aws:principaltype"


Roles = Mapping[tuple[str, str], tuple[str, ...]]
"""The ARNs of the roles that the policy names as principals, by account and name without path."""


def named_roles(entries: Iterable[Named]) -> Roles:
    """Index roles by name. The name is unique in an account, and a session's ARN does not show the path.

    If the policy names a role with two paths, one of them is right, and nothing says which.
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for entry in entries:
        if entry.form is Form.ROLE:
            key = (entry.account, entry.name.rpartition("/")[2])
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), entry.source)))
    return found


def roles_in(principals: Iterable[Principals]) -> Roles:
    """Index the roles that a policy names. If a principal is unknown, it may be any of them with another path."""
    every = list(principals)
    return {} if any(one.unknown for one in every) else named_roles(entry for one in every for entry in one.named)


def role_of(entry: Named, roles: Roles) -> tuple[list[str], str]:
    """Return the possible patterns of `aws:PrincipalArn` for one assumed-role session, and the session's name."""
    role, _, session = entry.name.rpartition("/")
    known = roles.get((entry.account, role))
    start = f"arn:{entry.partition}:iam::{entry.account}:role/"
    return list(known) if known else [start + role, f"{start}*/{role}"], session


def _session(entry: Named, roles: Roles) -> tuple[list[str], list[str]]:
    """Return the patterns of `aws:PrincipalArn` and of `aws:userid` for one assumed-role session."""
    arns, session = role_of(entry, roles)
    return arns, [f"AROA*:{session}"]


def entity_arns(entries: Iterable[Named]) -> list[str]:
    """Return the values of `aws:PrincipalArn` of roles, users and federated users."""
    return [entry.source for entry in entries if entry.form in (Form.ROLE, Form.USER, Form.FEDERATED)]


def identity(entry: Named, roles: Roles) -> tuple[Condition, ...]:
    """Return the conditions that are true if a caller of the entry's account is the entry."""
    match entry.form:
        case Form.ACCOUNT:
            return ()
        case Form.SESSION:
            arns, ids = _session(entry, roles)
            return (key_condition(_ARN, arns), key_condition(_ID, ids))
        case Form.ROLE | Form.USER | Form.FEDERATED:
            return (key_condition(_ARN, [entry.source], Base.STRING_EQUALS),)
        case _:
            assert_never(entry.form)


def hits(entries: Iterable[Named], roles: Roles) -> Iterator[tuple[Condition, ...]]:
    """Yield the conditions under which a caller of the entries' account is certainly one of them."""
    entries = tuple(entries)
    arns = entity_arns(entries)
    if arns:
        yield (key_condition(_ARN, arns, Base.STRING_EQUALS),)
    for entry in entries:
        if entry.form is Form.SESSION:
            yield identity(entry, roles)


def misses(entries: Iterable[Named], roles: Roles) -> list[tuple[Condition, ...]]:
    """Return the conditions under which a caller of the entries' account is certainly none of them."""
    entries = tuple(entries)
    base: tuple[Condition, ...] = ()
    arns = entity_arns(entries)
    if arns:
        base += (key_condition(_ARN, arns, Base.STRING_EQUALS, negated=True),)
    if any(entry.form is Form.USER for entry in entries):
        # A listed user may have started a federated session.
        base += (key_condition(_SORT, ["FederatedUser"], Base.STRING_EQUALS, negated=True),)
    ways = [base]
    for entry in entries:
        if entry.form is Form.SESSION:
            arns, ids = _session(entry, roles)
            other = [key_condition(_ARN, arns, negated=True), key_condition(_ID, ids, negated=True)]
            ways = [(*way, condition) for way in ways for condition in other]
    return ways
