"""The parameters of the rule that say who is trusted: lists separated by commas, as one trust register.

Apart from the other parameters because the function that plans has these alone, and neither rdklib nor an AWS SDK.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from .. import Access, Trust
from ..access.trust import Entry
from ..errors import TrustError

TRUSTED_ORGANIZATIONS = "trustedOrganizations"
TRUST_REGISTER = "trustRegister"
"""The parameter that names a register, which counts besides the lists."""
TRUST_MEMBERS = "trustMembers"
"""The parameter that names a list of the organization's accounts."""
REQUIRED_STATEMENTS = "requiredStatements"
"""The parameter that names the statements that every policy must have."""

_SELF = "self"
_NONE = "none"
"""The way to trust no organization: an empty parameter is as good as a missing one in Config and CloudFormation."""

LISTS: Mapping[str, tuple[str, Access]] = {
    "trustedAccounts": ("account", Access.READ),
    "trustedWriteAccounts": ("account", Access.WRITE),
    TRUSTED_ORGANIZATIONS: ("organization", Access.READ),
    "trustedOrganizationPaths": ("organization_path", Access.READ),
    "trustedServices": ("service", Access.READ),
}
"""For each list the register's field that its members fill, and the access that they are trusted for."""


def trust_of(parameters: Mapping[str, object], today: date) -> Trust:
    """Return whom the lists trust. Raises TrustError whose places are the names of parameters."""
    members = [(name, value) for name in LISTS for value in members_of(parameters, name)]
    try:
        return Trust.parse(_register(members), today=today)
    except TrustError as error:
        raise TrustError(tuple((_parameter(members, at), reason) for at, reason in error.problems)) from None


@lru_cache(maxsize=8)
def together(entries: tuple[Entry, ...], register: Trust, today: date | None) -> Trust:
    """Return one register for the lists and the register; the same one again, since verdicts are remembered by it."""
    return replace(register, entries=(*entries, *register.entries), today=today)


def members_of(parameters: Mapping[str, object], name: str) -> list[str]:
    """Return the members of a list. `trustedOrganizations` is `self` if nothing is said, and nothing if `none` is."""
    value = parameters.get(name)
    members = [member.strip() for member in value.split(",")] if isinstance(value, str) else []
    members = [member for member in members if member]
    if name != TRUSTED_ORGANIZATIONS:
        return members
    return [] if members == [_NONE] else members or [_SELF]


def _register(members: Iterable[tuple[str, str]]) -> Mapping[str, object]:
    return {"version": 1, "trust": [_entry(*LISTS[name], value) for name, value in members]}


def _entry(field: str, access: Access, value: str) -> Mapping[str, str]:
    return {field: value, "access": access.value}


def _parameter(members: list[tuple[str, str]], at: str) -> str:
    """Return the parameter behind a place of the register, `trust[2].account` for instance."""
    name, _ = members[int(at.partition("[")[2].partition("]")[0])]
    return name
