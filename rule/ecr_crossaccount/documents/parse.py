"""Reads a policy document: everything that IAM accepts in a repository policy, and a place and a reason for the rest.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Mapping

from .document import NEW_VERSION, NO_POLICY, OLD_VERSION, VERSIONS, Actions, Effect, Policy, Resources, Statement
from .holes import Hole, Holed, as_text
from .ordinary import ordinary, ordinary_policy
from .pattern import pattern
from .principals import Principals
from .problems import Problems, quoted
from .read_actions import read_actions
from .read_conditions import has_empty_condition, read_conditions
from .read_principals import read_principals
from .reader import NOTHING, Reader, kind
from .text import not_too_deep, read_json_of_any_depth

TOP = frozenset({"Version", "Id", "Statement"})
ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
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
    return Policy(tuple([one for one in statements if one is not None]), tuple(problems.found))


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
        reader.add("$.Version", f"{quoted(version)} is not a policy version: expected `2012-10-17` or `2008-10-17`")
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
        reader.add(f"{at}.Effect", f"{quoted(effect)} is not an effect: expected `Allow` or `Deny`")
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
