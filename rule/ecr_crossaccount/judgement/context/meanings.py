"""The meanings of keys in kinds of requests, computed once for all judgements of repositories with the same context."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from .keys import facets, meaning
from .request import Meaning, RepositoryContext, RequestKind, ServiceRequest, Settled


class Meanings(dict[str, Meaning]):
    """The meaning of each key in one kind of request, computed when it is first needed."""

    __slots__ = ("_request", "_shared")

    def __init__(self, request: RequestKind, shared: SharedMeanings) -> None:
        super().__init__()
        self._request = request
        self._shared = shared

    def __missing__(self, key: str) -> Meaning:
        return self.setdefault(key, self._shared.meaning(self._request, key))


class SharedMeanings:
    """The meanings of keys in all kinds of requests for one repository. Kinds that differ in other ways share them.

    Meanings are compared by identity, so nothing is dropped while a judgement uses it. Each judgement uses one object
    of this class throughout. When that has grown large, the next judgement uses a new one. Whether two kinds of
    requests share a meaning depends only on the two, never on what was judged before.
    """

    __slots__ = ("_by_facet", "_kinds")

    def __init__(self) -> None:
        self._kinds: dict[RequestKind, Meanings] = {}
        self._by_facet: dict[tuple[str, Hashable], Meaning] = {}

    @property
    def is_large(self) -> bool:
        """Whether the next judgement should start with a new object."""
        return len(self._by_facet) > _LARGE or len(self._kinds) > _LARGE

    def of(self, request: RequestKind) -> Meanings:
        """Return the meanings of keys in a kind of request."""
        known = self._kinds.get(request)
        return known if known is not None else self._kinds.setdefault(request, Meanings(request, self))

    def meaning(self, request: RequestKind, key: str) -> Meaning:
        """Return the meaning of a key in a kind of request. Keys that depend on each other share one domain."""
        of_caller, of_service = facets(key)
        place = (key, of_service(request) if isinstance(request, ServiceRequest) else of_caller(request))
        found = self._by_facet.get(place)
        if found is None:
            found = meaning(request, key)
            if not isinstance(found, Settled) and found.key != key:
                found = self.meaning(request, found.key)
            found = self._by_facet.setdefault(place, found)
        return found


_LARGE = 1024
"""Meanings, or kinds of requests. Only a few policies need more."""


def meanings_for(repository: RepositoryContext) -> SharedMeanings:
    """Return the meanings for one judgement of a repository, from its start to its end."""
    latest = _latest(repository)
    if latest[0].is_large:
        latest[0] = SharedMeanings()
    return latest[0]


@lru_cache(maxsize=64)
def _latest(_repository: RepositoryContext) -> list[SharedMeanings]:
    """Return the current meanings, in a list of one element, so that they can be replaced."""
    return [SharedMeanings()]
