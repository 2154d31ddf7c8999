"""Who is inside, for each access: the owner and those whom trust covers, as the limits that single them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..access.trust import Circle

Ranks = frozenset[int]
"""Kinds of access, by their rank: 0 READ, 1 WRITE, 2 ADMIN."""


@dataclass(frozen=True, slots=True)
class Inside:
    """Who may have which access: names with the ranks that they are trusted with, of those that are asked for."""

    accounts: Mapping[str, Ranks]
    organizations: Mapping[str, Ranks]
    paths: Mapping[str, Ranks]
    services: Mapping[str, Ranks]
    vpcs: Mapping[str, Ranks]
    endpoints: Mapping[str, Ranks]

    def of_account(self, account: str) -> Ranks:
        """The ranks that an account is trusted with."""
        return self.accounts.get(account, frozenset())

    def of_service(self, service: str) -> Ranks:
        """The ranks that a service is trusted with, whomever it acts for."""
        return self.services.get(service, frozenset())


def inside(owner: str, circles: Sequence[Circle], ranks: Ranks) -> Inside:
    """Return who is inside for `ranks`: the owner for all of them, and those in the circle of each."""
    return Inside(
        {owner: ranks} | _ranked((circle.accounts for circle in circles), ranks, without=owner),
        _ranked((circle.organizations for circle in circles), ranks),
        _ranked((circle.paths for circle in circles), ranks),
        _ranked((circle.services for circle in circles), ranks),
        _ranked((circle.vpcs for circle in circles), ranks),
        _ranked((circle.endpoints for circle in circles), ranks),
    )


def _ranked(names: Iterable[Iterable[str]], ranks: Ranks, without: str = "") -> dict[str, Ranks]:
    found: dict[str, Ranks] = {}
    for rank, trusted in enumerate(names):
        for name in trusted if rank in ranks else ():
            if name != without:
                found[name] = found.get(name, frozenset()) | {rank}
    return dict(sorted(found.items()))


def alike(names: Mapping[str, Ranks]) -> Iterator[tuple[Ranks, tuple[str, ...]]]:
    """Yield the names that have the same ranks together, those with the most first."""
    groups: dict[Ranks, list[str]] = {}
    for name, ranks in names.items():
        groups.setdefault(ranks, []).append(name)
    for ranks, found in sorted(groups.items(), key=lambda group: (-len(group[0]), sorted(group[0]))):
        yield ranks, tuple(found)
