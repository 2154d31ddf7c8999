"""An Allow, and the ways in which its Principal includes the principals of an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...documents.document import Effect, Statement
from ...documents.principals import Form, Named, Principals
from ...memo import by_identity
from ..conditions.clause import Clause, Roles, clause, identity
from ..context.request import NetworkPath, PrincipalType, TrustedIdentities

ALL_TYPES = (PrincipalType.ROLE, PrincipalType.USER, PrincipalType.FEDERATED, PrincipalType.ROOT)
DIRECT = NetworkPath()
Membership = tuple[str | None, bool]
"""An organization or None, and whether its root and units are ones that no policy names."""
ALONE: Membership = (None, True)
"""In no organization."""

TYPES_OF = {
    Form.ACCOUNT: ALL_TYPES,
    Form.ROLE: (PrincipalType.ROLE,),
    Form.SESSION: (PrincipalType.ROLE,),
    Form.USER: (PrincipalType.USER,),
    Form.FEDERATED: (PrincipalType.FEDERATED,),
}


@by_identity
class Allow:
    """An Allow, prepared for the search. `perhaps` has the actions that it may allow, depending on its holes."""

    statement: Statement
    clauses: tuple[Clause, ...]
    actions: int
    perhaps: int


@by_identity
class PrincipalMatch:
    """One way for AWS principals of an account to match the Allow's Principal.

    `besides` must not be true of a request.
    """

    account: str
    principal_types: tuple[PrincipalType, ...]
    clauses: tuple[Clause, ...] = ()
    session: str | None = None
    besides: tuple[Clause, ...] = ()


def principal_matches(entry: Named, roles: Roles) -> Iterator[PrincipalMatch]:
    """Yield the matches for one named principal. A user includes its federated sessions."""
    session = entry.source if entry.form is Form.SESSION else None
    clauses = tuple([clause(condition, Effect.ALLOW) for condition in identity(entry, roles)])
    yield PrincipalMatch(entry.account, TYPES_OF[entry.form], clauses, session)
    if entry.form is Form.USER:
        yield PrincipalMatch(entry.account, (PrincipalType.FEDERATED,))


def taken(trusted: Iterable[TrustedIdentities], named: Iterable[Named]) -> frozenset[str]:
    """Return the accounts and organizations that are not "someone else": those inside, and those named."""
    found = {entry.account for entry in named}
    for one in trusted:
        found.update(one.accounts, one.organizations, [path.partition("/")[0] for path in one.paths])
    return frozenset(found)


def admits_anyone(principals: Principals) -> bool:
    """Return whether an Allow includes principals of accounts that it does not name."""
    return principals.everyone or principals.any_aws or principals.negated


def leaves_nobody(principals: Principals) -> bool:
    """Return whether an Allow excludes all AWS principals."""
    return principals.negated and (principals.everyone or principals.any_aws)


def services_of(principals: Principals) -> Sequence[str] | None:
    """Return the services that an Allow names, or None for any service."""
    if principals.negated:
        return () if principals.everyone else None
    return None if principals.everyone or principals.any_aws else principals.services
