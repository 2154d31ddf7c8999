"""The rule's parameters for trust: lists separated by commas, read as one trust register.

They are separate from the other parameters because the planning function has only these, and neither rdklib nor an AWS
SDK.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from ...documents.problems import counted
from ...errors import TrustError
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...judgement.values.verdict import Access

if TYPE_CHECKING:
    from .reader import Held

TRUSTED_ORGANIZATIONS = "trustedOrganizations"
TRUST_REGISTER = "trustRegister"
"""The parameter that names a register, which counts in addition to the lists."""
TRUST_MEMBERS = "trustMembers"
"""The parameter that names a list of the organization's accounts."""
REQUIRED_STATEMENTS = "requiredStatements"
"""The parameter that names the statements that every policy must have."""

_NONE = "none"
"""The value that trusts no organization, as does a missing one."""

LISTS: Mapping[str, tuple[str, Access]] = {
    "trustedAccounts": ("account", Access.READ),
    "trustedWriteAccounts": ("account", Access.WRITE),
    TRUSTED_ORGANIZATIONS: ("organization", Access.READ),
    "trustedOrganizationPaths": ("organization_path", Access.READ),
    "trustedServices": ("service", Access.READ),
}
"""The register's field for the members of each list, and their access."""


def trust_of(parameters: Mapping[str, object], today: date) -> Trust:
    """Return the trust in the lists. Raises TrustError, whose places are names of parameters."""
    members = [(name, value) for name in LISTS for value in members_of(parameters, name)]
    try:
        return Trust.parse(_register(members), today=today)
    except TrustError as error:
        raise TrustError(tuple((_parameter(members, at), reason) for at, reason in error.problems)) from None


@lru_cache(maxsize=8)
def together(entries: tuple[Entry, ...], register: Trust, today: date | None) -> Trust:
    """Return the lists and the register as one trust. Cached, because verdicts are cached by its identity."""
    return replace(register, entries=(*entries, *register.entries), today=today)


def in_words(lists: Sequence[Entry], held: Held | None) -> str:
    """Return whom the lists and the register trust besides the owner account, for a person."""
    counts = [(len(lists), "of the parameters")] if lists else []
    counts += [] if held is None else [(len(held.trust.entries), f"of {held.location}")]
    return ", ".join(f"{counted(count, 'entry', 'entries')} {of}" for count, of in counts) or "nobody"


def members_of(parameters: Mapping[str, object], name: str) -> list[str]:
    """Return the members of a list. It is empty if the parameter is missing or blank, or for organizations `none`."""
    value = parameters.get(name)
    members = [member.strip() for member in value.split(",")] if isinstance(value, str) else []
    members = [member for member in members if member]
    return [] if name == TRUSTED_ORGANIZATIONS and members == [_NONE] else members


def _register(members: Iterable[tuple[str, str]]) -> Mapping[str, object]:
    return {"version": 1, "trust": [_entry(*LISTS[name], value) for name, value in members]}


def _entry(field: str, access: Access, value: str) -> Mapping[str, str]:
    return {field: value, "access": access.value}


def _parameter(members: list[tuple[str, str]], at: str) -> str:
    """Return the parameter for a place in the register, for instance `trust[2].account`."""
    name, _ = members[int(at.partition("[")[2].partition("]")[0])]
    return name
