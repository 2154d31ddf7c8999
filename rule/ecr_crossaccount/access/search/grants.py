"""Whom an Allow certainly lets in: a witness for each."""

from __future__ import annotations

from collections.abc import Iterator

from ...policy.principals import Principals
from ..conditions.operators import Mode
from ..context.request import SOME_ACCOUNT, SOME_ORGANIZATION
from ..verdict import Kind, Witness
from .candidates import CALLERS, FRESH_ACCOUNT, FRESH_ORGANIZATION
from .findings import ANY_ACCOUNT, FROM_NETWORK, Found
from .principal_match import PrincipalMatch, admits_anyone, nobody_left, services_of
from .search import Search


class GrantSearch(Search):
    """The search for those outside who get in for certain."""

    mode = Mode.MUST

    def public(self) -> Found | None:
        """Someone of a fresh account that the policy does not name, if need be from a network that it names."""
        anybody, anywhere = self._allow_search.anybody(FRESH_ACCOUNT), self._allow_search.from_anywhere
        for match in (anybody,) if anywhere is None else (anywhere, anybody):
            found = self.enter(match, self._callers.fresh_memberships)
            if isinstance(found, Witness):
                grantee = FROM_NETWORK if anywhere is not None and match is anybody else ANY_ACCOUNT
                return Found(Kind.ANY, grantee, (FRESH_ACCOUNT, None), found)
        return None

    def organizations(self) -> Iterator[Found]:
        """Fresh accounts of organizations that the policy tells apart."""
        if not self._allow_search.mentions(CALLERS.organizations):
            return
        for organization in [*self._callers.organizations, FRESH_ORGANIZATION]:
            found = self.enter(self._allow_search.anybody(FRESH_ACCOUNT), ((organization, False),))
            if isinstance(found, Witness):
                name = organization
                if organization in (FRESH_ORGANIZATION, SOME_ORGANIZATION):
                    name = f"an organization such as {found.context.get('aws:PrincipalOrgID')}"
                yield Found(Kind.ORGANIZATION, name, (FRESH_ACCOUNT, organization), found)

    def accounts(self) -> Iterator[Found]:
        """Accounts that the policy tells apart, under a wildcard principal."""
        if self._allow_search.mentions(CALLERS.accounts):
            for account in self._callers.accounts:
                yield from self.named(self._allow_search.anybody(account))

    def named(self, match: PrincipalMatch) -> Iterator[Found]:
        """The account of a principal that is outside."""
        found = self.enter(match, self._callers.memberships)
        if isinstance(found, Witness):
            account = match.account
            if account == SOME_ACCOUNT:
                account = str(found.context["aws:PrincipalAccount"])
            yield Found(Kind.ACCOUNT, account, (match.account, None), found)


def findings_of(search: GrantSearch, principals: Principals) -> Iterator[Found]:
    """Those outside who certainly get in by an Allow, the most public first."""
    if admits_anyone(principals):
        public = None if nobody_left(principals) else search.public()
        if public is not None:
            yield public
        elif not (nobody_left(principals) or search.is_hopeless):
            yield from search.organizations()
            yield from search.accounts()
    if not principals.negated:
        for match in () if search.is_hopeless else search.entries:
            yield from search.named(match)
    names = services_of(principals)
    if names is None or names:
        yield from (found for found in search.services(names) if isinstance(found, Found))
