"""Region and account in the Resource of a registry policy: unknown ones are those of the registry itself.

A registry is in one Region of one account, and a Resource in another one has no effect, so policies do not name another
one. A variable in these places is the Region or account that the registry is deployed into.
"""

from __future__ import annotations

from collections.abc import Callable

from ...documents.holes import Hole, Holed, Text, text_of
from ..files.values.holed import Stencil, filled, parts_of
from ..files.values.places import REGION

_FIELDS = 6


_ELEMENTS = ("Resource", "NotResource")


def in_own_region(policy: object) -> object:
    """Return a policy whose Resource elements have `*` in place of the unknown Region of the deployment."""
    return _with_statements(policy, _in_any_region)


def of_own_registry(policy: object, region: str, account: Text) -> object:
    """Return a policy with Region and account filled in where the Resource of an Allow has unknown ones.

    Deny statements stay unchanged, so that none becomes more certain.
    """
    return _with_statements(policy, lambda statement: _statement(statement, region, account))


def _with_statements(policy: object, change: Callable[[object], object]) -> object:
    body = policy.get("Statement") if type(policy) is dict else None
    if type(policy) is not dict or not isinstance(body, (list, dict)):
        return policy
    return {**policy, "Statement": [change(one) for one in (body if isinstance(body, list) else [body])]}


def _in_any_region(statement: object) -> object:
    if type(statement) is not dict:
        return statement
    return {name: filled(one, REGION, "*") if name in _ELEMENTS else one for name, one in statement.items()}


def _statement(statement: object, region: str, account: Text) -> object:
    if type(statement) is not dict or statement.get("Effect") != "Allow" or "Resource" not in statement:
        return statement
    written = statement["Resource"]
    resources = [_resource(one, region, account) for one in (written if isinstance(written, list) else [written])]
    return {**statement, "Resource": resources}


def _resource(resource: object, region: str, account: Text) -> object:
    if not isinstance(resource, Holed):
        return resource
    stencil = Stencil(resource)
    fields: list[Text] = [stencil.holed(one) for one in stencil.text.split(":", _FIELDS - 1)]
    if len(fields) < _FIELDS or fields[:3:2] != ["arn", "ecr"]:
        return resource
    known = [fields[3], fields[4]]
    fields[3:5] = [own if _is_hole(one) else one for one, own in zip(known, (region, account), strict=True)]
    return text_of(part for number, one in enumerate(fields) for part in (*((":",) if number else ()), *parts_of(one)))


def _is_hole(text: Text) -> bool:
    return isinstance(text, Holed) and len(text.parts) == 1 and isinstance(text.parts[0], Hole)
