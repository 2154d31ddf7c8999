"""Reads a policy document: everything that IAM accepts in a repository policy, and a place and a reason for the rest.

A fast reader is for ordinary policies: Allows and Denies for accounts, roles, users, services and everyone. It reads
only statements without faults, and gives the same result in a fraction of the time. The other reader reads every
statement, and reports the place of each fault.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from .conditions import Condition, operator
from .document import (
    EVERYONE,
    NEW_VERSION,
    NO_POLICY,
    OLD_VERSION,
    VERSIONS,
    Actions,
    Document,
    Effect,
    Named,
    Policy,
    Principals,
    Resources,
    Statement,
    identities,
    service_principal,
)
from .elements import (
    NOTHING,
    Reader,
    all_actions,
    has_empty_condition,
    kind,
    not_too_deep,
    plain_values,
    read_actions,
    read_conditions,
    read_json_of_any_depth,
    read_principals,
)
from .pattern import Hole, Holed, as_text, pattern
from .problems import Problems, quote

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
    return _ordinary_statement(
        (number, sid, effect, principals, actions, None, conditions, False, (), Document.REPOSITORY)
    )


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
        if len({condition.name for condition in found[-len(keys) :]}) < len(keys):
            return None
    # IAM may not accept an operator in two spellings.
    return None if len({*map(str.lower, block)}) < len(block) else tuple(found)


# These take half the time of NamedTuple's own constructors. test_ordinary.py checks that the results are equal.
_ordinary_statement = partial(tuple.__new__, Statement)
_of_kinds = partial(tuple.__new__, Principals)


def _texts(value: object) -> tuple[str, ...]:
    """Return one text or a list of texts as a tuple. Raises TypeError for anything else. List items are not checked."""
    if type(value) is str:
        return (value,)
    if type(value) is list:
        return tuple(value)
    raise TypeError


TOP = frozenset({"Version", "Id", "Statement"})
ELEMENTS = frozenset(
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"]
)


def parse(policy: object) -> Policy:
    """Read a policy: its text or its JSON object. None, `""` and `{}` mean that the repository has no policy.

    Never raises. `Policy.invalid` has everything that IAM would not accept, all of it at once. A policy that is a hole
    becomes one statement whose content is unknown.
    """
    problems = Problems()
    text = policy if isinstance(policy, str) else None
    if text is not None:
        policy = read_json_of_any_depth(text, problems) if text.strip() else None
    read = ordinary_policy(policy)
    if read is not None:
        return read
    if text is not None:
        policy = not_too_deep(text, policy, problems)
    if policy == {} or (policy is None and not problems.found):
        return NO_POLICY
    statements = [] if problems.found else _statements(Reader(problems), policy)
    return Policy(tuple([statement for statement in statements if statement is not None]), tuple(problems.found))


def _statements(reader: Reader, policy: object) -> list[Statement | None]:
    """Return the statements in order, with None for each statement that cannot be read."""
    if isinstance(policy, (Hole, Holed)):
        return [_unknown_statement(0, policy)]
    if not isinstance(policy, (dict, Mapping)):
        reader.add("$", f"expected a policy, a JSON object, not {kind(policy)}")
        return []
    reader.names("$", policy, TOP)
    version = _version(reader, policy)
    reader.variables = version == NEW_VERSION
    if "Id" in policy:
        reader.string("$.Id", policy["Id"])
    body = policy.get("Statement", NOTHING)
    if body is NOTHING:
        reader.add("$", "has no Statement")
        return []
    if isinstance(body, (list, tuple)):
        return [
            ordinary(index, item, version) or _statement(reader, f"$.Statement[{index}]", index, item)
            for index, item in enumerate(body)
        ]
    return [_statement(reader, "$.Statement", 0, body)]


def _version(reader: Reader, policy: Mapping[object, object]) -> object:
    version = policy.get("Version", OLD_VERSION)
    if not isinstance(version, str) or version not in VERSIONS:
        reader.add("$.Version", f"{quote(version)} is not a policy version: expected `2012-10-17` or `2008-10-17`")
    return version


def _statement(reader: Reader, at: str, index: int, item: object) -> Statement | None:
    if not isinstance(item, (dict, Mapping)):
        if isinstance(item, (Hole, Holed)):
            return _unknown_statement(index, item)
        reader.add(at, f"expected a statement, a JSON object, not {kind(item)}")
        return None
    reader.names(at, item, ELEMENTS)
    holes: list[Holed] = []
    effect = _effect(reader, at, item, holes)
    principals = read_principals(reader, at, item)
    actions = read_actions(reader, at, item)
    resources = _resources(reader, at, item)
    conditions = read_conditions(reader, at, item, holes)
    sid = reader.string(f"{at}.Sid", item["Sid"]) if "Sid" in item else None
    if effect is None or principals is None or actions is None or conditions is None:
        return None
    return Statement(
        index,
        None if sid is None else str(sid),
        effect,
        principals,
        actions,
        resources,
        conditions,
        "Condition" in item and has_empty_condition(item),
        tuple(holes),
    )


def _unknown_statement(index: int, item: Hole | Holed) -> Statement:
    hole = item if isinstance(item, Holed) else Holed((item,))
    anything = Principals(unknown=(hole,), unknown_services=(hole,))
    actions = Actions(negated=False, patterns=("*",))  # includes the actions of public repositories
    return Statement(index, None, Effect.ALLOW, anything, actions, None, (), holes=(hole,))


def _effect(reader: Reader, at: str, item: Mapping[object, object], holes: list[Holed]) -> Effect | None:
    """Return the effect. An effect that is not known yet counts as Allow, which is the worst case."""
    effect = item.get("Effect", NOTHING)
    if effect == "Allow":
        return Effect.ALLOW
    if effect == "Deny":
        return Effect.DENY
    text = as_text(effect)
    if isinstance(text, Holed):
        holes.append(text)
        return Effect.ALLOW
    if effect is NOTHING:
        reader.add(at, "has no Effect: expected `Allow` or `Deny`")
    else:
        reader.add(f"{at}.Effect", f"{quote(effect)} is not an effect: expected `Allow` or `Deny`")
    return None


def _resources(reader: Reader, at: str, item: Mapping[object, object]) -> Resources | None:
    if "Resource" not in item and "NotResource" not in item:
        return None
    element = reader.one_of(at, item, "Resource")
    if element is None:
        return None
    texts = reader.strings(f"{at}.{element}", item[element])
    patterns = tuple(pattern(text, wild=True, variables=reader.variables) for text in texts if text is not None)
    return Resources(element != "Resource", patterns)
