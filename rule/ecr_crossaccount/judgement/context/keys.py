"""The contents of the table of condition keys, by key and kind of request. Keys are in lower case.

The meanings of keys in kinds of requests are computed once for all judgements of repositories with the same context.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from operator import attrgetter

from ...memo import looked_up
from .call import is_well_known
from .request import (
    ABSENT,
    EVERYBODY,
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    Depends,
    Key,
    Meaning,
    PrincipalRequest,
    RepositoryContext,
    RequestKind,
    ServiceRequest,
    SetBy,
    Settled,
    Shows,
    Unsure,
    absent,
)
from .table import KEYS

_NAMED = {one.name.lower(): one for one in KEYS if one.name[-1] not in "/:" and one.name[0] != ":"}
_BEGINNINGS = {one.name.lower(): one for one in KEYS if one.name[-1] in "/:"}
_CLAIMS = {one.name[1:]: one for one in KEYS if one.name[0] == ":"}

NAMES = {lower: one.name for lower, one in _NAMED.items()}
"""The keys of the table as AWS writes them, by their lower-case form."""


@looked_up(most=1024)
def documented_name(name: str) -> str:
    """Return a key, in any case, as AWS writes it, if it is known. The name of a tag stays unchanged."""
    key = name.lower()
    if key in NAMES:
        return NAMES[key]
    start = next((beginning for beginning in _BEGINNINGS if key.startswith(beginning)), "")
    return _BEGINNINGS[start].name + name[len(start) :] if start else name


def row(key: str) -> Key | None:
    """Return the row of a key, or None if the key is unknown."""
    return _NAMED.get(key) or _find_row(key)


@looked_up(most=1024)
def _find_row(key: str) -> Key | None:
    """Return the row whose name is the start or the end of a key."""
    starts = ("".join(key.partition(mark)[:2]) for mark in "/:")
    found = next((_BEGINNINGS[start] for start in starts if start in _BEGINNINGS), None)
    issuer, _, claim = key.rpartition(":")
    return found or (_CLAIMS.get(claim) if "." in issuer else None)


def _key_test(holds: Callable[[Key], object]) -> Callable[[str], bool]:
    """Return a function that returns whether a key has a row with which `holds` is true."""

    @looked_up(most=1024)
    def is_so(key: str) -> bool:
        found = row(key)
        return found is not None and bool(holds(found))

    return is_so


is_multivalued = _key_test(lambda one: one.many)
"""Whether a key can have several values, so that IAM needs a set operator."""


def meaning(request: RequestKind, key: str) -> Meaning:
    """Return the meaning of a key in a request of this kind."""
    one = row(key)
    if isinstance(request, ServiceRequest):
        return _of_service(request, key, one)
    if one is None:
        return Unsure()
    if request.principal_type not in one.held_by or not one.way.fits(request.network_path):
        return one.absent
    found = one.caller(request, key)
    return one.absent if found is ABSENT else found


def _of_service(request: ServiceRequest, key: str, one: Key | None) -> Meaning:
    if one is None or one.service is None:
        return Unsure(single=one is not None and not one.many)
    found = one.service(request, key)
    return one.absent if found is ABSENT else found


# --- dependencies of a key ---

_SOURCE = Depends.ACCOUNT | Depends.ORGANIZATION
_NETWORK = Depends.ROUTE | Depends.FORWARDED


def _is_alike(one: Key) -> bool:
    """Return whether a key means the same in the requests of principals and of services."""
    return id(one.caller) == id(one.service) and not one.depends


is_of_repository = _key_test(lambda one: one.set_by in (SetBy.RESOURCE, SetBy.REQUEST) and not one.depends)
"""Whether a key has the same value for every AWS principal, such as those of repository and time."""
is_early = _key_test(
    lambda one: one.held_by is EVERYBODY and not one.depends & ~(_SOURCE | Depends.SERVICE | Depends.KNOWN_ARNS)
)
"""Whether a key depends at most on account and organization, not on network path or type of caller."""
depends_on_type = _key_test(lambda one: one.depends & Depends.TYPE)
"""Whether other types of principals can give a key values that a role's session cannot."""
is_blind = _key_test(
    lambda one: (
        one.held_by is EVERYBODY and not one.depends & Depends.TYPE and one.set_by not in (SetBy.SESSION, SetBy.CALLER)
    )
)
"""Whether a key has the same values for all principals of an account on the same network path."""
is_bound = _key_test(lambda one: one.depends & (_SOURCE | Depends.TYPE | _NETWORK))
"""Whether a key depends on the caller's account, organization or type, or on the network path."""
is_of_organization = _key_test(lambda one: one.depends == Depends.ORGANIZATION)
"""Whether a key depends on the caller's organization, and on nothing else about the caller."""
is_of_network = _key_test(lambda one: one.depends & _NETWORK)
"""Whether a key depends on the network path."""
is_of_caller = _key_test(
    lambda one: not one.depends & ~(Depends.ACCOUNT | Depends.TYPE) and (one.depends or one.held_by is not EVERYBODY)
)
"""Whether a key depends on the caller's account or type of principal, and on nothing else."""
is_of_principal = _key_test(lambda one: one.set_by is SetBy.PRINCIPAL)
"""Whether a key identifies or describes the caller. A witness shows each such key, including tags, if present."""
is_of_source = _key_test(lambda one: one.set_by is SetBy.SERVICE)
"""Whether a key depends on the account that a service acts for."""
is_of_service = _key_test(lambda one: one.depends & (Depends.SERVICE | Depends.KNOWN_ARNS))
"""Whether a key depends on the service that calls."""
is_of_tags = _key_test(lambda one: one.depends & Depends.TAGS)
"""Whether a key depends on the tags of the call."""
is_repositorys_tag = _key_test(lambda one: one.name.endswith(":ResourceTag/"))
"""Whether a key has the value of a tag of the repository."""
is_of_sender = _key_test(lambda one: one.set_by is not SetBy.SERVICE and id(one.caller) != id(one.service))
"""Whether a key describes the sender of a request, and differs between AWS principals and services."""
is_of_callers_alone = _key_test(lambda one: id(one.caller) != id(absent) and id(one.service) == id(absent))
"""Whether AWS principals can have a key that a service's own request never has."""


