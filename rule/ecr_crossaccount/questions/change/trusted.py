"""Those whom one register trusts and another does not: requests that were inside, and are outside now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...documents.conditions import Base, Condition, Quantifier
from ...documents.document import Effect
from ...documents.principals import Principals
from ...documents.problems import first_of
from ...judgement.conditions.clause import clause, like
from ...judgement.search.principal_match import Allow
from ...judgement.values.actions import of_ranks
from ...judgement.values.trust import Circle
from .pieces import Overlap

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries of one kind that only the base has, for the access of one rank.

    `callers` and `sources`: the conditions that an AWS principal and a service meet if such an entry covers them. None
    if it covers none. `services`: the names of services that such an entry covers.
    """

    rank: int
    kind: str
    names: tuple[str, ...]
    callers: Condition | None = None
    sources: Condition | None = None
    services: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the entries in words."""
        return f"{self.kind} {first_of(list(self.names), _MOST_NAMED)}"

    def overlaps(self, allow: Allow) -> Iterator[Overlap]:
        """Yield the requests that an Allow matches and that such an entry covers."""
        actions = of_ranks((self.rank,))
        mine = replace(allow, actions=allow.actions & actions, perhaps=allow.perhaps & actions)
        if not mine.perhaps:
            return
        if self.callers is not None:
            yield Overlap(_under(mine, self.callers), people=True, services=False)
        if self.sources is not None:
            yield Overlap(_under(mine, self.sources), people=False, services=True)
        principals = mine.statement.principals
        hit = [one for one in self.services if _lets_in(principals, one)]
        if hit:
            statement = mine.statement._replace(principals=Principals(services=tuple(hit)))
            yield Overlap(replace(mine, statement=statement), people=False, services=True)


def _lets_in(principals: Principals, service: str) -> bool:
    """Return whether the principals of an Allow include a service."""
    if principals.negated:
        return service not in principals.services
    return principals.everyone or principals.any_aws or service in principals.services


def _under(allow: Allow, condition: Condition) -> Allow:
    return replace(allow, clauses=(*allow.clauses, clause(condition, Effect.ALLOW)))


def lost(base: Sequence[Circle], giver: Sequence[Circle]) -> Iterator[Entries]:
    """Yield the entries of the base's circles of trust that the giver's do not have, by rank and kind."""
    for rank, (then, now) in enumerate(zip(base, giver, strict=True)):
        accounts, organizations = sorted(then.accounts - now.accounts), sorted(then.organizations - now.organizations)
        paths = [one for one in then.paths if one not in now.paths]
        equal, named = Base.STRING_EQUALS, Quantifier.ANY
        if accounts:
            sources = like("aws:sourceaccount", accounts, equal)
            yield Entries(rank, "account", tuple(accounts), like("aws:principalaccount", accounts, equal), sources)
        if organizations:
            sources = like("aws:sourceorgid", organizations, equal)
            callers = like("aws:principalorgid", organizations, equal)
            yield Entries(rank, "organization", tuple(organizations), callers, sources)
        if paths:
            sources = like("aws:sourceorgpaths", paths, quantifier=named)
            yield Entries(rank, "path", tuple(paths), like("aws:principalorgpaths", paths, quantifier=named), sources)
        for kind, key, names in (
            ("VPC", "aws:sourcevpc", sorted(then.vpcs - now.vpcs)),
            ("VPC endpoint", "aws:sourcevpce", sorted(then.endpoints - now.endpoints)),
        ):
            if names:
                yield Entries(rank, kind, tuple(names), like(key, names, equal))
        services = tuple(sorted(then.services - now.services))
        if services:
            yield Entries(rank, "service", services, services=services)
