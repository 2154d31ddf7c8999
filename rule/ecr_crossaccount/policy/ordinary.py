"""Reading what nearly every policy consists of: Allows and Denies of accounts, roles, users and services, and no more.

`parse` reads every statement that there can be, and says where a fault stands. This reads one that has none in a
fraction of the time, to the same result, and leaves all others to it.
"""

from __future__ import annotations

from functools import partial

from .document import OLD_VERSION, VERSIONS, Document, Effect, Policy, Statement
from .principals import EVERYONE, Named, Principals, identities, service_principal
from .read_actions import all_actions

_EFFECTS = {effect.value: effect for effect in Effect}


def ordinary_policy(policy: object) -> Policy | None:
    """Return a policy of ordinary statements, perhaps with its Version; None for any other."""
    if type(policy) is not dict:
        return None
    body, version = policy.get("Statement"), policy.get("Version", OLD_VERSION)
    if type(body) is not list or type(version) is not str or version not in VERSIONS:
        return None
    if len(policy) > 1 + ("Version" in policy):  # there is something else
        return None
    statements: list[Statement] = []
    for number, item in enumerate(body):
        statement = ordinary(number, item)
        if statement is None:
            return None
        statements.append(statement)
    return Policy(tuple(statements), ())


def ordinary(number: int, item: object) -> Statement | None:
    """Return a statement of well-formed Effect, Principal and Action, perhaps with a Sid; None for any other."""
    if type(item) is not dict:
        return None
    try:
        effect = _EFFECTS[item["Effect"]]
        principals = _principals(item["Principal"])
        actions = all_actions(_texts(item["Action"]))
    except (KeyError, TypeError):  # an element is missing, or is no text and no list of texts
        return None
    sid = None
    if "Sid" in item:
        sid = item["Sid"]
        if type(sid) is not str or not sid.isascii():
            return None
    if principals is None or actions is None or len(item) > _DEMANDED + ("Sid" in item):
        return None
    return _statement((number, sid, effect, principals, actions, None, (), False, (), Document.REPOSITORY))


_DEMANDED = 3
"""The elements that every statement has."""


def _principals(value: object) -> Principals | None:
    if type(value) is not dict:
        return EVERYONE if value == "*" else None
    named: tuple[Named, ...] | None = ()
    services: tuple[str, ...] = ()
    kinds = 0
    if "AWS" in value:
        kinds += 1
        named = identities(_texts(value["AWS"]))
    if "Service" in value:
        kinds += 1
        services = _texts(value["Service"])
        if any(map(service_principal, services)):
            return None
    if named is None or len(value) > kinds:
        return None
    return _of_kinds((False, False, False, named, services, (), (), ()))


# In half the time of NamedTuple's own functions; test_ordinary.py holds them to what those make.
_statement = partial(tuple.__new__, Statement)
_of_kinds = partial(tuple.__new__, Principals)


def _texts(value: object) -> tuple[str, ...]:
    """Return one text or a list of them. Raises TypeError for anything else; what a list holds is not looked at."""
    if type(value) is str:
        return (value,)
    if type(value) is list:
        return tuple(value)
    raise TypeError
