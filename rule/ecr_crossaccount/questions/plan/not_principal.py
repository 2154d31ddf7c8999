"""Rewrites an Allow with NotPrincipal as Principal `*`, with conditions that exclude the named principals.

ECR no longer accepts NotPrincipal with Allow. A plan turns it into a list of the principals that keep access.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...documents.document import Statement
from ...documents.principals import Form, Named
from .errors import CannotSayError
from .written import Written, one_or_many, replaced


class _Except(NamedTuple):
    operator: str
    key: str
    values: tuple[str, ...]


def turned_around(statement: Statement, written: Written, *, deployed: bool) -> Written:
    """Return the statement with Principal `*`. Raises CannotSayError if no condition can express whom it excludes.

    `deployed`: a unique id in the statement is what remains of a deleted principal, so it excludes no one.
    """
    principals = statement.principals
    if (principals.ids and not deployed) or principals.unknown or principals.unknown_services:
        raise CannotSayError("whom its NotPrincipal excludes cannot be determined")
    condition = written.get("Condition", {})
    for exception in _exceptions(statement):
        condition = _with(condition, exception)
    return replaced(written, {"NotPrincipal": ("Principal", "*"), "Condition": ("Condition", condition)})


def _exceptions(statement: Statement) -> Iterator[_Except]:
    principals = statement.principals
    if principals.any_aws:
        yield _Except("Bool", "aws:PrincipalIsAWSService", ("true",))
    accounts = tuple(entry.account for entry in principals.named if entry.form is Form.ACCOUNT)
    if accounts:
        yield _Except("StringNotEquals", "aws:PrincipalAccount", accounts)
    arns = tuple(arn for entry in principals.named for arn in _arns(entry))
    if arns:
        yield _Except("ArnNotLike", "aws:PrincipalArn", arns)
    if principals.services:
        yield _Except("StringNotEquals", "aws:PrincipalServiceName", principals.services)


def _arns(entry: Named) -> Iterator[str]:
    """Yield the values of aws:PrincipalArn that an entry excludes.

    For a session, these are the values of its whole role.
    """
    start = f"arn:{entry.partition}"
    match entry.form:
        case Form.ACCOUNT:
            return
        case Form.SESSION:
            role = entry.name.partition("/")[0]
            yield from (f"{start}:iam::{entry.account}:role/{role}", f"{start}:iam::{entry.account}:role/*/{role}")
        case Form.USER:
            yield from (entry.source, f"{start}:sts::{entry.account}:federated-user/*")
        case _:
            yield entry.source


def _with(condition: object, exception: _Except) -> Mapping[str, object]:
    if not isinstance(condition, Mapping):
        raise CannotSayError("its Condition is not known yet, and so cannot be added to")
    keys = condition.get(exception.operator, {})
    if not isinstance(keys, Mapping):
        raise CannotSayError(f"its conditions under {exception.operator} are not known yet")
    same = next((key for key in keys if key.lower() == exception.key.lower()), exception.key)
    if exception.operator == "Bool" and same in keys:
        raise CannotSayError(f"its Condition says too much about {same}")
    values = [*(one_or_many(keys[same]) if same in keys else ()), *exception.values]
    value = values[0] if len(values) == 1 else list(dict.fromkeys(values))
    return {**condition, exception.operator: {**keys, same: value}}
