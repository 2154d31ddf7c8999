"""Which registry policy counts for a repository: one of the same account and Region, as far as files tell that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import chain

from ..access.beside import Scope
from .context import Context
from .found import NOWHERE, FoundPolicy, FoundScope, Harvest, Kind, Location, Unjudged, Unread
from .values.places import Place

COUNTED_FOR = (Kind.REPOSITORY, Kind.CREATION_TEMPLATE)
"""What the policy of a registry counts for: its repositories, those too that are still to be made."""

STRIDE = 10_240
"""From the number of a candidate's first statement to that of the next one's. A policy has fewer characters, at most:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
"""
_SCOPES = frozenset({Scope.V1.value, Scope.V2.value})
_SET = "what sets it runs or is applied"
_MOST = 8
"""Registry policies any of which may count for a repository; of more, nobody knows which."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registry policy that may count for a repository.

    `doubt`: why it may be of another account or Region, "" where it is certainly not. `unread`: why nobody knows what
    it says. `is_given`: whether the user gives it, as what is deployed now. `scope`: on which actions it counts.
    """

    found: FoundPolicy
    doubt: str = ""
    unread: str | None = None
    is_given: bool = False
    scope: Scope = Scope.UNKNOWN

    @property
    def called(self) -> str:
        """What a person calls it."""
        if self.is_given:
            return f"the registry policy of --registry-policy {self.found.at.file}"
        return f"the registry policy `{self.found.resource}` of {self.found.at.file}"

    @property
    def is_certain(self) -> bool:
        """Whether it is of the same account and Region, and there."""
        return not (self.doubt or self.found.perhaps)

    @property
    def chosen(self) -> str:
        """In words, that it is the one that counts."""
        if self.doubt:
            return f"{self.called} is of the same account and Region ({self.doubt})"
        if self.found.perhaps:
            return f"{self.called} is there ({self.found.perhaps})"
        return f"{self.called} counts, which is one of several of its account and Region"


class _Relation(Enum):
    """Whether two policies are deployed into the same account and Region."""

    SAME = "the same"
    OTHER = "another"
    UNKNOWN = "not known"


class Registries:
    """The registry policies of a run, those too that nobody could read or judge, and the one that the user gives."""

    def __init__(self, harvest: Harvest, context: Context) -> None:
        self._context = context
        of_registries = (one for one in harvest.policies if one.kind is Kind.REGISTRY)
        self._known = [
            *(Candidate(one, unread=_doubtful(one)) for one in of_registries),
            *_unread(harvest.errors),
            *_unjudged(harvest.unjudged),
        ]
        self._scopes = harvest.scopes
        self._given = None if context.registry is None else Candidate(context.registry, is_given=True)

    @property
    def are_none(self) -> bool:
        """Whether there is none at all."""
        return not self._known and self._given is None

    def of(self, found: FoundPolicy) -> tuple[Candidate, ...]:
        """Return the registry policies that may count for a repository: one that certainly does, else what may."""
        if found.kind not in COUNTED_FOR or self.are_none:
            return ()
        here = [one for known in self._known for one in self._related(found, known)]
        given = [] if self._given is None else list(self._related(found, self._given))
        # What is deployed now is replaced by what certainly will be.
        candidates = here if any(one.is_certain for one in here) else [*given, *here]
        if len(candidates) <= _MOST:
            return tuple(candidates)
        reason = f"{len(candidates)} registry policies may be that of its account and Region: check fewer files at once"
        return (replace(candidates[0], doubt="", unread=reason),)

    def notes_on(self, found: FoundPolicy) -> Iterator[str]:
        """Yield what a reader should know where the policy that the user gives is that of another registry."""
        given = self._given
        if given is None or found.kind not in COUNTED_FOR or self._relation(found, given) is not _Relation.OTHER:
            return
        where = location_of(given.found, self._context)
        region = f" in {where.region}" if where.region else ""
        yield f"the policy of its registry was not given: --registry-policy is of {where.account}{region}"

    def _related(self, found: FoundPolicy, known: Candidate) -> Iterator[Candidate]:
        relation = self._relation(found, known)
        if relation is not _Relation.OTHER:
            doubt = self._doubt(found, known) if relation is _Relation.UNKNOWN else ""
            yield replace(known, doubt=doubt, scope=self._scope(found, known))

    def _scope(self, found: FoundPolicy, known: Candidate) -> Scope:
        """Return the scope that the user says, or else what the settings in the files say, if they certainly do.

        A command that may not run decides only about what is set beside it.
        """
        if self._context.registry_scope is not Scope.UNKNOWN:
            return self._context.registry_scope
        certain, values = False, set[str | None]()
        for one in self._scopes:
            relations = {self._between(found, one), self._between(known.found, one)}
            if _Relation.OTHER not in relations:
                values.add(one.value)
                counts = not one.may_not_run or one.deployed_with == known.found.deployed_with
                certain |= counts and _Relation.SAME in relations
        (value, *others) = values or {None}
        return Scope(value) if certain and not others and value in _SCOPES else Scope.UNKNOWN

    def _relation(self, found: FoundPolicy, known: Candidate) -> _Relation:
        return self._between(found, known.found, together=known.is_given)

    def _between(self, found: FoundPolicy, other: FoundPolicy | FoundScope, *, together: bool = False) -> _Relation:
        """Return how two are related; `together`: whether what is not known of both of them is alike."""
        here, there = location_of(found, self._context), location_of(other, self._context)
        together = together or found.deployed_with == other.deployed_with
        if together and here == there and NOWHERE not in (here, there):
            return _Relation.SAME
        pairs = ((here.account, there.account), (here.region, there.region))
        if any(one is not None and other is not None and one != other for one, other in pairs):
            return _Relation.OTHER
        return _Relation.UNKNOWN if None in chain(*pairs) else _Relation.SAME

    def _doubt(self, found: FoundPolicy, known: Candidate) -> str:
        here, there = location_of(found, self._context), location_of(known.found, self._context)
        unknown = [name for name in ("account", "region") if None in (getattr(here, name), getattr(there, name))]
        words = " and ".join("the Region" if name == "region" else "the account" for name in unknown)
        if here.by or there.by:
            return f"{words} of one of them is not known before deployment"
        return f"give {' and '.join(f'--{name}' for name in unknown)}"


def location_of(found: FoundPolicy | FoundScope, context: Context) -> Location:
    """Return the account and the Region that something is deployed into, as far as they are known."""
    return found.location or Location(found.account or context.account, found.region or context.region)


def _doubtful(found: FoundPolicy) -> str | None:
    return next((_not_known(found.resource, found.at.file, one) for one in found.doubts), None)


def _not_known(resource: str, file: str, reason: str) -> str:
    return f"the policy that `{resource}` in {file} sets is unknown: {reason}"


def _unread(errors: Iterable[Unread]) -> Iterator[Candidate]:
    for one in errors:
        if one.registry is not None:
            found = FoundPolicy(
                Place(one.file, one.line or 1),
                one.resource or "policy",
                Kind.REGISTRY,
                None,
                location=one.registry,
                deployed_with=one.file,
            )
            yield Candidate(found, unread=f"{one.file}: {one.message}")


def _unjudged(found: Iterable[Unjudged]) -> Iterator[Candidate]:
    """Yield the registry policies that something sets of which nobody knows what they say, and when it does."""
    for one in dict.fromkeys(found):
        if one.registry is not None:
            policy = FoundPolicy(
                Place(one.file, one.line, one.column),
                one.resource,
                Kind.REGISTRY,
                None,
                location=one.registry,
                deployed_with=one.file,
                perhaps=_SET,
            )
            yield Candidate(policy, unread=_not_known(one.resource, one.file, one.reason))
