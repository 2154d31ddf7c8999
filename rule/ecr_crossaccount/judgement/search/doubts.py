"""Finds callers whose access through an Allow cannot be determined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...documents.principals import Principals
from ..conditions.operators import Mode
from ..context.request import PrincipalType
from ..values.verdict import Kind
from .candidates import FRESH_ACCOUNT
from .findings import Doubt, Found, Incomplete, most_telling
from .principal_match import PrincipalMatch
from .search import Search


class DoubtSearch(Search):
    """The search for someone outside who may have access."""

    mode = Mode.MAY

    @property
    def has_hope(self) -> bool:
        """Whether any AWS principal may have access."""
        return self.allow_search.has_hope(self.mode)

    def doubt(self, known: Iterable[Found]) -> Doubt | None:
        """Return someone, besides the known findings, who may have access through a wildcard principal."""
        if not self.has_hope:
            return None
        tried = {found.tried for found in known}
        organizations = {organization for account, organization in tried if account == FRESH_ACCOUNT}
        for account in [FRESH_ACCOUNT, *self._callers.accounts]:
            if account == FRESH_ACCOUNT or (account, None) not in tried:
                every = self._callers.memberships
                memberships = tuple([one for one in every if one[0] not in organizations])
                found = self.enter(self.allow_search.anybody(account), memberships)
                if isinstance(found, Doubt):
                    return found
        return None

    def named_doubt(self, match: PrincipalMatch) -> Doubt | None:
        """Return a doubt if the account of an outside principal may have access."""
        found = self.enter(match, self._callers.memberships)
        return found if isinstance(found, Doubt) else None

    def unknown_doubt(self, principal_types: tuple[PrincipalType, ...]) -> Doubt | None:
        """Return a doubt if a principal of an unknown account may have access. It tries each class of accounts."""
        accounts = [FRESH_ACCOUNT, *self._callers.accounts]
        doubts = (self.named_doubt(self.allow_search.anybody(account, principal_types)) for account in accounts)
        return next((found for found in doubts if found is not None), None)


def doubt_of(search: DoubtSearch, known: Sequence[Found]) -> Doubt | Incomplete | None:
    """Return a doubt about someone, besides the known findings, who may have access."""
    allow_search, principals = search.allow_search, search.allow_search.allow.statement.principals
    kinds = {found.kind for found in known}
    if allow_search.admits_anyone and Kind.ANY not in kinds and not allow_search.leaves_nobody:
        found = search.doubt(known)
        if found is not None:
            return found
    if search.entries and not (principals.negated or search.is_hopeless):
        accounts = {found.grantee for found in known if found.kind is Kind.ACCOUNT}
        for match in search.entries:
            found = None if match.account in accounts else search.named_doubt(match)
            if found is not None:
                return found
    for principal_types in _unknown_types(principals) if principals.ids or principals.unknown else ():
        found = search.unknown_doubt(principal_types)
        if found is not None:
            return found
    return _service_doubt(search, principals, known)


def _unknown_types(principals: Principals) -> Iterator[tuple[PrincipalType, ...]]:
    """Yield the types of principals in unknown accounts: sessions of a role, or a user and its federated sessions."""
    if principals.negated:
        return
    for one in principals.ids:
        yield (PrincipalType.ROLE,) if one.id.startswith("AROA") else (PrincipalType.USER, PrincipalType.FEDERATED)
    if principals.unknown:
        yield (PrincipalType.ROLE, PrincipalType.USER, PrincipalType.FEDERATED, PrincipalType.ROOT)


def _service_doubt(search: DoubtSearch, principals: Principals, known: Sequence[Found]) -> Doubt | Incomplete | None:
    names = search.allow_search.services
    if names is not None and not (names or principals.unknown_services):
        return None
    acting = {found.tried[0] for found in known if found.kind is Kind.SERVICE}
    if names is None and (acting or any(found.public for found in known)):
        return None  # if everyone has access, access through a service adds nothing
    if names is not None:
        names = [name for name in names if name not in acting]
    if principals.unknown_services:
        names = None
    if names is None or names:
        return most_telling(one for one in search.services(names) if not isinstance(one, Found))
    return None
