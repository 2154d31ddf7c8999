"""The trust register: who outside the owner account may have which access, who approved it, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import compress
from typing import NamedTuple

from ...documents.pattern import Holed, Text
from ...errors import TrustError
from ...memo import keep_results
from ..patterns.automaton import Budget, BudgetSpentError, TextQuestion, find
from ..patterns.charsets import LOWER, REPOSITORY
from ..patterns.tokens import Block, Tokens, exactly, literal, star
from .members import Members, accounts_in
from .trust_entries import BY_ROLES, PUBLISHED, SELF, Entry, Subject, entries_of, glob, moment_in
from .verdict import Access


class TrustLevel(NamedTuple):
    """Everyone whom a register trusts with one access to one repository today.

    Together with the owner, this is the inside.
    """

    accounts: frozenset[str] = frozenset()
    organizations: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    services: frozenset[str] = frozenset()
    vpcs: frozenset[str] = frozenset()
    endpoints: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Trust:
    """A parsed register on one day, `today`. Expired entries are kept, but trust no one.

    `members`: the accounts of the organization whose members entries cover, or None if they are unknown. Registers are
    compared by identity: verdicts are cached for each register, and the look-up must be fast.

    `published`: when it was published, or None if it does not say so.
    """

    entries: tuple[Entry, ...]
    today: date | None = None
    members: Members | None = None
    published: datetime | None = None

    @classmethod
    def nobody(cls) -> Trust:
        """Return the register that trusts only the owner account."""
        return _NOBODY

    @classmethod
    def parse(cls, register: object, today: date | None = None, members: Members | None = None) -> Trust:
        """Read `{"version": 1, "trust": [entry, …]}`, perhaps with `published`. Raises TrustError with every fault."""
        faults: list[tuple[str, str]] = []
        entries, published = tuple(entries_of(register, faults)), None
        if isinstance(register, Mapping) and PUBLISHED in register:
            published = moment_in(register[PUBLISHED], PUBLISHED, lambda at, reason: faults.append((at, reason)))
        if faults:
            raise TrustError(tuple(faults))
        return cls(entries, today, members, published)

    def __getstate__(self) -> dict[str, object]:
        """Return what another process needs. It finds out itself what is kept beside the fields."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def is_expired(self, entry: Entry) -> bool:
        """Return whether an entry's last day is over. Without `today`, an entry with a date counts as expired."""
        return entry.expires is not None and (self.today is None or entry.expires < self.today)

    @cached_property
    def current(self) -> tuple[Entry, ...]:
        """The entries that have not expired."""
        return tuple(entry for entry in self.entries if not self.is_expired(entry))

    @cached_property
    def valid(self) -> tuple[Entry, ...]:
        """The entries that are valid today. Those about roles are not: they trust nobody in a repository's policy."""
        return tuple(entry for entry in self.current if not entry.roles)

    @cached_property
    def names_repositories(self) -> bool:
        """Whether the answer depends on the repository's name."""
        return any(entry.repositories != ("*",) for entry in self.entries)

    @cached_property
    def names_self(self) -> bool:
        """Whether an entry trusts `self`, the organization of the owner account."""
        return any(entry.name == SELF for entry in self.valid)

    def about(self, repository: str) -> Trust:
        """Return a register that has only the entries for one repository."""
        if not self.names_repositories:
            return self
        mask = 0
        for bit, entry in self._bounded:
            if entry.covers(repository):
                mask |= bit
        return self._without_bounded(mask)

    @keep_results
    def _without_bounded(self, mask: int) -> Trust:
        """Return the register without the bounded entries that are not in `mask`."""
        left = [entry for bit, entry in self._bounded if not mask & bit]
        return replace(self, entries=tuple(one for one in self.entries if one not in left))

    def by_role(self, role: str) -> Trust:
        """Return a register that trusts those who assume a role, given with its path, as if a policy allowed them."""
        if not any(entry.roles for entry in self.entries):
            return self
        return self._by_roles(tuple(not entry.roles or entry.covers_role(role) for entry in self.entries))

    @keep_results
    def _by_roles(self, kept: tuple[bool, ...]) -> Trust:
        every = compress(self.entries, kept)
        return replace(self, entries=tuple(one if one.subject in BY_ROLES else replace(one, roles=()) for one in every))

    def naming(self, policy: object, organization: str | None) -> Trust:
        """Return a register that also trusts each known member of an organization that a policy names.

        Such an account is trusted as if it had an entry of its own, with the same fields as the entry of its
        organization. `organization` is the organization that `self` means.
        """
        if not self.asks_for_members or self.members is None:
            return self
        return _with_members(self, self.members.select(accounts_in(policy)), organization, self.members)

    @cached_property
    def asks_for_members(self) -> bool:
        """Whether an entry covers the members of an organization by name."""
        return any(entry.members for entry in self.valid)

    def lacks_members(self, organization: str | None) -> bool:
        """Return whether an entry covers members of an organization whose accounts are unknown."""
        if not self.asks_for_members:
            return False
        known = None if self.members is None else self.members.organization
        entries = (entry for entry in self.valid if entry.members)
        return any((organization if one.name == SELF else one.name.partition("/")[0]) != known for one in entries)

    @cached_property
    def _bounded(self) -> list[tuple[int, Entry]]:
        """The entries that do not cover every repository, each with a bit of its own."""
        bounded = [entry for entry in self.entries if entry.repositories != ("*",)]
        return [(1 << place, entry) for place, entry in enumerate(bounded)]

    @keep_results
    def circles(self, organization: str | None) -> tuple[TrustLevel, TrustLevel, TrustLevel]:
        """Return who is trusted with READ, WRITE and ADMIN. `organization` is the organization that `self` means."""
        read, write, admin = (self._circle(access, organization) for access in Access)
        return read, write, admin

    def _circle(self, access: Access, organization: str | None) -> TrustLevel:
        names: dict[Subject, list[str]] = {subject: [] for subject in Subject}
        for entry in self.valid:
            if entry.access.rank >= access.rank:
                name = organization if entry.name == SELF else entry.name
                if name is not None:
                    names[entry.subject].append(name)
        return TrustLevel(
            frozenset(names[Subject.ACCOUNT]),
            frozenset(names[Subject.ORGANIZATION]),
            tuple(names[Subject.ORGANIZATION_PATH]),
            frozenset(names[Subject.SERVICE]),
            frozenset(names[Subject.VPC]),
            frozenset(names[Subject.VPC_ENDPOINT]),
        )

    def expiring(self, days: int) -> tuple[Entry, ...]:
        """Return the entries that are valid today and whose last day is at most `days` days away."""
        if self.today is None:
            return ()
        end = self.today + timedelta(days=days)
        return tuple(entry for entry in self.current if entry.expires is not None and entry.expires <= end)


