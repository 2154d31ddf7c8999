"""A fast reader for ordinary policies: Allows and Denies for accounts, roles, users, services and everyone.

`parse` reads every possible statement, and reports the place of each fault. This module reads only statements without
faults. It gives the same result in a fraction of the time, and leaves all other statements to `parse`.
"""

from __future__ import annotations

from functools import partial

from .conditions import Condition, operator
from .document import NEW_VERSION, OLD_VERSION, VERSIONS, Actions, Document, Effect, Policy, Statement
from .principals import EVERYONE, Named, Principals, identities, service_principal
from .read_actions import all_actions
from .read_conditions import plain_values

_EFFECTS = {effect.value: effect for effect in Effect}


def ordinary_policy(policy: object) -> Policy | None:
    """Return a policy that has only ordinary statements and perhaps a Version, or None for any other policy."""
    if type(policy) is not dict:
        return None
    body, version = policy.get("Statement"), policy.get("Version", OLD_VERSION)
    if type(body) is not list or type(version) is not str or version not in VERSIONS:
        return None
    if len(policy) > 1 + ("Version" in policy):  # there are other elements
        return None
    statements: list[Statement] = []
    for number, item in enumerate(body):
        statement = ordinary(number, item, version)
        if statement is None:
            return None
        statements.append(statement)
    return Policy(tuple(statements), ())


def ordinary(number: int, item: object, version: object = OLD_VERSION) -> Statement | None:
    """Return a statement with a well-formed Effect, Principal and Action, or None for any other statement.

    It may have a Sid and a Condition, and NotPrincipal and NotAction in place of Principal and Action. `version` is the
    version of the policy.
    """
    if type(item) is not dict:
        return None
    try:
        effect = _EFFECTS[item["Effect"]]
        principals = _principals(item["Principal"]) if "Principal" in item else _all_but(item["NotPrincipal"])
        actions = all_actions(_texts(item["Action"])) if "Action" in item else _none_of(item["NotAction"])
    except (KeyError, TypeError):  # an element is missing, or is not a string or a list of strings
        return None
    sid = None
    if "Sid" in item:
        sid = item["Sid"]
        if type(sid) is not str or not sid.isascii():
            return None
    if principals is None or actions is None:
        return None
    conditions: tuple[Condition, ...] | None = ()
    more = len(item) - _DEMANDED - ("Sid" in item)
    if more:
        conditions = _conditions(item.get("Condition"), variables=version == NEW_VERSION) if more == 1 else None
        if conditions is None:
            return None
    return _statement((number, sid, effect, principals, actions, None, conditions, False, (), Document.REPOSITORY))


_DEMANDED = 3
"""The number of elements that every statement has."""


def _principals(value: object) -> Principals | None:
    if type(value) is not dict:
        return EVERYONE if value == "*" else None
    named: tuple[Named, ...] | None = ()
    services: tuple[str, ...] = ()
    kinds = 0
    any_aws = False
    if "AWS" in value:
        kinds += 1
        texts = _texts(value["AWS"])
        any_aws = texts == _ANY
        if not any_aws:
            named = identities(texts)
    if "Service" in value:
        kinds += 1
        services = _texts(value["Service"])
        if any(map(service_principal, services)):
            return None
    if named is None or len(value) > kinds:
        return None
    return _of_kinds((False, False, any_aws, named, services, (), (), ()))


_ANY = ("*",)


def _all_but(value: object) -> Principals | None:
    found = _principals(value)
    return None if found is None else found._replace(negated=True)


def _none_of(value: object) -> Actions | None:
    found = all_actions(_texts(value))
    return None if found is None else found._replace(negated=True)


def _conditions(block: object, *, variables: bool) -> tuple[Condition, ...] | None:
    """Return the conditions of a block that is not empty, well-formed and all ASCII, or None for any other block."""
    if type(block) is not dict or not block:
        return None
    found: list[Condition] = []
    for name, keys in block.items():
        known = operator(name) if type(name) is str else None
        if known is None or type(keys) is not dict or not keys:
            return None
        for key, values in keys.items():
            if type(key) is not str or not key or not key.isascii():
                return None
            read = plain_values(known.base, values if type(values) is list else (values,), variables=variables)
            if read is None:
                return None
            found.append(Condition(known, key, key.lower(), read))
        if len({one.name for one in found[-len(keys) :]}) < len(keys):
            return None
    # IAM may not accept an operator in two spellings.
    return None if len({*map(str.lower, block)}) < len(block) else tuple(found)


# These take half the time of NamedTuple's own constructors. test_ordinary.py checks that the results are equal.
_statement = partial(tuple.__new__, Statement)
_of_kinds = partial(tuple.__new__, Principals)


def _texts(value: object) -> tuple[str, ...]:
    """Return one text or a list of texts as a tuple. Raises TypeError for anything else. List items are not checked."""
    if type(value) is str:
        return (value,)
    if type(value) is list:
        return tuple(value)
    raise TypeError
