"""Principals with holes whose account is known even so, such as `arn:aws:iam::111122223333:role/<Name>`."""

from __future__ import annotations

import re

from ...documents.document import Effect, Statement
from ...documents.holes import Hole, Holed
from ...documents.pattern import Pattern
from ...documents.principals import Form, Named, Principals
from ..context.keys import is_blind

_GAP = "\0"
_ARN = re.compile(r"arn:([^:]+):(?:iam|sts)::([0-9]{12}):.+", re.DOTALL)


def settled(statement: Statement, owner: str) -> Statement:
    """Return a statement without the holes that make no difference for outsiders.

    A principal of the owner's account is never outside, whichever it is. A principal of another account is always
    someone of that account. An Allow gives that account access, if its conditions do not depend on the principal in it.
    """
    principals = statement.principals
    certain = statement.effect is Effect.ALLOW and not (principals.negated or statement.holes) and _is_blind(statement)
    left: list[Holed] = []
    named: list[Named] = []
    for text in principals.unknown:
        entry = None if text in principals.unknown_services else _of_account(text)
        if entry is None or (entry.account != owner and not certain):
            left.append(text)
        elif entry.account != owner:
            named.append(entry)
    if len(left) == len(principals.unknown):
        return statement
    return statement._replace(principals=_with(principals, named, left))


def _is_blind(statement: Statement) -> bool:
    """Return whether the conditions depend at most on the caller's account, organization and network path."""
    values = (value for condition in statement.conditions for value in condition.values)
    varied = any(isinstance(value, Pattern) and value.variables for value in values)
    return not varied and all(is_blind(condition.name) for condition in statement.conditions)


def _with(principals: Principals, named: list[Named], left: list[Holed]) -> Principals:
    return principals._replace(named=(*principals.named, *named), unknown=tuple(left))


def _of_account(text: Holed) -> Named | None:
    """Return the account of a principal as a principal, or None if the account is unknown."""
    found = _ARN.fullmatch("".join(_GAP if isinstance(part, Hole) else part for part in text.parts))
    if found is None:
        return None
    partition = None if _GAP in found[1] else found[1]
    return Named(Form.ACCOUNT, found[2], "", partition, str(text))
