"""What keys mean in kinds of requests: found out once, for all judgements of repositories that are alike."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from .keys import facets, meaning
from .request import Meaning, RepositoryContext, RequestKind, ServiceRequest, Settled


class Meanings(dict[str, Meaning]):
    """What each key means in one kind of request, found out when it is first asked for."""

    __slots__ = ("_request", "_shared")

    def __init__(self, request: RequestKind, shared: SharedMeanings) -> None:
        super().__init__()
        self._request = request
        self._shared = shared

    def __missing__(self, key: str) -> Meaning:
        return self.setdefault(key, self._shared.meaning(self._request, key))


class SharedMeanings:
    """The meanings of keys in all kinds of requests for one repository; kinds that differ elsewhere share them.

    Meanings are told apart by their identity, so nothing is dropped of what a judgement uses: one takes a whole object
    of these, and where that has grown large, the next one takes a new one. Whether two kinds of requests share a
    meaning depends on the two alone, and never on what was judged before.
    """

    __slots__ = ("_by_facet", "_kinds")

    def __init__(self) -> None:
        self._kinds: dict[RequestKind, Meanings] = {}
        self._by_facet: dict[tuple[str, Hashable], Meaning] = {}

    @property
    def is_large(self) -> bool:
        """Whether the next judgement should begin with a new one."""
        return len(self._by_facet) > _LARGE or len(self._kinds) > _LARGE

    def of(self, request: RequestKind) -> Meanings:
        """Return what keys mean in a kind of request."""
        known = self._kinds.get(request)
        return known if known is not None else self._kinds.setdefault(request, Meanings(request, self))

    def meaning(self, request: RequestKind, key: str) -> Meaning:
        """Return the meaning of a key in a kind of request; keys that move together share one domain."""
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
"""Meanings, or kinds of requests: more than any but a few policies ask for."""


def meanings_for(repository: RepositoryContext) -> SharedMeanings:
    """Return the meanings that one judgement of a repository takes, from its beginning to its end."""
    latest = _latest(repository)
    if latest[0].is_large:
        latest[0] = SharedMeanings()
    return latest[0]


@lru_cache(maxsize=64)
def _latest(_repository: RepositoryContext) -> list[SharedMeanings]:
    """The meanings that judgements take now, in a list of one to be replaced in."""
    return [SharedMeanings()]
