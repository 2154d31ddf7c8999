"""An Allow, and the ways in which its Principal lets the principals of an account in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...policy.document import Effect, Statement
from ...policy.principals import Form, Named, Principals
from ..by_identity import by_identity
from ..conditions.clause import Clause, Roles, clause, identity
from ..context.request import NetworkPath, PrincipalType, TrustedIdentities

ALL_TYPES = (PrincipalType.ROLE, PrincipalType.USER, PrincipalType.FEDERATED, PrincipalType.ROOT)
DIRECT = NetworkPath()
Membership = tuple[str | None, bool]
"""An organization, or None, and whether its root and units are ones that no policy names."""
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
    """An Allow, ready for searching; `perhaps` holds the actions that it allows if its holes are filled so."""

    statement: Statement
    clauses: tuple[Clause, ...]
    actions: int
    perhaps: int


@by_identity
class PrincipalMatch:
    """One way for AWS principals of an account to match the Allow's Principal; `besides` must not hold of a request."""

    account: str
    principal_types: tuple[PrincipalType, ...]
    clauses: tuple[Clause, ...] = ()
    session: str | None = None
    besides: tuple[Clause, ...] = ()


def principal_matches(entry: Named, roles: Roles) -> Iterator[PrincipalMatch]:
    """The ways in for one named principal: a user lets his federated sessions in as well."""
    session = entry.source if entry.form is Form.SESSION else None
    clauses = tuple([clause(condition, Effect.ALLOW) for condition in identity(entry, roles)])
    yield PrincipalMatch(entry.account, TYPES_OF[entry.form], clauses, session)
    if entry.form is Form.USER:
        yield PrincipalMatch(entry.account, (PrincipalType.FEDERATED,))


def taken(trusted: Iterable[TrustedIdentities], named: Iterable[Named]) -> frozenset[str]:
    """Return the accounts and organizations that are not "someone else": those inside, and those that are named."""
    found = {entry.account for entry in named}
    for one in trusted:
        found.update(one.accounts, one.organizations, [path.partition("/")[0] for path in one.paths])
    return frozenset(found)


def admits_anyone(principals: Principals) -> bool:
    """Whether an Allow lets in principals of accounts that it does not name."""
    return principals.everyone or principals.any_aws or principals.negated


def leaves_nobody(principals: Principals) -> bool:
    """Whether an Allow leaves all AWS principals out."""
    return principals.negated and (principals.everyone or principals.any_aws)


def services_of(principals: Principals) -> Sequence[str] | None:
    """The services that an Allow names; None for any."""
    if principals.negated:
        return () if principals.everyone else None
    return None if principals.everyone or principals.any_aws else principals.services