_NOBODY = Trust(())
_STEPS = 50_000


@lru_cache(maxsize=256)
def _with_members(trust: Trust, named: frozenset[str], organization: str | None, members: Members) -> Trust:
    """Return a register that also has entries for some members. Each set that policies name has one."""
    added = [
        replace(entry, subject=Subject.ACCOUNT, name=account, members=False)
        for entry in trust.entries
        if entry.members
        for account in sorted(named)
        if members.has(account, organization if entry.name == SELF else entry.name)
    ]
    rest = [replace(entry, members=False) for entry in trust.entries]
    return replace(trust, entries=(*rest, *added)) if added else trust


@lru_cache(maxsize=1024)
def trust_in(trust: Trust, names: tuple[str, ...]) -> Trust:
    """Return the entries that cover every repository with one of `names`. Names can be patterns."""
    if not trust.names_repositories or names == ("*",):
        return trust
    return _only(trust, tuple(_covers_all(entry, names) for entry in trust.entries))


@lru_cache(maxsize=1024)
def _only(trust: Trust, kept: tuple[bool, ...]) -> Trust:
    """Return some of the entries. The same entries are one object, because verdicts are remembered for each trust."""
    return replace(trust, entries=tuple(replace(entry, repositories=("*",)) for entry in compress(trust.entries, kept)))


def _covers_all(entry: Entry, names: tuple[str, ...]) -> bool:
    """Return whether no name of a repository is like one of `names` and like none of the entry's patterns."""
    if entry.covers("*"):
        return True
    # Each `*` may stand for one letter. An entry rarely covers that name, and then no search is needed.
    if not all(entry.covers(name.replace("*", "a")) for name in names):
        return False
    patterns = [name for name in names if "*" in name]
    if not patterns:
        return True
    covered = tuple(Block(glob(name)) for name in entry.repositories)
    shapes = tuple(shape for name in patterns for shape in _names_of_repositories(name))
    try:
        return find(TextQuestion(shapes, (), covered), Budget(_STEPS)) is None
    except BudgetSpentError:
        return False


def names_like(pattern: str) -> Tokens:
    """Return the names that a pattern may match, if each `*` stands for characters of a repository's name."""
    first, *others = pattern.split("*")
    tokens = literal(first)
    for part in others:
        tokens += star(REPOSITORY) + literal(part)
    return tokens


def _names_of_repositories(pattern: str) -> tuple[Tokens, ...]:
    """Return the names of repositories that a pattern may match. A name ends in a letter or digit.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    """
    tokens = names_like(pattern)
    if not pattern.endswith("*"):
        return (tokens,)
    shorter = pattern.rstrip("*")
    whole = tokens + exactly(LOWER)
    return (whole, *_names_of_repositories(shorter)) if shorter[-1:].isalnum() else (whole,)


def names_under(prefix: str) -> tuple[str, ...]:
    """Return the pattern of the repositories that a creation template or a cache with this prefix applies to."""
    return ("*",) if prefix == "ROOT" else (f"{prefix.removesuffix('/')}/*",)


def contains(pattern: Text, name: Text) -> bool:
    """Return whether a pattern of names, which may end in `*`, certainly matches all that another one matches.

    A pattern with unknown parts only matches what the same pattern matches.
    """
    if name == pattern or isinstance(pattern, Holed) or not pattern.endswith("*"):
        return name == pattern
    start = name if isinstance(name, str) else name.parts[0]
    return isinstance(start, str) and start.startswith(pattern[:-1])
