"""The rule's parameters for trust: lists separated by commas, read as one trust register, and added up with another.

They are separate from the other parameters because the planning function has only these, and neither rdklib nor an AWS
SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from ...documents.problems import count_of
from ...errors import TrustError
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...judgement.values.verdict import Access
from ...memo import by_value

if TYPE_CHECKING:
    from .memory import Memory, Store  # without a register, the SDK is not imported
    from .reader import RegisterReader
    from .stores import Clients, Held

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
    entries = [{LISTS[name][0]: value, "access": LISTS[name][1].value} for name, value in members]
    try:
        return Trust.parse({"version": 1, "trust": entries}, today=today)
    except TrustError as error:
        raise TrustError(tuple((_parameter(members, at), reason) for at, reason in error.problems)) from None


@lru_cache(maxsize=8)
def together(entries: tuple[Entry, ...], register: Trust, today: date | None) -> Trust:
    """Return the lists and the register as one trust. Cached, because verdicts are cached by its identity."""
    return replace(register, entries=(*entries, *register.entries), today=today)


def in_words(lists: Sequence[Entry], held: Held[Trust] | None) -> str:
    """Return whom the lists and the register trust besides the owner account, for a person."""
    counts = [(len(lists), "of the parameters")] if lists else []
    counts += [] if held is None else [(len(held.value.entries), f"of {held.location}")]
    return ", ".join(f"{count_of(count, 'entry', 'entries')} {of}" for count, of in counts) or "nobody"


def members_of(parameters: Mapping[str, object], name: str) -> list[str]:
    """Return the members of a list. It is empty if the parameter is missing or blank, or for organizations `none`."""
    value = parameters.get(name)
    members = [member.strip() for member in value.split(",")] if isinstance(value, str) else []
    members = [member for member in members if member]
    return [] if name == TRUSTED_ORGANIZATIONS and members == [_NONE] else members


def _parameter(members: list[tuple[str, str]], at: str) -> str:
    """Return the parameter for a place in the register, for instance `trust[2].account`."""
    name, _ = members[int(at.partition("[")[2].partition("]")[0])]
    return name


@by_value
class TrustNow:
    """The trust at a moment, in words too. `held` is the register, and `memory` what is remembered of it, if any."""

    trust: Trust
    told: str = "nobody"
    held: Held[Trust] | None = None
    memory: Memory | None = None


@dataclass(slots=True)
class TrustSource:
    """The lists and the register in `parameters`. Keep it for the life of a container. `clock` returns UTC.

    `store` returns the register's memory. `kept` is how long its last good version counts, and `fresh` how long one is
    used before it is read again.
    """

    parameters: Mapping[str, object]
    clock: Callable[[], datetime]
    store: Callable[[], Store | None] | None = None
    clients: Clients | None = None
    kept: timedelta = timedelta(hours=24)
    fresh: timedelta = timedelta(minutes=5)
    _reader: RegisterReader | None = field(default=None, init=False)

    def now(self) -> TrustNow:
        """Return the current trust. Raises TrustError and RegisterError, but not because of an unreadable register."""
        lists = trust_of(self.parameters, self.clock().date())
        register = self._text(TRUST_REGISTER)
        if not register:
            return TrustNow(lists, in_words(lists.entries, None))
        from ..aws.clients import client_of  # noqa: PLC0415 - without a register, the SDK is not imported
        from .content import Location  # noqa: PLC0415
        from .memory import Memory  # noqa: PLC0415
        from .reader import RegisterReader  # noqa: PLC0415

        if self._reader is None:
            memory_of = Memory.kept_in(self.store() if self.store else None)
            self._reader = RegisterReader(self.clients or client_of, self.clock, self.fresh, memory_of)
        place, members = Location.parse(register), self._text(TRUST_MEMBERS)
        held = self._reader.current(place, self.kept, Location.parse(members) if members else None)
        trust = together(lists.entries, held.value, lists.today)
        return TrustNow(trust, in_words(lists.entries, held), held, self._reader.memories.get(place))

    def _text(self, parameter: str) -> str:
        return str(self.parameters.get(parameter) or "").strip()
