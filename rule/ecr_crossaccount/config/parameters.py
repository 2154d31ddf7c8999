"""The parameters of the rule: camelCase names, text values, lists separated by commas.

They are turned into one trust register, so that the register's grammar is the only one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rdklib import InvalidParametersError

from .. import Access, Trust
from ..errors import TrustError
from .events import Json

TRUSTED_ORGANIZATIONS = "trustedOrganizations"
EXECUTION_ROLE_NAME = "ExecutionRoleName"
EXECUTION_ROLE_REGION = "ExecutionRoleRegion"
ASSUME_ROLE_MODE = "AssumeRoleMode"

_SELF = "self"
_NONE = "none"
"""The way to trust no organization: an empty parameter is as good as a missing one in Config and CloudFormation."""

_ENTRIES: Mapping[str, tuple[str, Access]] = {
    "trustedAccounts": ("account", Access.READ),
    "trustedWriteAccounts": ("account", Access.WRITE),
    TRUSTED_ORGANIZATIONS: ("organization", Access.READ),
    "trustedOrganizationPaths": ("organization_path", Access.READ),
    "trustedServices": ("service", Access.READ),
}
"""For each list the register's field that its members fill, and the access that they are trusted for."""

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html: name and path
_ROLE_NAME = re.compile(r"(?:[\w+=,.@-]+/){0,8}[\w+=,.@-]{1,64}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}")
_SETTINGS: Mapping[str, tuple[re.Pattern[str], str]] = {
    EXECUTION_ROLE_NAME: (_ROLE_NAME, "the name of an IAM role, with its path if it has one"),
    EXECUTION_ROLE_REGION: (_REGION, "the name of a Region"),
    ASSUME_ROLE_MODE: (re.compile("true|false", re.IGNORECASE), "`true` or `false`"),
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the rule's parameters say, read once. `trusts_self`: the organization of the owner account is trusted."""

    trust: Trust
    trusts_self: bool

    @classmethod
    def parse(cls, parameters: Json, today: date) -> Parameters:
        """Read all parameters. Raises InvalidParametersError that lists every problem, with parameter and value."""
        problems = [*_unknown(parameters), *_unlike_text(parameters), *_bad_settings(parameters)]
        members = [(name, value) for name in _ENTRIES for value in members_of(parameters, name)]
        try:
            trust = Trust.parse(_register(members), today=today)
        except TrustError as error:
            problems += [_said_of(members, at, reason) for at, reason in error.problems]
            trust = Trust.nobody()
        if problems:
            raise InvalidParametersError("; ".join(problems))
        return cls(trust, trusts_self=(TRUSTED_ORGANIZATIONS, _SELF) in members)


def members_of(parameters: Json, name: str) -> list[str]:
    """Return the members of a list. `trustedOrganizations` is `self` if nothing is said, and nothing if `none` is."""
    members = [member.strip() for member in _text(parameters, name).split(",")]
    members = [member for member in members if member]
    if name != TRUSTED_ORGANIZATIONS:
        return members
    return [] if members == [_NONE] else members or [_SELF]


def assumes_role(parameters: Json) -> bool:
    """Tell whether to work with another role than the function's own.

    Guards two faults of rdklib: a JSON boolean is an AttributeError there; and by default it assumes the role of AWS
    Config itself, which no function may. Here the default is to assume a role only if one is named.
    """
    mode = _text(parameters, ASSUME_ROLE_MODE)
    return mode.lower() == "true" if mode else bool(_text(parameters, EXECUTION_ROLE_NAME))


def execution_role_name(parameters: Json) -> str | None:
    """Return the name of the role to assume, None if none is named."""
    return _text(parameters, EXECUTION_ROLE_NAME) or None


def execution_role_region(parameters: Json) -> str | None:
    """Return the Region to call, None for the function's own."""
    return _text(parameters, EXECUTION_ROLE_REGION) or None


def _text(parameters: Json, name: str) -> str:
    """Return a parameter's text, "" if it is missing, blank or no text (which `_unlike_text` reports)."""
    value = parameters.get(name)
    if isinstance(value, bool) and name == ASSUME_ROLE_MODE:
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _unknown(parameters: Json) -> Iterable[str]:
    known = [*_ENTRIES, *_SETTINGS]
    for name, value in parameters.items():
        if name not in known:
            yield f"`{name}` (`{value}`) is not a parameter of this rule; it has {', '.join(known)}"


def _unlike_text(parameters: Json) -> Iterable[str]:
    for name, value in parameters.items():
        if not isinstance(value, str) and not (isinstance(value, bool) and name == ASSUME_ROLE_MODE):
            yield f"`{name}` is `{value}`, which is not a text"


def _bad_settings(parameters: Json) -> Iterable[str]:
    for name, (pattern, right) in _SETTINGS.items():
        value = _text(parameters, name)
        if value and not pattern.fullmatch(value):
            yield f"`{name}` is `{value}`; it must be {right}"


def _register(members: Iterable[tuple[str, str]]) -> Mapping[str, object]:
    return {"version": 1, "trust": [_entry(*_ENTRIES[name], value) for name, value in members]}


def _entry(field: str, access: Access, value: str) -> Mapping[str, str]:
    return {field: value, "access": access.value}


def _said_of(members: Sequence[tuple[str, str]], at: str, reason: str) -> str:
    """Return a problem of the register, at `trust[2].account` for instance, as one of the parameter behind it."""
    name, _ = members[int(at.partition("[")[2].partition("]")[0])]
    return f"`{name}`: {reason}"
