"""Principals of which a part is not known, but the account is.

`arn:aws:iam::222233334444:role/app-${Env}` is some role of 222233334444 for every filling. Whether the account gets in
is decided wherever the policy asks for nothing else of the caller that the filling could change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..policy.document import Effect, Statement
from ..policy.holes import Holed
from ..policy.pattern import Pattern
from ..policy.principals import Form, Named, Principals

_START = re.compile(r"arn:([a-z-]+):(?:iam|sts)::([0-9]{12}):.*")
_ALIKE = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalaccount",
        "aws:principalisawsservice",
        "aws:viaawsservice",
        "aws:securetransport",
        "aws:requestedregion",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
    }
)
"""Keys whose values depend on a caller's account at most, and not on who he is there."""


def settled(statements: Sequence[Statement], owner: str, partition: str) -> list[Statement]:
    """Return the statements with every principal of an Allow whose account is known as one of that account.

    Those of the owner account are left out: it is inside. Others stay unknown where the policy looks at who is asking.
    """
    if not any(one.principals.unknown for one in statements):
        return list(statements)
    alike = all(_treats_alike(one) for one in statements)
    return [_settled(one, owner, partition, alike=alike) for one in statements]


def _settled(statement: Statement, owner: str, partition: str, *, alike: bool) -> Statement:
    principals = statement.principals
    if statement.effect is not Effect.ALLOW or principals.negated or not principals.unknown:
        return statement
    named, unknown = list(principals.named), []
    for entry in principals.unknown:
        known = _known(entry, partition)
        if known is None or not (alike or known.account == owner):
            unknown.append(entry)
        elif known.account != owner:
            named.append(known)
    return statement._replace(principals=principals._replace(named=tuple(named), unknown=tuple(unknown)))


def _known(entry: Holed, partition: str) -> Named | None:
    """Return the account of an entry as a principal of its own, where it is known."""
    start = entry.parts[0]
    found = _START.fullmatch(start) if isinstance(start, str) else None
    if found is None or found[1] != partition or any(_is_wild(part) for part in entry.parts):
        return None
    return Named(Form.ACCOUNT, found[2], "", found[1], str(entry))


def _is_wild(part: object) -> bool:
    return isinstance(part, str) and ("*" in part or "?" in part)


def _treats_alike(statement: Statement) -> bool:
    """Whether a statement tells callers of one account apart by nothing but what they ask for."""
    keys = {condition.name for condition in statement.conditions}
    return keys <= _ALIKE and not _has_variables(statement) and _is_blunt(statement.effect, statement.principals)


def _has_variables(statement: Statement) -> bool:
    values: Iterable[object] = (value for condition in statement.conditions for value in condition.values)
    return any(isinstance(value, Pattern) and value.variables for value in values)


def _is_blunt(effect: Effect, principals: Principals) -> bool:
    """Whether a Deny speaks of whole accounts only."""
    if effect is Effect.ALLOW:
        return True
    whole = all(entry.form is Form.ACCOUNT for entry in principals.named)
    return whole and not (principals.negated or principals.unknown or principals.ids)
