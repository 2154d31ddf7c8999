"""The principals inside, for each kind of access: the owner and those that trust covers, as limits that select them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from ...judgement.values.trust import Circle

Ranks = frozenset[int]
"""Kinds of access, by rank: 0 READ, 1 WRITE, 2 ADMIN."""
Name = TypeVar("Name")


class Owner(NamedTuple):
    """The account of a repository, and the organization that the account belongs to, if known."""

    account: str
    organization: str | None


@dataclass(frozen=True, slots=True)
class TrustedRanks:
    """The names that trust covers, each with the ranks that it is trusted with, among the requested ranks.

    - `every`: the requested ranks.
    - `said`: the requested ranks that another statement gives to every name that does not have all of `every`.
    """

    owner: Owner
    every: Ranks
    said: Ranks
    accounts: Mapping[str, Ranks]
    organizations: Mapping[str, Ranks]
    paths: Mapping[str, Ranks]
    services: Mapping[str, Ranks]
    vpcs: Mapping[str, Ranks]
    endpoints: Mapping[str, Ranks]

    def of_account(self, account: str) -> Ranks:
        """Return the ranks that an account is trusted with."""
        return self.accounts.get(account, frozenset())

    def of_service(self, service: str) -> Ranks:
        """Return the ranks that a service is trusted with, for any account that it acts for."""
        return self.services.get(service, frozenset())

    @property
    def is_owner_a_member(self) -> bool:
        """Whether the owner account has every requested rank as a member of a trusted organization."""
        home = self.owner.organization
        return home is not None and self.organizations.get(home) == self.every

    @property
    def callers(self) -> Mapping[str, Ranks]:
        """The accounts, without the owner if it has access through its organization."""
        gone = self.owner.account if self.is_owner_a_member else None
        return {name: ranks for name, ranks in self.accounts.items() if name != gone}

    @property
    def has_groups(self) -> bool:
        """Whether trust covers accounts that it does not name, in an organization or a network."""
        return bool(self.organizations or self.paths or self.vpcs or self.endpoints)

    def by_purpose(self, names: Mapping[Name, Ranks]) -> Iterator[tuple[Ranks, tuple[Name, ...]]]:
        """Yield names grouped by the access that they share, so that each list of actions appears once.

        Names with every rank come first, in a group of their own, because their actions stay as written.
        """
        whole = tuple(name for name, ranks in names.items() if ranks == self.every)
        if whole:
            yield self.every, whole
        groups: dict[tuple[Name, ...], list[int]] = {}
        for rank in sorted(self.every - self.said):
            sharing = tuple(name for name, ranks in names.items() if ranks != self.every and rank in ranks)
            groups.setdefault(sharing, []).append(rank)
        yield from ((frozenset(ranks), sharing) for sharing, ranks in groups.items() if sharing)


def inside(owner: Owner, circles: Sequence[Circle], every: Ranks, said: Ranks) -> TrustedRanks:
    """Return what is inside for some ranks: the owner for all of them, and the names in the circle of each rank."""
    organizations = _ranked((circle.organizations for circle in circles), every)
    paths = _ranked((circle.paths for circle in circles), every)
    return TrustedRanks(
        owner,
        every,
        said,
        {owner.account: every} | _ranked((circle.accounts for circle in circles), every, without=owner.account),
        organizations,
        {path: ranks - organizations.get(path.partition("/")[0], frozenset()) for path, ranks in paths.items()},
        _ranked((circle.services for circle in circles), every),
        _ranked((circle.vpcs for circle in circles), every),
        _ranked((circle.endpoints for circle in circles), every),
    )


def _ranked(names: Iterable[Iterable[str]], ranks: Ranks, without: str = "") -> dict[str, Ranks]:
    found: dict[str, Ranks] = {}
    for rank, trusted in enumerate(names):
        for name in trusted if rank in ranks else ():
            if name != without:
                found[name] = found.get(name, frozenset()) | {rank}
    return dict(sorted(found.items()))