def _depending_on(what: Depends) -> frozenset[str]:
    return frozenset(lower for lower, one in _NAMED.items() if one.depends & what)


FORWARDED = _depending_on(Depends.FORWARDED)
"""Keys that show whether a service forwarded the request."""
ROUTED = _depending_on(Depends.ROUTE)
"""Keys that show the address or the VPC endpoint."""
OF_TRUST = _depending_on(Depends.TRUST)
"""Keys for which it cannot be determined whether an outsider can choose values that trust covers."""


def showing(*what: Shows, by_service: bool) -> frozenset[str]:
    """Return the keys that identify the account, organization or service: of the source, or of the caller."""
    return frozenset(
        lower for lower, one in _NAMED.items() if one.shows in what and (one.set_by is SetBy.SERVICE) is by_service
    )


SOURCES = frozenset(filter(is_of_source, _NAMED))
"""Keys that show the account or organization that a service acts for."""
SERVICES = showing(Shows.SERVICE, by_service=False)
"""Keys that have the names of the calling service."""
ACCOUNTS = showing(Shows.ACCOUNT, Shows.OF_ACCOUNT, by_service=False)
"""Keys that have the caller's account, or an ARN or an id that contains it."""


# --- requests in which a key has the same meaning ---

_Reader = Callable[[RequestKind], Hashable]


def _account(request: RequestKind) -> Hashable:
    """Return the account. If the search must find it, return everything that this search depends on."""
    if isinstance(request, PrincipalRequest) and request.account == SOME_ACCOUNT:
        return request.principal_type, request.named_apart, request.trusted
    return request.account


def _organization(request: RequestKind) -> Hashable:
    if isinstance(request, PrincipalRequest) and request.organization == SOME_ORGANIZATION:
        return request.organization, request.named_apart, request.trusted
    return request.organization, request.fresh


_TAGS: _Reader = attrgetter("tagging")
_BY_CALLER: dict[Depends, _Reader] = {
    Depends.ACCOUNT: _account,
    Depends.ORGANIZATION: _organization,
    Depends.TYPE: attrgetter("principal_type"),
    Depends.ROUTE: attrgetter("network_path.address", "network_path.endpoint"),
    Depends.FORWARDED: attrgetter("network_path.via"),
    Depends.TRUST: attrgetter("trusted"),
    Depends.TAGS: _TAGS,
}
_BY_SERVICE: dict[Depends, _Reader] = {
    Depends.ACCOUNT: _account,
    Depends.ORGANIZATION: _organization,
    Depends.SERVICE: attrgetter("service"),
    Depends.KNOWN_ARNS: lambda request: isinstance(request, ServiceRequest) and is_well_known(request.service),
    Depends.TAGS: _TAGS,
}


def _together(readers: list[_Reader]) -> _Reader:
    if len(readers) == 1:
        return readers[0]
    return lambda request: tuple([read(request) for read in readers])


def _nothing(_request: RequestKind) -> Hashable:
    return None


def _of_any_service(_request: RequestKind) -> Hashable:
    return ServiceRequest


def _facet_of_caller(one: Key) -> _Reader:
    readers = [read for what, read in _BY_CALLER.items() if one.depends & what]
    if one.held_by is not EVERYBODY and not one.depends & Depends.TYPE:
        readers.append(lambda request: isinstance(request, PrincipalRequest) and request.principal_type in one.held_by)
    return _together(readers) if readers else _nothing


def _facet_of_service(one: Key) -> _Reader:
    readers = [read for what, read in _BY_SERVICE.items() if one.depends & what]
    return _together([_of_any_service, *readers])


@looked_up(most=1024)
def facets(key: str) -> tuple[_Reader, _Reader]:
    """Return functions that read a key's facet, for a principal's request and for a service's.

    A facet is what the key's meaning depends on. In requests with the same facet, the key has the same meaning.
    """
    one = row(key)
    if one is None:
        return _nothing, _of_any_service
    of_caller = _facet_of_caller(one)
    return of_caller, of_caller if _is_alike(one) else _facet_of_service(one)


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

    def for_kind(self, request: RequestKind) -> Meanings:
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
