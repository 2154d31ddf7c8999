"""The kinds of outside actors that an Allow's Principal admits, tried one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...policy.principals import Principals
from ..context.request import PrincipalType
from ..verdict import Kind
from .findings import Doubt, Found
from .search import Search


def _admits_anyone(principals: Principals) -> bool:
    return principals.everyone or principals.any_aws or principals.negated


def findings_of(search: Search, principals: Principals) -> Iterator[Found]:
    """Those outside who certainly get in by an Allow, the most public first."""
    if _admits_anyone(principals):
        public = None if _nobody_left(principals) else search.public()
        if public is not None:
            yield public
        elif not _nobody_left(principals):
            yield from search.organizations()
            yield from search.accounts()
    if not principals.negated:
        for match in search.entries:
            yield from search.named(match)
    names = _services(principals)
    if names is None or names:
        yield from (found for found in search.services(names, possibly=False) if isinstance(found, Found))


def _nobody_left(principals: Principals) -> bool:
    return principals.negated and (principals.everyone or principals.any_aws)


def _services(principals: Principals) -> Sequence[str] | None:
    """The services that an Allow names; None for any."""
    if principals.negated:
        return () if principals.everyone else None
    return None if principals.everyone or principals.any_aws else principals.services


def doubt_of(search: Search, principals: Principals, known: Sequence[Found]) -> Doubt | None:
    """Somebody besides those known who perhaps gets in."""
    kinds = {found.kind for found in known}
    if _admits_anyone(principals) and Kind.ANY not in kinds and not _nobody_left(principals):
        found = search.doubt(known)
        if found is not None:
            return found
    accounts = {found.grantee for found in known if found.kind is Kind.ACCOUNT}
    for match in () if principals.negated else search.entries:
        found = None if match.account in accounts else search.named_doubt(match)
        if found is not None:
            return found
    unknown = (search.unknown_doubt(principal_types) for principal_types in _unknown_sorts(principals))
    found = next((one for one in unknown if one is not None), None)
    return found or _service_doubt(search, principals, known)


def _unknown_sorts(principals: Principals) -> Iterator[tuple[PrincipalType, ...]]:
    """The types of principals whose account is not known: a role's sessions, a user and his federated sessions."""
    if principals.negated:
        return
    for one in principals.ids:
        yield (PrincipalType.ROLE,) if one.id.startswith("AROA") else (PrincipalType.USER, PrincipalType.FEDERATED)
    if principals.unknown:
        yield (PrincipalType.ROLE, PrincipalType.USER, PrincipalType.FEDERATED, PrincipalType.ROOT)


def _service_doubt(search: Search, principals: Principals, known: Sequence[Found]) -> Doubt | None:
    acting = {found.tried[0] for found in known if found.kind is Kind.SERVICE}
    names = _services(principals)
    is_public = any(found.public for found in known)
    if names is None and (acting or is_public):
        return None  # who is open to everybody is no safer for what a service can do besides
    if names is not None:
        names = [name for name in names if name not in acting]
    if principals.unknown_services:
        names = None
    if names is None or names:
        return next((found for found in search.services(names, possibly=True) if isinstance(found, Doubt)), None)
    return None
